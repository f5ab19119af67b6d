using Gatehouse.Client;

namespace Gatehouse.Delegate;

/// <summary>What the environment says (protocol sheet §8.1), checked. Names are in <see cref="SettingsReader"/>.</summary>
internal sealed record DelegateSettings
{
    public required string AccountId { get; init; }

    /// <summary>Secret.</summary>
    public required DelegateToken Token { get; init; }

    public required string Name { get; init; }

    public required string HostName { get; init; }

    public required string Type { get; init; }

    public required bool NextGen { get; init; }

    public required ManagerAddress Manager { get; init; }

    /// <summary>The log service and the TI service.</summary>
    public required ServiceAddresses Services { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    public string? Description { get; init; }

    public string? GroupName { get; init; }

    public string? OrgIdentifier { get; init; }

    public string? ProjectIdentifier { get; init; }

    /// <summary>Both or none.</summary>
    public string? CertificatePath { get; init; }

    public string? CertificateKeyPath { get; init; }

    /// <summary>Every file in it is an extra server root.</summary>
    public required string CaBundleDirectory { get; init; }

    public OutboundProxy? Proxy { get; init; }

    /// <summary>Tasks at once, 1 to 1000.</summary>
    public required int TaskCapacity { get; init; }

    /// <summary>0: any free port.</summary>
    public required int HealthPort { get; init; }

    /// <summary>Where the tasks' folders are made.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>How long running tasks may take to finish after a request to stop.</summary>
    public required TimeSpan StopGrace { get; init; }
}
