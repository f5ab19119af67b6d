using Gatehouse.Manifests.Kubernetes;
using Gatehouse.Manifests.Mtls;
using Gatehouse.Manifests.Yaml;

namespace Gatehouse.Manifests.Delegates;

/// <summary>
/// Values for a Helm chart. The public one, <c>harness-delegate-ng</c> (read at 1.0.32), derives the log service's address from <c>managerEndpoint</c> and sets neither the TI service's nor the gRPC
/// variable, and it knows one pair of names in the Secret: what it leaves out goes into <c>custom_envs</c>. Our own, <c>deploy/charts/gatehouse-delegate</c>, has the same names for the same things,
/// sets them all, and takes tokens from Secrets only.
/// </summary>
public sealed record HelmSetup
{
    /// <summary>The chart.</summary>
    public HelmChart Chart { get; init; } = HelmChart.HarnessDelegateNg;

    /// <summary>What it is started with.</summary>
    public required DelegateSetup Delegate { get; init; }

    /// <summary>The Secret with the pair.</summary>
    public required string SecretName { get; init; }

    /// <summary>A Secret with <c>DELEGATE_TOKEN</c>; null: the public chart makes one of a token that is a placeholder here; for ours, its name is a placeholder.</summary>
    public string? TokenSecret { get; init; }

    /// <summary>A Secret with <c>UPGRADER_TOKEN</c>; null: as with <see cref="TokenSecret"/> for the public chart; ours has no upgrader then.</summary>
    public string? UpgraderTokenSecret { get; init; }

    /// <summary>The upgrader's image, in our chart; null: the chart's own, or a placeholder where the delegate's image is an allowed one, which no other upgrader than ours knows.</summary>
    public string? UpgraderImage { get; init; }

    /// <summary>A Secret with roots of the server's certificate; null: none.</summary>
    public string? ServerCaSecret { get; init; }

    /// <summary>The values file.</summary>
    /// <exception cref="ManifestException">The image is a legacy one, a Secret has a name that none can have, or an upgrader's image is named where there is no place for it.</exception>
    public Rendered Values()
    {
        foreach (var name in new[] { SecretName, TokenSecret, UpgraderTokenSecret, ServerCaSecret }.OfType<string>())
        {
            Kubernetes.SecretName.Check(name);
        }

        if (Delegate.ImageRefusal is { } refusal)
        {
            throw new ManifestException(refusal) { IsRefusal = true };
        }

        if (UpgraderImage is not null && !(IsOurs && UpgraderTokenSecret is not null))
        {
            throw new ManifestException("--upgrader-image goes with --chart gatehouse-delegate and --upgrader-token-secret: no other chart takes it here, and without a token there is no upgrader.");
        }

        var token = TokenSecret is not null ? null : IsOurs ? new Placeholder("<Secret with DELEGATE_TOKEN>", "--token-secret") : new Placeholder("<delegate token>", "--token-secret");
        var values = Tree.Map(
            ("delegateName", Tree.Text(Delegate.Name)), ("accountId", Tree.Text(Delegate.AccountOrPlaceholder)),
            (token is null || IsOurs ? "existingDelegateToken" : "delegateToken", Tree.Text(TokenSecret ?? token!.Text)),
            ("managerEndpoint", Tree.Text(Delegate.ManagerOrPlaceholder)), ("delegateDockerImage", Tree.Text(Delegate.ImageOrPlaceholder)), ("mTLS", Secret()));
        if (Delegate.Tags is not null)
        {
            Add(values, "tags", Tree.Text(Delegate.Tags));
        }

        if (IsOurs && Delegate.OverrideServiceUrls)
        {
            Add(values, "overrideServiceUrls", Tree.True());
        }

        var variables = IsOurs ? Delegate.Variables : [.. LeftOut()];
        if (variables.Count > 0)
        {
            Add(values, "custom_envs", Tree.List(variables.Select(one => Tree.Map(("name", Tree.Text(one.Key)), ("value", Tree.Text(one.Value))))));
        }

        Upgrader(values);
        if (ServerCaSecret is not null)
        {
            Add(values, "delegateCustomCa", Tree.Map(("secretName", Tree.Text(ServerCaSecret))));
            if (!IsOurs)
            {
                Add(values, "upgraderCustomCa", Tree.Map(("secretName", Tree.Text(ServerCaSecret))));
            }
        }

        var lines = values.Entries.SelectMany(entry => BlockWriter.Entry(entry.Key, entry.Value, 0, new BlockStyle(2, 2, 2)));
        return new Rendered(string.Concat(lines.Select(line => line + "\n")), [.. Delegate.Missing().Concat(((Placeholder?[])[token, MissingUpgrader]).OfType<Placeholder>())]);
    }

    private bool IsOurs => Chart == HelmChart.GatehouseDelegate;

    private bool HasOtherKeys => Delegate.Keys != SecretKeys.Documented;

    /// <summary>Only Gatehouse's upgrader can be told which further images to take; the chart's default image is not that.</summary>
    private Placeholder? MissingUpgrader => IsOurs && UpgraderTokenSecret is not null && UpgraderImage is null && Delegate.AllowedImages.Count > 0
        ? new("<image of Gatehouse's upgrader>", "--upgrader-image")
        : null;

    private TreeMap Secret()
    {
        var secret = Tree.Map(("secretName", Tree.Text(SecretName)));
        if (IsOurs && HasOtherKeys)
        {
            Add(secret, "certificate", Tree.Text(Delegate.Keys.Certificate));
            Add(secret, "key", Tree.Text(Delegate.Keys.Key));
        }

        return secret;
    }

    /// <summary>What the public chart does not set, and what the person adds.</summary>
    private IEnumerable<KeyValuePair<string, string>> LeftOut()
    {
        var set = new List<KeyValuePair<string, string>>();
        if (!Delegate.OverrideServiceUrls)
        {
            set.Add(new(Names.TiService, Delegate.ManagerOrPlaceholder + "/ti-service/"));
        }

        set.Add(new(Names.GrpcAuthority, "true"));
        if (HasOtherKeys)
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
        if (IsOurs)
        {
            if (UpgraderTokenSecret is not null)
            {
                Add(values, "upgrader", OurUpgrader(UpgraderTokenSecret));
            }
        }
        else if (HasOtherKeys)
        {
            Add(values, "upgrader", Tree.Map(("enabled", Tree.False("the chart tells it client.crt and client.key, which this Secret has not"))));
        }
        else if (UpgraderTokenSecret is not null)
        {
            Add(values, "upgrader", Tree.Map(("existingUpgraderToken", Tree.Text(UpgraderTokenSecret))));
        }
    }

    private TreeMap OurUpgrader(string token)
    {
        var upgrader = Tree.Map(("enabled", Tree.True()), ("existingUpgraderToken", Tree.Text(token)));
        if ((UpgraderImage ?? MissingUpgrader?.Text) is { } image)
        {
            Add(upgrader, "image", Tree.Text(image));
        }

        if (Delegate.AllowedImages.Count > 0)
        {
            Add(upgrader, "args", Tree.List([Tree.Text("run"), .. Delegate.AllowedImages.SelectMany(pattern => (Tree[])[Tree.Text("--allow-image"), Tree.Text(pattern)])]));
        }

        return upgrader;
    }

    private static void Add(TreeMap map, string key, Tree value) => map.Entries.Add(new TreeEntry { Key = key, Value = value });
}
