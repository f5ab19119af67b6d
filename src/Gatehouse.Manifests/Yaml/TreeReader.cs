namespace Gatehouse.Manifests.Yaml;

/// <summary>Makes trees of nodes: aliases and merge keys are followed, within bounds.</summary>
internal sealed class TreeReader
{
    /// <summary>Aliases of aliases multiply. A Kubernetes object holds at most 1.5 MB, which is far less.</summary>
    private const int MaxNodes = 1_000_000;

    private int _nodes;

    public static Tree Read(YamlNode root) => new TreeReader().Node(root, 0);

    private Tree Node(YamlNode written, int depth)
    {
        var node = written;
        for (; node is YamlAlias alias; node = alias.Target)
        {
            depth++;
        }

        if (++_nodes > MaxNodes || depth > 200)
        {
            throw new ManifestException("The manifest's aliases multiply it beyond what is read. Write them out.");
        }

        switch (node)
        {
            case YamlScalar scalar:
                return new TreeScalar { Value = scalar.Value, IsText = scalar.IsText, Source = scalar, Written = written };
            case YamlSequence sequence:
                var list = new TreeList { Source = sequence, Written = written };
                foreach (var item in sequence.Items)
                {
                    list.Items.Add(Node(item, depth + 1));
                }

                return list;
            default:
                var map = new TreeMap { Source = node, Written = written };
                Entries(map, (YamlMapping)node, depth);
                return map;
        }
    }

    private void Entries(TreeMap map, YamlMapping mapping, int depth)
    {
        foreach (var entry in mapping.Entries)
        {
            if (IsMerge(entry))
            {
                continue;
            }

            map.Entries.Add(new TreeEntry { Key = entry.Key.Value, Value = Node(entry.Value, depth + 1), Source = entry });
        }

        // What is written in the mapping itself comes before what is merged, and earlier merges before later ones.
        foreach (var merged in mapping.Entries.Where(IsMerge).SelectMany(entry => Merged(entry.Value, depth)))
        {
            foreach (var entry in merged.Entries)
            {
                if (map.Find(entry.Key) is null)
                {
                    map.Entries.Add(new TreeEntry { Key = entry.Key, Value = entry.Value, Source = entry.Source, IsMerged = true });
                }
            }
        }
    }

    private static bool IsMerge(YamlEntry entry) => entry.Key is { Value: "<<", Style: YamlDotNet.Core.ScalarStyle.Plain };

    private IEnumerable<TreeMap> Merged(YamlNode value, int depth) => Node(value, depth + 1) switch
    {
        TreeMap map => [map],
        TreeList list => list.Items.OfType<TreeMap>(),
        _ => [],
    };
}
