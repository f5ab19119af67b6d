namespace Gatehouse.Tls;

/// <summary>A handshake that did not succeed; the message is for operators.</summary>
public class TlsHandshakeException : Exception
{
    /// <summary>Creates it with a message and, where there is one, its cause.</summary>
    public TlsHandshakeException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

/// <summary>The ClientHello's server name is missing or not served here; the client was sent the alert <c>unrecognized_name</c> (RFC 6066 §3).</summary>
public sealed class UnknownServerNameException(string? serverName)
    : TlsHandshakeException("The server name is not served here.")
{
    /// <summary>As the client sent it; null when it sent none.</summary>
    public string? ServerName { get; } = serverName;
}
