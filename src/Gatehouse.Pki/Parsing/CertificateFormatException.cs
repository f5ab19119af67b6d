namespace Gatehouse.Pki.Parsing;

/// <summary>Bytes are not what RFC 5280 says they must be. Never leaves this assembly. The message completes "the certificate …".</summary>
internal sealed class CertificateFormatException : Exception
{
    public CertificateFormatException()
    {
    }

    public CertificateFormatException(string message)
        : base(message)
    {
    }

    public CertificateFormatException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
