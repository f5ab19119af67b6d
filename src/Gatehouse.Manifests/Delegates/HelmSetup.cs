using Gatehouse.Manifests.Kubernetes;
using Gatehouse.Manifests.Mtls;
using Gatehouse.Manifests.Yaml;

namespace Gatehouse.Manifests.Delegates;

/// <summary>
/// Values for the public chart <c>harness-delegate-ng</c> (read at 1.0.32). The chart derives the log service's address from <c>managerEndpoint</c> and sets neither the TI service's nor the gRPC
/// variable, and it knows one pair of names in the Secret: what it leaves out goes into <c>custom_envs</c>.
/// </summary>
public sealed record HelmSetup
{
    /// <summary>What it is started with.</summary>
    public required DelegateSetup Delegate { get; init; }

    /// <summary>The Secret with the pair.</summary>
    public required string SecretName { get; init; }

    /// <summary>A Secret with <c>DELEGATE_TOKEN</c>; null: the chart makes one of a token that is a placeholder here.</summary>
    public string? TokenSecret { get; init; }

    /// <summary>A Secret with <c>UPGRADER_TOKEN</c>; null: as with <see cref="TokenSecret"/>.</summary>
    public string? UpgraderTokenSecret { get; init; }

    /// <summary>A Secret with roots of the server's certificate; null: none.</summary>
    public string? ServerCaSecret { get; init; }

    /// <summary>The values file.</summary>
    /// <exception cref="ManifestException">The image is a legacy one.</exception>
    public Rendered Values()
    {
        if (Delegate.ImageRefusal is { } refusal)
        {
            throw new ManifestException(refusal) { IsRefusal = true };
        }

        var values = Tree.Map(
            ("delegateName", Tree.Text(Delegate.Name)), ("accountId", Tree.Text(Delegate.AccountOrPlaceholder)),
            TokenSecret is null ? ("delegateToken", Tree.Text("<delegate token>")) : ("existingDelegateToken", Tree.Text(TokenSecret)),
            ("managerEndpoint", Tree.Text(Delegate.ManagerOrPlaceholder)), ("delegateDockerImage", Tree.Text(Delegate.ImageOrPlaceholder)),
            ("mTLS", Tree.Map(("secretName", Tree.Text(SecretName)))));
        if (Delegate.Tags is not null)
        {
            Add(values, "tags", Tree.Text(Delegate.Tags));
        }

        Add(values, "custom_envs", Tree.List(Environment().Select(one => Tree.Map(("name", Tree.Text(one.Key)), ("value", Tree.Text(one.Value))))));
        Upgrader(values);
        if (ServerCaSecret is not null)
        {
            Add(values, "delegateCustomCa", Tree.Map(("secretName", Tree.Text(ServerCaSecret))));
            Add(values, "upgraderCustomCa", Tree.Map(("secretName", Tree.Text(ServerCaSecret))));
        }

        var lines = values.Entries.SelectMany(entry => BlockWriter.Entry(entry.Key, entry.Value, 0, new BlockStyle(2, 2, 2)));
        var missing = Delegate.Missing();
        return new Rendered(string.Concat(lines.Select(line => line + "\n")), [.. TokenSecret is null ? missing.Append(new("<delegate token>", "--token-secret")) : missing]);
    }

    private IEnumerable<KeyValuePair<string, string>> Environment()
    {
        var set = new List<KeyValuePair<string, string>>();
        if (!Delegate.OverrideServiceUrls)
        {
            set.Add(new(Names.TiService, Delegate.ManagerOrPlaceholder + "/ti-service/"));
        }

        set.Add(new(Names.GrpcAuthority, "true"));
        if (Delegate.Keys != SecretKeys.Documented)
        {
            // The container's own list wins over the chart's ConfigMap.
            set.Add(new(Names.Certificate, Delegate.CertificatePath));
            set.Add(new(Names.Key, Delegate.KeyPath));
        }

        set.RemoveAll(one => Delegate.Variables.Any(other => other.Key == one.Key));
        return set.Concat(Delegate.Variables);
    }

    private void Upgrader(TreeMap values)
    {
        if (Delegate.Keys != SecretKeys.Documented)
        {
            Add(values, "upgrader", Tree.Map(("enabled", Tree.False("the chart tells it client.crt and client.key, which this Secret has not"))));
        }
        else if (UpgraderTokenSecret is not null)
        {
            Add(values, "upgrader", Tree.Map(("existingUpgraderToken", Tree.Text(UpgraderTokenSecret))));
        }
    }

    private static void Add(TreeMap map, string key, Tree value) => map.Entries.Add(new TreeEntry { Key = key, Value = value });
}
