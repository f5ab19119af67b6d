using Gatehouse.Manifests.Kubernetes;
using Gatehouse.Manifests.Yaml;

namespace Gatehouse.Manifests.Mtls;

/// <summary>A manifest being changed: its text, its objects, what was there before, and what is told to the person.</summary>
internal sealed class ManifestWork
{
    private const char ByteOrderMark = '\uFEFF';

    private static readonly string[] s_secretNames = ["TOKEN", "SECRET", "PASSWORD"];
    private static readonly string[] s_containers = ["containers", "initContainers"];

    private readonly Dictionary<Resource, FormerValues> _former = new(ReferenceEqualityComparer.Instance);
    private readonly string _mark;
    private readonly HashSet<string> _values = [];

    public ManifestWork(string text, string? container)
    {
        _mark = text.StartsWith(ByteOrderMark) ? text[..1] : "";
        Editor = new YamlEditor(text[_mark.Length..]);
        Resources = Resource.All(Editor.Documents);
        Fleet = Fleet.In(Resources, container);
        _values.UnionWith(SecretValues());
        if (Fleet.Delegates.Count == 0)
        {
            throw new ManifestException(
                Resources.Count == 0 ? "There is no Kubernetes object in the manifest: no document has a 'kind'. Is it the right file?"
                : container is null ? "No delegate was found in the manifest: no container of a Deployment or StatefulSet has MANAGER_HOST_AND_PORT or DELEGATE_TOKEN in its environment, or an image called 'delegate'. Name the delegate's container with --container."
                : $"No Deployment or StatefulSet in the manifest has a container '{container}'. Name the delegate's container with --container.");
        }
    }

    public YamlEditor Editor { get; }

    public IReadOnlyList<Resource> Resources { get; }

    public Fleet Fleet { get; }

    public List<string> Changes { get; } = [];

    public List<string> Notes { get; } = [];

    public FormerValues Former(Resource resource)
    {
        if (!_former.TryGetValue(resource, out var former))
        {
            _former[resource] = former = FormerValues.Of(resource);
        }

        return former;
    }

    /// <summary>Writes what is to be remembered.</summary>
    public void WriteFormer()
    {
        foreach (var former in _former.Values)
        {
            former.Write(Editor);
        }
    }

    /// <summary>The manifest as it is to be.</summary>
    public ManifestChange Finish(IReadOnlyList<MountedSecret> secrets)
    {
        _values.UnionWith(SecretValues());
        return new(_mark + Editor.Finish(), Changes, [.. Notes.Distinct()], secrets, [.. _values.OrderByDescending(value => value.Length)]);
    }

    /// <summary>Lines of what Secrets, and variables and ConfigMap entries with a secret's name, hold. Shorter ones could be part of anything.</summary>
    private IEnumerable<string> SecretValues() =>
        from value in Resource.All(Editor.Documents).SelectMany(resource => SecretData(resource).Concat(SecretVariables(resource)))
        from line in value.Split('\n', StringSplitOptions.TrimEntries)
        where line.Length >= 8
        select line;

    private static IEnumerable<string> SecretData(Resource resource) =>
        from map in new[] { resource.Body.Map("data"), resource.Body.Map("stringData") }.OfType<TreeMap>()
        from entry in map.Entries
        where resource.Kind == "Secret" || (resource.Kind == "ConfigMap" && IsSecret(entry.Key))
        select (entry.Value as TreeScalar)?.Value into value
        where value is not null
        select value;

    /// <summary>Any container's: a difference shows what stands near.</summary>
    private static IEnumerable<string> SecretVariables(Resource resource) =>
        from key in s_containers
        from container in resource.PodSpec?.Maps(key) ?? []
        from item in container.Maps("env")
        where item.Scalar("name") is { } name && IsSecret(name)
        select item.Scalar("value") into value
        where value is not null
        select value;

    private static bool IsSecret(string name) => s_secretNames.Any(part => name.Contains(part, StringComparison.OrdinalIgnoreCase));

    /// <summary>Takes items out of the list under a key, and the list when nothing is left of it and it was not there before.</summary>
    public void RemoveItems(Resource resource, string place, TreeMap map, string key, IReadOnlyList<Tree> items)
    {
        if (items.Count == 0 || map.Find(key) is not { Value: TreeList list } entry)
        {
            return;
        }

        if (items.Count < list.Items.Count)
        {
            Editor.RemoveItems(list, items);
        }
        else if (Former(resource).At("empty:" + place) is { } raw)
        {
            Editor.Unfill(entry, raw);
        }
        else
        {
            Editor.RemoveEntries(map, entry);
        }
    }

    /// <summary>A list under a key to which items are added: made, or filled, when it is missing or empty.</summary>
    public void AddItems(Resource resource, string place, TreeMap map, string key, params IReadOnlyList<Tree> items)
    {
        if (items.Count == 0)
        {
            return;
        }

        switch (map.Find(key))
        {
            case null:
                Editor.AddEntry(map, key, Tree.List(items));
                break;
            case { Value: TreeList { Items.Count: > 0 } list }:
                Editor.AddItems(list, items);
                break;
            case { Source: { } source } empty:
                Former(resource).Keep("empty:" + place, Editor.ValueText(source));
                Editor.Fill(map, empty, Tree.List(items));
                break;
        }
    }
}
