using System.IO.Pipelines;
using System.Security.Authentication;

namespace Gatehouse.Tls;

/// <summary>A connection after its handshake. Disposing it ends TLS in order (close_notify) where the peer still listens.</summary>
public abstract class TlsConnection : IAsyncDisposable
{
    /// <summary>Plaintext.</summary>
    public abstract IDuplexPipe Transport { get; }

    /// <summary>The name in the ClientHello, as sent.</summary>
    public required string ServerName { get; init; }

    /// <summary>What the gate made of the name.</summary>
    public required HandshakeTarget Target { get; init; }

    /// <summary>What the client presented.</summary>
    public required PresentedChain Chain { get; init; }

    /// <summary>What the gate made of it.</summary>
    public required HandshakeOutcome Outcome { get; init; }

    /// <summary>TLS 1.2 or 1.3.</summary>
    public required SslProtocols Protocol { get; init; }

    /// <summary>ALPN result: <c>h2</c>, <c>http/1.1</c>, or empty when the client offered none.</summary>
    public required ReadOnlyMemory<byte> ApplicationProtocol { get; init; }

    /// <summary>A session was resumed: the chain is the one presented when it was made, judged again now.</summary>
    public bool IsResumed { get; init; }

    /// <summary>From now on whoever waits for this connection goes on elsewhere than on the thread that serves the sockets: for handlers that may block, or take long. Thread-safe.</summary>
    public virtual void LeaveTransportThread()
    {
    }

    /// <summary>Ends our side in order (close_notify): the peer hears no more of us, and what it still sends can be read. Nothing may be written afterwards.</summary>
    /// <exception cref="IOException">There is nobody to say it to.</exception>
    public abstract ValueTask EndOutputAsync();

    /// <inheritdoc />
    public abstract ValueTask DisposeAsync();
}
