using Gatehouse.Contracts;
using Gatehouse.Manifests.Yaml;

namespace Gatehouse.Manifests.Kubernetes;

/// <summary>What of a manifest is a delegate or an upgrader, whatever it is called.</summary>
/// <param name="Delegates">Containers that run a delegate.</param>
/// <param name="Configurations">The upgrader's configuration files.</param>
/// <param name="Upgraders">Containers that run an upgrader.</param>
internal sealed record Fleet(IReadOnlyList<PodContainer> Delegates, IReadOnlyList<UpgraderConfiguration> Configurations, IReadOnlyList<PodContainer> Upgraders)
{
    /// <summary>Finds them.</summary>
    /// <param name="resources">The manifest's objects.</param>
    /// <param name="containerName">The delegate's container, where its environment does not tell it; null: by its environment.</param>
    public static Fleet In(IReadOnlyList<Resource> resources, string? containerName)
    {
        var configurations = resources.Where(one => one.Kind == "ConfigMap").SelectMany(UpgraderConfiguration.In).ToList();
        var delegates = new List<PodContainer>();
        var upgraders = new List<PodContainer>();
        foreach (var resource in resources)
        {
            if (resource.PodSpec is not { } pod)
            {
                continue;
            }

            foreach (var container in pod.Maps("containers"))
            {
                var found = new PodContainer(resource, pod, container, new ContainerEnvironment(resource, container, resources));
                if (!resource.IsJob && (containerName is null ? found.IsDelegate : found.Name == containerName))
                {
                    delegates.Add(found);
                }
                else if (resource.IsJob && (found.IsUpgrader || configurations.Exists(found.Reads)))
                {
                    upgraders.Add(found);
                }
            }
        }

        return new Fleet(delegates, configurations, upgraders);
    }
}

/// <summary>A container and where it stands.</summary>
internal sealed record PodContainer(Resource Resource, TreeMap Pod, TreeMap Container, ContainerEnvironment Environment)
{
    public string Name => Container.Scalar("name") ?? "";

    public string? Image => Container.Scalar("image");

    /// <summary>For people: <c>container 'delegate' of Deployment 'delegate'</c>.</summary>
    public string Title => $"container '{Name}' of {Resource.Title}";

    /// <summary>Is it a delegate, by its environment or its image?</summary>
    public bool IsDelegate =>
        Environment.Has(Names.Manager) || Environment.Has("DELEGATE_TOKEN") || Environment.Has("DELEGATE_NAME")
        || (Environment.Has("ACCOUNT_ID") && Environment.Has("ACCOUNT_SECRET")) || ImageReference.Parse(Image).Program.StartsWith("delegate", StringComparison.Ordinal);

    public bool IsUpgrader => Environment.Has("UPGRADER_TOKEN") || ImageReference.Parse(Image).Program.Contains("upgrader", StringComparison.Ordinal);

    /// <summary>Does its pod mount this configuration?</summary>
    public bool Reads(UpgraderConfiguration configuration) =>
        configuration.Resource.SharesNamespaceWith(Resource) && Pod.Maps("volumes").Any(volume => volume.Scalar("configMap", "name") == configuration.Resource.Name);

    /// <summary>The mount of a folder; null when there is none.</summary>
    public TreeMap? MountAt(string path) => Container.Maps("volumeMounts").FirstOrDefault(mount => mount.Scalar("mountPath")?.TrimEnd('/') == path);

    /// <summary>The pod's volume of a name.</summary>
    public TreeMap? Volume(string? name) => name is null ? null : Pod.Maps("volumes").FirstOrDefault(volume => volume.Scalar("name") == name);
}

/// <summary>The upgrader's configuration: a YAML document in a ConfigMap.</summary>
/// <param name="Resource">The ConfigMap.</param>
/// <param name="Data">Its data.</param>
/// <param name="Entry">The document's entry, usually <c>config.yaml</c>.</param>
internal sealed record UpgraderConfiguration(Resource Resource, TreeMap Data, TreeEntry Entry)
{
    /// <summary>For people: <c>'config.yaml' of ConfigMap 'upgrader-config'</c>.</summary>
    public string Title => $"'{Entry.Key}' of {Resource.Title}";

    public string Text => ((TreeScalar)Entry.Value).Value;

    /// <summary>What the document says.</summary>
    public TreeMap Root() => (TreeMap)TreeReader.Read(YamlReader.Read(new SourceText(Text))[0]);

    /// <summary>The files that it names.</summary>
    public IEnumerable<string> CertificatePaths()
    {
        var root = Root();
        return new[] { root.Scalar(Names.CertificateFile), root.Scalar(Names.KeyFile) }.OfType<string>();
    }

    public static IEnumerable<UpgraderConfiguration> In(Resource map)
    {
        if (map.Body.Map("data") is not { } data)
        {
            yield break;
        }

        foreach (var entry in data.Entries)
        {
            if (entry.Value is TreeScalar { IsText: true } text && IsConfiguration(text.Value))
            {
                yield return new UpgraderConfiguration(map, data, entry);
            }
        }
    }

    /// <summary>The mapping that the manager's address is in: <c>delegateConfig</c>, or the document itself.</summary>
    public static TreeMap HostMap(TreeMap root) => root.Map("delegateConfig") is { } inner && (inner.Find(Names.ManagerHost) is not null || root.Find(Names.ManagerHost) is null) ? inner : root;

    private static bool IsConfiguration(string text)
    {
        if (!text.Contains("delegateConfig", StringComparison.Ordinal) && !text.Contains(Names.ManagerHost, StringComparison.Ordinal))
        {
            return false;
        }

        try
        {
            return YamlReader.Read(new SourceText(text)) is [YamlMapping root] && root.Entries.Exists(entry => entry.Key.Value is "delegateConfig" or Names.ManagerHost);
        }
        catch (ManifestException)
        {
            return false;
        }
    }
}
