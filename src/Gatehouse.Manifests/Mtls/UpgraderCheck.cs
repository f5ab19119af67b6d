using Gatehouse.Manifests.Kubernetes;

namespace Gatehouse.Manifests.Mtls;

/// <summary>The upgrader's configuration.</summary>
internal sealed class UpgraderCheck(UpgraderConfiguration configuration, CheckOptions options, List<ManifestFinding> findings)
{
    private const string Enable = "'gatehouse manifest enable-mtls' puts it right.";

    public void Run()
    {
        var root = configuration.Root();
        var host = UpgraderConfiguration.HostMap(root).Scalar(Names.ManagerHost);
        if (host is null)
        {
            Add("upgrader_manager_missing", $"'{Names.ManagerHost}' is not set.");
        }
        else if (Address.Fault(host, trailingSlash: false) is var (suffix, message))
        {
            Add($"upgrader_manager_{suffix}", $"'{Names.ManagerHost}' is '{host}': {message}");
        }
        else if (options.Endpoint is { } endpoint && !string.Equals(host, endpoint.ManagerHost, StringComparison.OrdinalIgnoreCase))
        {
            Add("upgrader_manager_other", $"'{Names.ManagerHost}' is '{host}' and not '{endpoint.ManagerHost}'.");
        }

        foreach (var key in (string[])[Names.CertificateFile, Names.KeyFile])
        {
            if (root.Scalar(key) is null)
            {
                Add("upgrader_key_missing", UpgraderConfiguration.HostMap(root).Find(key) is null
                    ? $"'{key}' is not set: the upgrader shows no certificate."
                    : $"'{key}' is in 'delegateConfig', where the upgrader does not look for it: it belongs beside 'mode'.");
            }
        }
    }

    private void Add(string code, string message) => findings.Add(new ManifestFinding(code, true, configuration.Title, message, Enable));
}
