namespace Gatehouse.Manifests.Upgraders;

/// <summary>What an upgrader's <c>config.yaml</c> says (manager sheet §7.1).</summary>
public sealed record UpgraderSettings
{
    /// <summary>Say what would be done, and let the cluster check it, but change nothing. Default false.</summary>
    public bool DryRun { get; init; }

    /// <summary>The Deployment to look after.</summary>
    public required string WorkloadName { get; init; }

    /// <summary>Its namespace; null: the upgrader's own.</summary>
    public string? Namespace { get; init; }

    /// <summary>The container in it that runs the delegate. Default <c>delegate</c>.</summary>
    public required string ContainerName { get; init; }

    /// <summary>The client certificate's file; null: none is shown. Set together with <see cref="ClientCertificateKeyFilePath"/> or not at all.</summary>
    public string? ClientCertificateFilePath { get; init; }

    /// <summary>Its key's file.</summary>
    public string? ClientCertificateKeyFilePath { get; init; }

    /// <summary>The registry that images are pulled from in place of their own, with a path or without, no scheme and no slash at its end; null: their own.</summary>
    public string? RegistryMirror { get; init; }

    /// <summary>The account.</summary>
    public required string AccountId { get; init; }

    /// <summary>The manager's address, <c>https://customer1.agent.example.io</c>; with a scheme.</summary>
    public required string ManagerHost { get; init; }

    /// <summary>The proxy's host; null: no proxy is named here.</summary>
    public string? ProxyHost { get; init; }

    /// <summary><c>http</c> or <c>https</c>. Default <c>http</c>.</summary>
    public required string ProxyScheme { get; init; }

    /// <summary>The proxy's port, 1 to 65535. Default 8080, with https 443.</summary>
    public required int ProxyPort { get; init; }

    /// <summary>The proxy's user; null: none.</summary>
    public string? ProxyUser { get; init; }

    /// <summary>The proxy's password; null: none. Secret.</summary>
    public string? ProxyPassword { get; init; }

    /// <summary>Reads <c>config.yaml</c>.</summary>
    /// <param name="text">The document.</param>
    public static UpgraderReading Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return UpgraderSettingsReader.Read(text);
    }
}

/// <summary>What reading a <c>config.yaml</c> came to.</summary>
/// <param name="Settings">The settings; null when there are problems.</param>
/// <param name="Problems">Everything that is wrong, as sentences with the way out.</param>
/// <param name="Warnings">What was left out of account or stands in another place than usual, as sentences.</param>
public sealed record UpgraderReading(UpgraderSettings? Settings, IReadOnlyList<string> Problems, IReadOnlyList<string> Warnings);
