using Gatehouse.Manifests.Kubernetes;
using Gatehouse.Manifests.Yaml;

namespace Gatehouse.Manifests.Mtls;

/// <summary>Takes back what <see cref="EnableMtls"/> or the public page's steps have done.</summary>
internal sealed class DisableMtls(string text, MtlsEndpoint? manager, string? container)
{
    private readonly ManifestWork _work = new(text, container);

    public ManifestChange Run()
    {
        foreach (var one in _work.Fleet.Delegates.Where(IsOn).ToList())
        {
            RestoreEnvironment(one);
        }

        foreach (var configuration in _work.Fleet.Configurations)
        {
            RestoreConfiguration(configuration);
        }

        var mounted = _work.Fleet.Delegates.Concat(_work.Fleet.Upgraders).ToList();
        foreach (var pod in mounted.GroupBy(one => one.Pod))
        {
            Unmount([.. pod]);
        }

        foreach (var resource in _work.Resources)
        {
            if (resource.Body.Scalar("metadata", "annotations", Names.Annotation) == Names.Absent)
            {
                Remove(resource);
            }
            else if (resource.Body.Scalar("metadata", "annotations", Names.Annotation) is not null)
            {
                _work.Former(resource).Remove(_work.Editor);
                _work.Changes.Add($"{resource.Title}: annotation '{Names.Annotation}' taken out");
            }
        }

        return _work.Finish([]);
    }

    private bool IsOn(PodContainer one) =>
        one.Environment.Has(Names.Certificate) || one.Environment.Has(Names.Key) || SecretVolume(one) is not null || _work.Former(one.Resource).IsKnown
        || (one.Environment.Find(Names.Manager) is { } place && _work.Former(place.Resource).IsKnown);

    private void RestoreEnvironment(PodContainer one)
    {
        var now = one.Environment.Value(Names.Manager);
        var items = new List<Tree>();
        var entries = new List<(TreeMap Map, TreeEntry Entry)>();
        foreach (var name in (string[])[Names.Manager, Names.LogService, Names.TiService, Names.Certificate, Names.Key, Names.GrpcAuthority])
        {
            if (one.Environment.Find(name) is not { } place)
            {
                continue;
            }

            var former = _work.Former(place.Resource);
            var raw = former.At(place.IsItem ? $"{one.Name}/{name}" : place.Entry!.Key);
            var address = Address(name);
            if (address is not null && name != Names.Manager && !IsBehind(place, now))
            {
                // An address that enable-mtls has not set, or that was changed since.
                continue;
            }

            if (manager is not null && address is not null && (raw is not null || !former.IsKnown || name == Names.Manager))
            {
                Set(place, address);
            }
            else if (raw is not null and not Names.Absent)
            {
                Restore(place, raw);
            }
            else if (name == Names.Manager && raw is null)
            {
                throw Unknown(one.Title);
            }
            else if (place.IsItem)
            {
                items.Add(place.Map);
            }
            else
            {
                entries.Add((place.Map, place.Entry!));
            }

            _work.Changes.Add($"{(place.IsItem ? $"Container '{one.Name}' of {one.Resource.Title}" : place.Resource.Title)}: {name} {(raw is null or Names.Absent && !(manager is not null && address is not null) ? "taken out" : "set back")}");
        }

        _work.RemoveItems(one.Resource, one.Name + "/env", one.Container, "env", items);
        foreach (var group in entries.GroupBy(pair => pair.Map))
        {
            _work.Editor.RemoveEntries(group.Key, [.. group.Select(pair => pair.Entry)]);
        }
    }

    private static bool IsBehind(VariablePlace place, string? address) =>
        address is not null && place is { IsValue: true, Entry.Value: TreeScalar scalar } && scalar.Value.StartsWith(address.TrimEnd('/') + "/", StringComparison.Ordinal);

    private string? Address(string name) => name switch
    {
        Names.Manager => manager?.Manager ?? "",
        Names.LogService => manager?.LogService ?? "",
        Names.TiService => manager?.TiService ?? "",
        _ => null,
    };

    private void Set(VariablePlace place, string value)
    {
        if (place.Entry is { } entry && place.IsValue)
        {
            _work.Editor.SetText(place.Map, entry, value);
        }
    }

    private void Restore(VariablePlace place, string raw)
    {
        if (raw.Length == 0)
        {
            _work.Editor.RemoveEntries(place.Map, place.Entry!);
        }
        else
        {
            _work.Editor.ReplaceEntry(place.Map, place.Entry!, raw);
        }
    }

    private void RestoreConfiguration(UpgraderConfiguration configuration)
    {
        var scalar = (TreeScalar)configuration.Entry.Value;
        var inner = new YamlEditor(scalar.Value);
        var root = (TreeMap)inner.Documents[0];
        var former = _work.Former(configuration.Resource);
        var keys = new[] { root.Find(Names.CertificateFile), root.Find(Names.KeyFile) }.OfType<TreeEntry>().ToList();
        var host = UpgraderConfiguration.HostMap(root);
        var formerHost = former.At($"{configuration.Entry.Key}/{Names.ManagerHost}");
        if (keys.Count == 0 && formerHost is null)
        {
            return;
        }

        if (host.Find(Names.ManagerHost) is { } entry)
        {
            if (manager is not null)
            {
                inner.SetText(host, entry, manager.ManagerHost);
            }
            else if (formerHost == Names.Absent && ReferenceEquals(host, root))
            {
                keys.Add(entry);
            }
            else if (formerHost == Names.Absent)
            {
                inner.RemoveEntries(host, entry);
            }
            else
            {
                inner.ReplaceEntry(host, entry, formerHost ?? throw Unknown(configuration.Title));
            }

            _work.Changes.Add($"{configuration.Title}: {Names.ManagerHost} set back");
        }

        foreach (var key in keys.ToList())
        {
            if (former.At($"{configuration.Entry.Key}/{key.Key}") is { } raw)
            {
                inner.ReplaceEntry(root, key, raw);
                keys.Remove(key);
            }

            _work.Changes.Add($"{configuration.Title}: {key.Key} taken out");
        }

        if (keys.Count > 0)
        {
            inner.RemoveEntries(root, [.. keys]);
        }

        EmbeddedText.Of(_work.Editor.Source, (YamlScalar)scalar.Source!).Carry(inner.Edits, _work.Editor);
        configuration.Entry.Value = Tree.Text(inner.Finish());
    }

    /// <summary>Takes the mounts out, and the volume when nobody else mounts it.</summary>
    private void Unmount(IReadOnlyList<PodContainer> containers)
    {
        var volumes = new List<TreeMap>();
        foreach (var one in containers)
        {
            if (SecretVolume(one) is { } volume)
            {
                volumes.Add(volume);
                _work.RemoveItems(one.Resource, one.Name + "/volumeMounts", one.Container, "volumeMounts", [one.MountAt(Names.MountPath)!]);
                _work.Changes.Add($"{one.Resource.Title}: mount {Names.MountPath} of container '{one.Name}' taken out");
            }
        }

        var (resource, pod) = (containers[0].Resource, containers[0].Pod);
        var unused = volumes.Distinct().Where(volume => !IsMounted(pod, volume.Scalar("name"))).ToList();
        _work.RemoveItems(resource, "volumes", pod, "volumes", [.. unused]);
        _work.Changes.AddRange(unused.Select(volume => $"{resource.Title}: volume '{volume.Scalar("name")}' taken out"));
    }

    private static bool IsMounted(TreeMap pod, string? volume) =>
        pod.Maps("containers").Concat(pod.Maps("initContainers")).Any(one => one.Maps("volumeMounts").Any(mount => mount.Scalar("name") == volume));

    private static TreeMap? SecretVolume(PodContainer one) =>
        one.MountAt(Names.MountPath) is { } mount && one.Volume(mount.Scalar("name")) is { } volume && volume.Map("secret") is not null ? volume : null;

    private void Remove(Resource resource)
    {
        _work.Changes.Add($"{resource.Title} taken out");
        if (resource.List is { } list)
        {
            _work.Editor.RemoveItems(list, resource.Body);
        }
        else
        {
            _work.Editor.RemoveDocument(resource.Body);
        }
    }

    private static ManifestException Unknown(string where) =>
        new($"The manager's address of the {where} before mutual TLS is not known: it was not 'manifest enable-mtls' that set the present one, or its annotation is gone. Give it with --manager, for example --manager https://app.example.io.");
}
