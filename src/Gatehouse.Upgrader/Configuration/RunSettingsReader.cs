using System.Text.RegularExpressions;
using Gatehouse.Client;
using Gatehouse.Manifests.Upgraders;
using Gatehouse.Upgrader.Kubernetes;

namespace Gatehouse.Upgrader;

/// <summary>Reads configuration, environment and files into <see cref="RunSettings"/>, or into all that is wrong with them at once. No secret is part of a sentence.</summary>
internal sealed partial class RunSettingsReader(Arguments arguments, Func<string, string?> variable)
{
    private const int MaxConfigBytes = 1024 * 1024;
    private const string CaFolder = "UPGRADER_CA_BUNDLE_DIR";

    private readonly List<string> _problems = [];

    public IReadOnlyList<string> Problems => _problems;

    public List<string> Warnings { get; } = [];

    /// <summary>Reads.</summary>
    /// <returns>Null when there are <see cref="Problems"/>.</returns>
    public RunSettings? Read(TimeProvider time)
    {
        var upgrader = Config();
        var token = Token();
        var cluster = ClusterAccess.Read(arguments.ServiceAccount, variable, _problems);
        ManagerAddress? manager = null;
        if (upgrader is not null && !ManagerAddress.TryParse(upgrader.ManagerHost, out manager, out var problem))
        {
            _problems.Add($"{arguments.Config}: 'managerHost' {problem}.");
        }

        var identity = upgrader is null ? null : Identity(upgrader, time);
        var proxy = upgrader is null || manager is null ? null : Proxy(upgrader, manager);
        if (_problems.Count > 0)
        {
            return null;
        }

        return new RunSettings
        {
            Upgrader = upgrader!,
            Cluster = cluster!,
            Manager = manager!,
            Token = token!,
            Identity = identity,
            Trust = ServerTrust.Load(Set(CaFolder) ?? "/ca-bundle", Warnings.Add, CaFolder),
            Proxy = proxy,
            DryRun = arguments.DryRun || upgrader!.DryRun,
            CronJob = arguments.CronJob ?? OwnCronJob(Set("HOSTNAME")),
            AllowedImages = arguments.AllowedImages,
            HostName = Set("HOSTNAME") ?? "upgrader",
        };
    }

    private UpgraderSettings? Config()
    {
        string text;
        try
        {
            if (Directory.Exists(arguments.Config))
            {
                _problems.Add($"{arguments.Config} is a folder, and must be the file. A mount makes one when the ConfigMap has no such key, or the file to mount does not exist. Mount the upgrader's ConfigMap so that the file is there, or name it with --config.");
                return null;
            }

            if (new FileInfo(arguments.Config).Length > MaxConfigBytes)
            {
                _problems.Add($"{arguments.Config} is larger than 1 MiB.");
                return null;
            }

            text = File.ReadAllText(arguments.Config);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _problems.Add($"{arguments.Config} cannot be read ({e.Message.TrimEnd('.')}). Mount the upgrader's ConfigMap there, or name the file with --config.");
            return null;
        }

        var reading = UpgraderSettings.Read(text);
        _problems.AddRange(reading.Problems.Select(one => $"{arguments.Config}: {one}"));
        Warnings.AddRange(reading.Warnings.Select(one => $"{arguments.Config}: {one}"));
        return reading.Settings;
    }

    private DelegateToken? Token()
    {
        const string Name = "UPGRADER_TOKEN";
        if (Set(Name) is not { } text)
        {
            _problems.Add($"{Name} is not set: it must be a delegate token of the account. Give the container the Secret with envFrom.");
            return null;
        }

        if (!DelegateToken.TryParse(text, out var token))
        {
            _problems.Add($"{Name} is not a delegate token: it must be 32 hex digits, or base64 of them ({text.Length} characters were given).");
        }

        return token;
    }

    private ClientIdentity? Identity(UpgraderSettings upgrader, TimeProvider time)
    {
        if (upgrader.ClientCertificateFilePath is null)
        {
            return null;
        }

        try
        {
            var identity = ClientIdentity.Load(upgrader.ClientCertificateFilePath, upgrader.ClientCertificateKeyFilePath!, time);
            Warnings.AddRange(identity.Current.Warnings(time.GetUtcNow()));
            return identity;
        }
        catch (ClientIdentityException e)
        {
            _problems.Add(e.Message);
            return null;
        }
    }

    /// <summary>The one of the configuration, else of the environment. <c>NO_PROXY</c> counts for both.</summary>
    private OutboundProxy? Proxy(UpgraderSettings upgrader, ManagerAddress manager)
    {
        var bypass = new ProxyBypass(Set("NO_PROXY") ?? Set("no_proxy"));
        if (upgrader.ProxyHost is { } host)
        {
            return new OutboundProxy(OutboundProxy.AddressOf(upgrader.ProxyScheme, host, upgrader.ProxyPort, upgrader.ProxyUser, upgrader.ProxyPassword), bypass);
        }

        foreach (var name in manager.IsTls ? new[] { "HTTPS_PROXY", "https_proxy" } : ["HTTP_PROXY", "http_proxy"])
        {
            if (Set(name) is not { } text)
            {
                continue;
            }

            if (OutboundProxy.TryParseAddress(text, out var address))
            {
                return new OutboundProxy(address, bypass);
            }

            _problems.Add($"{name} is not an address such as http://proxy.example:3128.");
        }

        return null;
    }

    /// <summary>A pod of a CronJob is called after it: its name, the time in minutes, five letters (all of it cut to 63 in the host name).</summary>
    private static string? OwnCronJob(string? hostName) => hostName is not null && PodOfCronJob().Match(hostName) is { Success: true } match ? match.Groups[1].Value : null;

    private string? Set(string name) => variable(name) is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;

    [GeneratedRegex("^([a-z0-9]([a-z0-9.-]{0,50}[a-z0-9])?)-[0-9]{8,10}(-[a-z0-9]{0,5})?$")]
    private static partial Regex PodOfCronJob();
}
