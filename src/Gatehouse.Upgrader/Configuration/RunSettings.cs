using Gatehouse.Client;
using Gatehouse.Manifests.Upgraders;
using Gatehouse.Upgrader.Kubernetes;

namespace Gatehouse.Upgrader;

/// <summary>Everything a run needs, read and checked before anything is asked.</summary>
internal sealed record RunSettings
{
    public required UpgraderSettings Upgrader { get; init; }

    public required ClusterAccess Cluster { get; init; }

    public required ManagerAddress Manager { get; init; }

    public required DelegateToken Token { get; init; }

    public ClientIdentity? Identity { get; init; }

    public required ServerTrust Trust { get; init; }

    public OutboundProxy? Proxy { get; init; }

    public required bool DryRun { get; init; }

    /// <summary>The CronJob that runs this; null when it is not known.</summary>
    public string? CronJob { get; init; }

    public required IReadOnlyList<string> AllowedImages { get; init; }

    /// <summary>Who asks, in the credential.</summary>
    public required string HostName { get; init; }

    public string Namespace => Upgrader.Namespace ?? Cluster.Namespace;
}
