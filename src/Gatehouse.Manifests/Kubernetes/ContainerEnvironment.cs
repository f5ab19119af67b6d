using Gatehouse.Manifests.Yaml;

namespace Gatehouse.Manifests.Kubernetes;

/// <summary>A container's environment: its own list, and ConfigMaps and Secrets of the same manifest that it draws from.</summary>
internal sealed class ContainerEnvironment(Resource workload, TreeMap container, IReadOnlyList<Resource> resources)
{
    /// <summary>Where a variable's value is written; null when it is not set, or elsewhere than in this manifest.</summary>
    public VariablePlace? Find(string name)
    {
        // The last of several wins, and the list wins over what is drawn from elsewhere.
        var item = container.Maps("env").LastOrDefault(one => one.Scalar("name") == name);
        if (item is not null)
        {
            return Referenced(item) ?? new VariablePlace(workload, item, item.Find("value") ?? item.Find("valueFrom"), IsItem: true);
        }

        foreach (var from in container.Maps("envFrom").Reverse())
        {
            var prefix = from.Scalar("prefix") ?? "";
            if (name.StartsWith(prefix, StringComparison.Ordinal) && Drawn(from) is { } source && Entry(source, name[prefix.Length..]) is { } place)
            {
                return place;
            }
        }

        return null;
    }

    /// <summary>A variable's value, when this manifest says it.</summary>
    public string? Value(string name) => Find(name) is { IsValue: true, Entry.Value: TreeScalar scalar } ? scalar.Value : null;

    /// <summary>Is it set at all, here or by a reference that leads out of the manifest?</summary>
    public bool Has(string name) => Find(name) is not null;

    /// <summary>
    /// Can it be set by an <c>envFrom</c> that leads out of the manifest? A Secret elsewhere usually holds the token and nothing else, so it counts only where the manager's address,
    /// without which there is no delegate, is not in the manifest either.
    /// </summary>
    public bool MayHave(string name) => !Has(name) && container.Maps("envFrom").Any(from =>
        Drawn(from) is null && name.StartsWith(from.Scalar("prefix") ?? "", StringComparison.Ordinal)
        && (from.Map("configMapRef") is not null || (from.Map("secretRef") is not null && !Has(Names.Manager))));

    private Resource? Drawn(TreeMap from) => Named("ConfigMap", from.Scalar("configMapRef", "name")) ?? Named("Secret", from.Scalar("secretRef", "name"));

    /// <summary>The value in this manifest's ConfigMap that an item refers to.</summary>
    private VariablePlace? Referenced(TreeMap item) =>
        Named("ConfigMap", item.Scalar("valueFrom", "configMapKeyRef", "name")) is { } map && item.Scalar("valueFrom", "configMapKeyRef", "key") is { } key ? Entry(map, key) : null;

    private static VariablePlace? Entry(Resource source, string key)
    {
        var data = source.Body.Map(source.Kind == "Secret" ? "stringData" : "data");
        return data?.Find(key) is { } entry ? new VariablePlace(source, data, entry, IsItem: false) : null;
    }

    private Resource? Named(string kind, string? name) =>
        name is null ? null : resources.FirstOrDefault(one => one.Kind == kind && one.Name == name && one.SharesNamespaceWith(workload));
}

/// <summary>Where a variable's value is written.</summary>
/// <param name="Resource">The object that it is part of.</param>
/// <param name="Map">The item of <c>env</c>, or the ConfigMap's <c>data</c>.</param>
/// <param name="Entry">Value or <c>valueFrom</c> in it; null when an item has neither.</param>
/// <param name="IsItem">Is it an item of <c>env</c>?</param>
internal sealed record VariablePlace(Resource Resource, TreeMap Map, TreeEntry? Entry, bool IsItem)
{
    /// <summary>False for references that lead out of the manifest.</summary>
    public bool IsValue => Entry is not null && (!IsItem || Entry.Key == "value");
}
