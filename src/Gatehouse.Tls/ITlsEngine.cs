using Microsoft.AspNetCore.Connections;

namespace Gatehouse.Tls;

/// <summary>
/// Ends TLS on one accepted connection: reads the ClientHello, asks the gate which target it is for, runs the handshake with that
/// target's server certificate, and lets the gate judge what the client presented. Engines differ in cost, never in what they admit.
/// </summary>
public interface ITlsEngine
{
    /// <summary>As <c>agent.tls.engine</c> calls it, for example <c>sslstream</c>.</summary>
    string Name { get; }

    /// <summary>What it runs on, for the person who starts the server.</summary>
    string Details { get; }

    /// <summary>Runs the handshake on <see cref="ConnectionContext.Transport"/>.</summary>
    /// <param name="connection">The accepted connection; its transport carries ciphertext.</param>
    /// <param name="gate">Decides; called on this connection's flow only.</param>
    /// <param name="cancellationToken">The handshake's time limit and the connection's end.</param>
    /// <returns>The connection with its plaintext transport, accepted or refused by the gate.</returns>
    /// <exception cref="UnknownServerNameException">The gate knows no target for the name; the alert was sent.</exception>
    /// <exception cref="TlsHandshakeException">The handshake failed.</exception>
    /// <exception cref="OperationCanceledException">The time limit passed.</exception>
    Task<TlsConnection> AuthenticateAsync(ConnectionContext connection, IHandshakeGate gate, CancellationToken cancellationToken);
}
