namespace Gatehouse.Client;

/// <summary>Why no answer came.</summary>
public enum ConnectionFaultKind
{
    /// <summary>The host name has no address.</summary>
    NameNotFound,

    /// <summary>Nothing listens there, or no route leads there.</summary>
    NotReachable,

    /// <summary>No answer within the limit.</summary>
    TimedOut,

    /// <summary>The server's certificate is not trusted, expired, or for another name.</summary>
    ServerNotTrusted,

    /// <summary>The connection was made and then closed before the first byte of an answer.</summary>
    ClosedBeforeAnswer,

    /// <summary>The TLS handshake failed.</summary>
    Tls,

    /// <summary>The proxy did not let the connection through.</summary>
    Proxy,

    /// <summary>The answer began and broke off, or was not HTTP.</summary>
    Interrupted,
}

/// <summary>No answer came. <see cref="Exception.Message"/> is a plain sentence that names the address; no secrets.</summary>
public sealed class ConnectionFailedException : IOException
{
    /// <summary>Makes one; <see cref="ConnectionFaults"/> knows how to word it.</summary>
    public ConnectionFailedException(ConnectionFaultKind kind, string message, string nextStep, Exception? cause)
        : base(message, cause)
    {
        Kind = kind;
        NextStep = nextStep;
    }

    /// <summary>What kind of failure.</summary>
    public ConnectionFaultKind Kind { get; }

    /// <summary>What to do about it.</summary>
    public string NextStep { get; }

    /// <summary>True when it looks as if the server is only away for a moment (a restart): worth trying again within seconds.</summary>
    public bool IsServerAway => Kind is ConnectionFaultKind.NotReachable or ConnectionFaultKind.ClosedBeforeAnswer or ConnectionFaultKind.Interrupted;
}
