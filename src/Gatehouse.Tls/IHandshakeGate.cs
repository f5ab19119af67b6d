namespace Gatehouse.Tls;

/// <summary>The two decisions of a handshake, made by the gateway.</summary>
public interface IHandshakeGate
{
    /// <summary>What to present to the client: the certificate in force when the connection was accepted.</summary>
    ServerIdentity Identity { get; }

    /// <summary>The target that a ClientHello's server name stands for; null when it is not served here. Asked once a handshake, however many ClientHellos it has.</summary>
    /// <param name="serverName">As the client sent it; null when it sent none.</param>
    HandshakeTarget? Identify(string? serverName);

    /// <summary>
    /// Why <see cref="Identify"/> returned null: true when the name is served, but not to this client now. Then nothing is said about the name, and
    /// what is said goes out when the connection ends: the gate decides how long the client waits for it.
    /// </summary>
    bool TurnsAway => false;

    /// <summary>Judges what the client presented for <paramref name="target"/>. Called when the certificates are there, and for each session that might be resumed; it counts only when the handshake then succeeds, which proves that the client holds the leaf's key. Must not throw.</summary>
    HandshakeOutcome Judge(HandshakeTarget target, PresentedChain chain);
}

/// <summary>What one server name stands for. The gateway derives from it and gets its own object back.</summary>
public abstract class HandshakeTarget
{
    /// <summary>Whether to ask for a client certificate. No CA names are ever sent (threat B14).</summary>
    public abstract bool RequestClientCertificate { get; }

    /// <summary>Whether a client without a certificate is refused; only a hint for engines that refuse with an alert: the judgement is the gate's.</summary>
    public abstract bool RequireClientCertificate { get; }

    /// <summary>16 to 32 bytes that stand for this target at this generation of its trust: a session resumes in the same context or not at all (threats A1, A2).</summary>
    public abstract ReadOnlyMemory<byte> SessionContext { get; }

    /// <summary>Whose share of the session cache a session counts against.</summary>
    public abstract string SessionOwner { get; }
}

/// <summary>The gate's judgement. The gateway derives from it and gets its own object back.</summary>
public abstract class HandshakeOutcome
{
    /// <summary>False when the client is to be turned away.</summary>
    public abstract bool IsAccepted { get; }

    /// <summary>What to say when the refusal ends the handshake.</summary>
    public abstract TlsAlert Alert { get; }
}
