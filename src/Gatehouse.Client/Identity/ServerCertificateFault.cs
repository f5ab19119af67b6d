namespace Gatehouse.Client;

/// <summary>Why a server's certificate is not believed.</summary>
public enum ServerCertificateFault
{
    /// <summary>There is none.</summary>
    Missing,

    /// <summary>It is for another host.</summary>
    OtherName,

    /// <summary>Expired, or not yet valid.</summary>
    OutOfDate,

    /// <summary>No root that is trusted here issued it.</summary>
    NotTrusted,
}
