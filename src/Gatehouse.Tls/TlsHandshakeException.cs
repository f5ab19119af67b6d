namespace Gatehouse.Tls;

/// <summary>A handshake that did not succeed; the message is for operators.</summary>
public class TlsHandshakeException : Exception
{
    /// <summary>Creates it with a message and, where there is one, its cause.</summary>
    public TlsHandshakeException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>Whom the client wanted, as far as that was known; null before.</summary>
    public HandshakeTarget? Target { get; init; }

    /// <summary>The client's certificates were more than are read at all.</summary>
    public bool SentTooMuchCertificate { get; init; }
}

/// <summary>The gate refused, and the handshake was ended with the outcome's alert.</summary>
public sealed class RefusedInHandshakeException(HandshakeOutcome outcome) : TlsHandshakeException("The client was refused in the handshake.")
{
    /// <summary>The gate's judgement.</summary>
    public HandshakeOutcome Outcome { get; } = outcome;
}

/// <summary>The gate turned the client away at its ClientHello; nothing was sent yet.</summary>
public sealed class TurnedAwayException() : TlsHandshakeException("The client was turned away at its ClientHello.");

/// <summary>The ClientHello's server name is missing or not served here; the client was sent the alert <c>unrecognized_name</c> (RFC 6066 §3).</summary>
public sealed class UnknownServerNameException(string? serverName)
    : TlsHandshakeException("The server name is not served here.")
{
    /// <summary>As the client sent it; null when it sent none.</summary>
    public string? ServerName { get; } = serverName;
}
