using Gatehouse.Contracts;
using Gatehouse.Manifests.Yaml;

namespace Gatehouse.Manifests.Kubernetes;

/// <summary>What of a manifest is a delegate or an upgrader, whatever it is called.</summary>
/// <param name="Delegates">Containers that run a delegate.</param>
/// <param name="Configurations">The upgrader's configuration files.</param>
/// <param name="Upgraders">Containers that run an upgrader.</param>
/// <param name="PassedOver">Containers that could run a delegate, in pods where another one does so more likely.</param>
internal sealed record Fleet(
    IReadOnlyList<PodContainer> Delegates, IReadOnlyList<UpgraderConfiguration> Configurations, IReadOnlyList<PodContainer> Upgraders, IReadOnlyList<PodContainer> PassedOver)
{
    /// <summary>Finds them.</summary>
    /// <param name="resources">The manifest's objects.</param>
    /// <param name="containerName">The delegate's container, where its environment does not tell it; null: by its environment.</param>
    public static Fleet In(IReadOnlyList<Resource> resources, string? containerName)
    {
        var configurations = resources.Where(one => one.Kind == "ConfigMap").SelectMany(UpgraderConfiguration.In).ToList();
        var delegates = new List<PodContainer>();
        var upgraders = new List<PodContainer>();
        var passedOver = new List<PodContainer>();
        foreach (var resource in resources)
        {
            if (resource.PodSpec is not { } pod)
            {
                continue;
            }

            var containers = pod.Maps("containers").Select(one => new PodContainer(resource, pod, one, new ContainerEnvironment(resource, one, resources))).ToList();
            if (resource.IsJob)
            {
                upgraders.AddRange(containers.Where(one => one.IsUpgrader || configurations.Exists(one.Reads)));
            }
            else if (containerName is not null)
            {
                delegates.AddRange(containers.Where(one => one.Name == containerName));
            }
            else
            {
                // A sidecar that is given the delegate's variables, to label logs with them or by a shared anchor, is no delegate and must not get its key.
                var likely = containers.Where(one => one.Likelihood > DelegateLikelihood.None).ToLookup(one => one.Likelihood == containers.Max(other => other.Likelihood));
                delegates.AddRange(likely[true]);
                passedOver.AddRange(likely[false]);
            }
        }

        return new Fleet(delegates, configurations, upgraders, passedOver);
    }
}

/// <summary>How likely a container runs a delegate; in a pod the likeliest do.</summary>
internal enum DelegateLikelihood
{
    /// <summary>Nothing says so. <c>DELEGATE_NAME</c> alone does not.</summary>
    None,

    /// <summary>It has what a delegate registers with, and no address.</summary>
    Token,

    /// <summary>It has the manager's address, or an image called <c>delegate…</c>.</summary>
    AddressOrImage,

    /// <summary>It has such an image, and an environment that a delegate can register with.</summary>
    ImageAndEnvironment,
}

/// <summary>A container and where it stands.</summary>
internal sealed record PodContainer(Resource Resource, TreeMap Pod, TreeMap Container, ContainerEnvironment Environment)
{
    public string Name => Container.Scalar("name") ?? "";

    public string? Image => Container.Scalar("image");

    /// <summary>For people: <c>container 'delegate' of Deployment 'delegate'</c>.</summary>
    public string Title => $"container '{Name}' of {Resource.Title}";

    /// <summary>Is it a delegate, by its environment and its image?</summary>
    public DelegateLikelihood Likelihood
    {
        get
        {
            var hasImage = ImageReference.Parse(Image).Program.StartsWith("delegate", StringComparison.Ordinal);
            var hasAddress = Environment.Has(Names.Manager);
            var hasToken = Environment.Has("DELEGATE_TOKEN") || (Environment.Has("ACCOUNT_ID") && Environment.Has("ACCOUNT_SECRET"));
            return hasImage && (hasAddress || hasToken || Environment.MayHave(Names.Manager)) ? DelegateLikelihood.ImageAndEnvironment
                : hasImage || hasAddress ? DelegateLikelihood.AddressOrImage
                : hasToken ? DelegateLikelihood.Token
                : DelegateLikelihood.None;
        }
    }

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
