namespace Gatehouse.Gateway;

/// <summary>Finds who a normalized name belongs to. The same look-up serves SNI and Host, so that the two cannot be told apart by spelling.</summary>
internal sealed class AgentDirectory(TrustIndex index, GatewayOptions options)
{
    private readonly HashSet<string> _sharedHosts = new(options.SharedHosts, StringComparer.Ordinal);

    /// <summary>The port that clients dial, where the operator says which; null: the one they name.</summary>
    public int? PublicPort { get; } = options.PublicPort;

    /// <summary>True when the name is served; <paramref name="endpoint"/> is null for a shared host.</summary>
    public bool TryFind(string normalizedHost, out EndpointSnapshot? endpoint)
    {
        var name = HostName.WithoutServicePrefix(normalizedHost);
        if (index.Current.ByHost.TryGetValue(name, out endpoint))
            return true;
        endpoint = null;
        return _sharedHosts.Contains(name);
    }
}
