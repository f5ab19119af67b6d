namespace Gatehouse.Client;

/// <summary>How connections to a gateway are made.</summary>
public sealed record AgentHttpOptions
{
    /// <summary>The client certificate; null for none.</summary>
    public ClientIdentity? Identity { get; init; }

    /// <summary>Which servers are believed.</summary>
    public ServerTrust Trust { get; init; } = ServerTrust.SystemOnly;

    /// <summary>The way out; null for direct connections, whatever the environment says.</summary>
    public OutboundProxy? Proxy { get; init; }

    /// <summary>Limit for TCP and TLS together, 1 s or more.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);
}
