namespace Gatehouse.Pki.Keys;

/// <summary>A private key cannot be read. Never leaves this assembly; the message completes "The … key file …" and holds no key material.</summary>
internal sealed class PrivateKeyException : Exception
{
    public PrivateKeyException()
    {
    }

    public PrivateKeyException(string message)
        : base(message)
    {
    }

    public PrivateKeyException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
