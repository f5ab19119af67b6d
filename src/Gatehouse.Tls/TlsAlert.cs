namespace Gatehouse.Tls;

/// <summary>Fatal alerts that the gate chooses (RFC 8446 §6); the values are the wire's.</summary>
public enum TlsAlert
{
    /// <summary>Damaged, or refused for a reason that has no alert of its own.</summary>
    BadCertificate = 42,

    /// <summary>Not made for this: purpose, or an issuer that is no CA.</summary>
    UnsupportedCertificate = 43,

    /// <summary>On a CRL, or denied.</summary>
    CertificateRevoked = 44,

    /// <summary>Expired, or not yet valid.</summary>
    CertificateExpired = 45,

    /// <summary>Against the protocol.</summary>
    IllegalParameter = 47,

    /// <summary>Not issued by a CA of the account.</summary>
    UnknownCa = 48,

    /// <summary>Something went wrong here.</summary>
    InternalError = 80,

    /// <summary>The name is not served here.</summary>
    UnrecognizedName = 112,

    /// <summary>No certificate was sent where one must be; TLS 1.2 knows it as handshake_failure.</summary>
    CertificateRequired = 116,
}

/// <summary>How a refused client is turned away.</summary>
public enum RefusalForm
{
    /// <summary>The handshake ends well, and the first request is answered with the reason.</summary>
    Explain,

    /// <summary>The handshake fails with the alert that fits.</summary>
    Alert,
}
