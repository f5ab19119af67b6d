using Gatehouse.Contracts;
using Gatehouse.Tls;

namespace Gatehouse.Gateway;

/// <summary>What a server name of the agent listener stands for: an account's endpoint, or a shared host (then <see cref="Endpoint"/> is null).</summary>
internal sealed class AgentTarget(string host, EndpointSnapshot? endpoint) : HandshakeTarget
{
    /// <summary>Shared hosts never ask for a client certificate.</summary>
    public override bool RequestClientCertificate => Endpoint is not null;

    public override bool RequireClientCertificate => Endpoint is { } endpoint && !Admission.Decide(endpoint.Rule, null, endpoint.AccountId).IsAccepted;

    public override ReadOnlyMemory<byte> SessionContext => Endpoint?.SessionContext ?? s_sharedHosts;

    public override string SessionOwner => Endpoint?.AccountId ?? "";

    // One context for all shared hosts: nobody is known by a certificate there.
    private static readonly byte[] s_sharedHosts = EndpointSnapshot.SessionContextOf("shared host", 0);

    /// <summary>The name as normalized from the ClientHello.</summary>
    public string Host { get; } = host;

    /// <summary>The endpoint as it was when the ClientHello was read.</summary>
    public EndpointSnapshot? Endpoint { get; } = endpoint;
}
