namespace Gatehouse.Tls;

/// <summary>The two decisions of a handshake, made by the gateway.</summary>
public interface IHandshakeGate
{
    /// <summary>The target that a ClientHello's server name stands for; null when it is not served here.</summary>
    /// <param name="serverName">As the client sent it; null when it sent none.</param>
    HandshakeTarget? Identify(string? serverName);

    /// <summary>Judges what the client presented for <paramref name="target"/>. Called once a handshake, after the client proved that it holds the leaf's key. Must not throw.</summary>
    HandshakeOutcome Judge(HandshakeTarget target, PresentedChain chain);
}

/// <summary>What one server name stands for. The gateway derives from it and gets its own object back.</summary>
public abstract class HandshakeTarget
{
    /// <summary>What to present to the client.</summary>
    public abstract ServerIdentity Identity { get; }

    /// <summary>Whether to ask for a client certificate. No CA names are ever sent (threat B14).</summary>
    public abstract bool RequestClientCertificate { get; }
}

/// <summary>The gate's judgement. The gateway derives from it and gets its own object back.</summary>
public abstract class HandshakeOutcome
{
    /// <summary>False when the client is to be turned away.</summary>
    public abstract bool IsAccepted { get; }
}
