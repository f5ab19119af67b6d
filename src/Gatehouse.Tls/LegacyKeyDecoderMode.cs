namespace Gatehouse.Tls;

/// <summary>Whether the libssl engine uses OpenSSL's older key decoder: much quicker, process-wide, by a deprecated interface.</summary>
public enum LegacyKeyDecoderMode
{
    /// <summary>Never.</summary>
    Off,

    /// <summary>When the check at start finds that nothing comes out differently, and sooner.</summary>
    Auto,

    /// <summary>As Auto, and the server does not start when the check fails.</summary>
    On,
}
