namespace Gatehouse.Manifests.Yaml;

/// <summary>
/// What a text means, with aliases and merges resolved. Read from nodes, changed by <see cref="YamlEditor"/> to what the text is to mean, and compared with what the changed text does mean.
/// New content is written as a tree, too.
/// </summary>
internal abstract class Tree
{
    /// <summary>The node that says what it is, an alias followed; null when it is new.</summary>
    public YamlNode? Source { get; init; }

    /// <summary>The node that stands in its place: the alias, if it is one; null when it is new.</summary>
    public YamlNode? Written { get; init; }

    /// <summary>New content: a comment behind it.</summary>
    public string? Comment { get; init; }

    public static TreeScalar Text(string value) => new() { Value = value, IsText = true };

    public static TreeScalar Number(int value, string? comment = null) =>
        new() { Value = value.ToString(System.Globalization.CultureInfo.InvariantCulture), IsText = false, Comment = comment };

    public static TreeScalar True() => new() { Value = "true", IsText = false };

    public static TreeScalar False(string? comment = null) => new() { Value = "false", IsText = false, Comment = comment };

    public static TreeMap Map(params ReadOnlySpan<(string Key, Tree Value)> entries)
    {
        var map = new TreeMap();
        foreach (var (key, value) in entries)
        {
            map.Entries.Add(new TreeEntry { Key = key, Value = value });
        }

        return map;
    }

    public static TreeList List(params IEnumerable<Tree> items)
    {
        var list = new TreeList();
        list.Items.AddRange(items);
        return list;
    }

    /// <summary>Do two trees mean the same? The order of keys counts: nothing of ours may change it.</summary>
    /// <param name="one">A tree.</param>
    /// <param name="other">Another.</param>
    /// <param name="path">When not: where they differ, for people.</param>
    public static bool Same(Tree one, Tree other, out string path)
    {
        path = "";
        switch (one, other)
        {
            case (TreeScalar a, TreeScalar b):
                return a.Value == b.Value && a.IsText == b.IsText;
            case (TreeList a, TreeList b):
                for (var i = 0; i < Math.Max(a.Items.Count, b.Items.Count); i++)
                {
                    if (i >= a.Items.Count || i >= b.Items.Count || !Same(a.Items[i], b.Items[i], out path))
                    {
                        path = $"[{i}]{path}";
                        return false;
                    }
                }

                return true;
            case (TreeMap a, TreeMap b):
                for (var i = 0; i < Math.Max(a.Entries.Count, b.Entries.Count); i++)
                {
                    var key = i < a.Entries.Count ? a.Entries[i].Key : b.Entries[i].Key;
                    if (i >= a.Entries.Count || i >= b.Entries.Count || key != b.Entries[i].Key || !Same(a.Entries[i].Value, b.Entries[i].Value, out path))
                    {
                        path = $".{key}{path}";
                        return false;
                    }
                }

                return true;
            default:
                return false;
        }
    }
}

internal sealed class TreeScalar : Tree
{
    public required string Value { get; init; }

    /// <summary>False for numbers, truth values and nothing.</summary>
    public required bool IsText { get; init; }

    public bool IsNothing => !IsText && Value is "" or "~" or "null" or "Null" or "NULL";
}

internal sealed class TreeList : Tree
{
    public List<Tree> Items { get; } = [];
}

internal sealed class TreeMap : Tree
{
    public List<TreeEntry> Entries { get; } = [];

    public TreeEntry? Find(string key) => Entries.Find(entry => entry.Key == key);

    public Tree? this[string key] => Find(key)?.Value;

    /// <summary>The scalar's value at a path of keys; null when there is none.</summary>
    public string? Scalar(params ReadOnlySpan<string> path) => path.Length == 1
        ? this[path[0]] is TreeScalar { IsNothing: false } scalar ? scalar.Value : null
        : Map(path[..^1])?.Scalar(path[^1]);

    /// <summary>The mapping at a path of keys; null when there is none.</summary>
    public TreeMap? Map(params ReadOnlySpan<string> path)
    {
        var at = this;
        foreach (var key in path)
        {
            at = at?[key] as TreeMap;
        }

        return at;
    }

    /// <summary>The mappings in the list under a key; none when there is no list.</summary>
    public IEnumerable<TreeMap> Maps(string key) => (this[key] as TreeList)?.Items.OfType<TreeMap>() ?? [];
}

internal sealed class TreeEntry
{
    public required string Key { get; set; }

    public required Tree Value { get; set; }

    /// <summary>Where it is written; null when it is new.</summary>
    public YamlEntry? Source { get; set; }

    /// <summary>Does it come from another mapping, by a merge key?</summary>
    public bool IsMerged { get; init; }
}
