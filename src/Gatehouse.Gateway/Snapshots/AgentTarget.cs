using Gatehouse.Tls;

namespace Gatehouse.Gateway;

/// <summary>What a server name of the agent listener stands for: an account's endpoint, or a shared host (then <see cref="Endpoint"/> is null).</summary>
internal sealed class AgentTarget(ServerIdentity identity, string host, EndpointSnapshot? endpoint) : HandshakeTarget
{
    public override ServerIdentity Identity { get; } = identity;

    /// <summary>Shared hosts never ask for a client certificate.</summary>
    public override bool RequestClientCertificate => Endpoint is not null;

    /// <summary>The name as normalized from the ClientHello.</summary>
    public string Host { get; } = host;

    /// <summary>The endpoint as it was when the ClientHello was read.</summary>
    public EndpointSnapshot? Endpoint { get; } = endpoint;
}
