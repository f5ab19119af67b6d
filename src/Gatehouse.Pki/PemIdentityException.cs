namespace Gatehouse.Pki;

/// <summary>Certificate and key of a client cannot be used. The message is one or two plain sentences without key material.</summary>
public sealed class PemIdentityException : Exception
{
    /// <summary>Makes one without a message.</summary>
    public PemIdentityException()
    {
    }

    /// <summary>Makes one that says why.</summary>
    public PemIdentityException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one that says why, and keeps the cause.</summary>
    public PemIdentityException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
