using Gatehouse.Manifests.Yaml;

namespace Gatehouse.Manifests.Kubernetes;

/// <summary>One Kubernetes object of a manifest, wherever it stands: a document, or an item of a List.</summary>
/// <param name="Body">What it says.</param>
/// <param name="List">The List it is an item of; null when it is a document.</param>
internal sealed record Resource(TreeMap Body, TreeList? List)
{
    public string Kind => Body.Scalar("kind") ?? "";

    public string Name => Body.Scalar("metadata", "name") ?? "";

    public string? Namespace => Body.Scalar("metadata", "namespace");

    /// <summary>For people: <c>Deployment 'delegate'</c>.</summary>
    public string Title => $"{Kind} '{Name}'";

    /// <summary>The pod template's spec; null when it runs no pods.</summary>
    public TreeMap? PodSpec => Kind switch
    {
        "CronJob" => Body.Map("spec", "jobTemplate", "spec", "template", "spec"),
        "Deployment" or "StatefulSet" or "DaemonSet" or "ReplicaSet" or "Job" => Body.Map("spec", "template", "spec"),
        "Pod" => Body.Map("spec"),
        _ => null,
    };

    /// <summary>Does it run again and again, or once, and not for good?</summary>
    public bool IsJob => Kind is "CronJob" or "Job";

    /// <summary>Can what this one calls by name be that one? A namespace that one of them leaves out is told elsewhere.</summary>
    public bool SharesNamespaceWith(Resource other) => Namespace is null || other.Namespace is null || Namespace == other.Namespace;

    /// <summary>All objects of a manifest's documents.</summary>
    public static IReadOnlyList<Resource> All(IEnumerable<Tree> documents)
    {
        var found = new List<Resource>();
        foreach (var document in documents)
        {
            Collect(document, null, found, 0);
        }

        return found;
    }

    private static void Collect(Tree tree, TreeList? list, List<Resource> found, int depth)
    {
        if (tree is not TreeMap map || depth > 8)
        {
            return;
        }

        if (map.Scalar("kind")?.EndsWith("List", StringComparison.Ordinal) == true && map["items"] is TreeList items)
        {
            foreach (var item in items.Items)
            {
                Collect(item, items, found, depth + 1);
            }
        }
        else if (map.Scalar("kind") is not null)
        {
            found.Add(new Resource(map, list));
        }
    }
}
