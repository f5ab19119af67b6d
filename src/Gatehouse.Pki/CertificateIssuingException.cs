namespace Gatehouse.Pki;

/// <summary>A certificate cannot be issued. The message is one or two plain sentences that name the value and the way out, without key material.</summary>
public sealed class CertificateIssuingException : Exception
{
    /// <summary>Makes one without a message.</summary>
    public CertificateIssuingException()
    {
    }

    /// <summary>Makes one that says why.</summary>
    public CertificateIssuingException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one that says why, and keeps the cause.</summary>
    public CertificateIssuingException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
