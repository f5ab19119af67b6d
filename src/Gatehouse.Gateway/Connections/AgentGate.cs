using Gatehouse.Tls;

namespace Gatehouse.Gateway;

/// <summary>The gateway's two decisions for one handshake.</summary>
internal sealed class AgentGate(AgentDirectory directory, ServerIdentity identity, TimeProvider time, string remoteAddress, HandshakeSlot slot) : IHandshakeGate
{
    public ServerIdentity Identity => identity;

    public HandshakeTarget? Identify(string? serverName) =>
        HostName.Normalize(serverName) is { } host && directory.TryFind(host, out var endpoint) && slot.TryAdmit(endpoint, host, remoteAddress)
            ? new AgentTarget(host, endpoint)
            : null;

    public bool TurnsAway => slot.TurnedAway is not null;

    public HandshakeOutcome Judge(HandshakeTarget target, PresentedChain chain)
    {
        var agent = (AgentTarget)target;
        return ConnectionJudge.Judge(agent.Endpoint, agent.Host, chain, time.GetUtcNow(), remoteAddress);
    }
}
