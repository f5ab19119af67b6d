namespace Gatehouse.Client;

/// <summary>How connections to a gateway are made.</summary>
public sealed record AgentHttpOptions
{
    /// <summary>The client certificate and, where it watches a folder of them, the server roots; null for none.</summary>
    public ClientIdentity? Identity { get; init; }

    /// <summary>Which servers are believed, unless <see cref="Identity"/> watches a folder of roots.</summary>
    public ServerTrust Trust { get; init; } = ServerTrust.SystemOnly;

    /// <summary>The way out; null for direct connections, whatever the environment says.</summary>
    public OutboundProxy? Proxy { get; init; }

    /// <summary>Limit for TCP and TLS together, 1 s or more.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>What a connection that is made now is made with: one read, so that certificate and roots are of one unit.</summary>
    internal ConnectionMaterial Material => Identity?.Material is not { } material ? new ConnectionMaterial(null, Trust)
        : Identity.Files.RootsDirectory is null ? material with { Trust = Trust }
        : material;
}
