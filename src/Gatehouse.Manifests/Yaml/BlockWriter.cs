namespace Gatehouse.Manifests.Yaml;

/// <summary>Writes new content in block style, as lines without line ends.</summary>
internal static class BlockWriter
{
    /// <summary><c>key: value</c>, from a column on.</summary>
    public static IEnumerable<string> Entry(string key, Tree value, int column, BlockStyle style)
    {
        var lead = new string(' ', column) + ScalarText.Write(key) + ":";
        switch (value)
        {
            case TreeMap { Entries.Count: > 0 } map:
                yield return lead;
                foreach (var line in map.Entries.SelectMany(entry => Entry(entry.Key, entry.Value, column + style.Step, style)))
                {
                    yield return line;
                }

                break;
            case TreeList { Items.Count: > 0 } list:
                yield return lead;
                foreach (var line in list.Items.SelectMany(item => Item(item, column + style.DashOffset, style)))
                {
                    yield return line;
                }

                break;
            case TreeScalar { IsText: true } text when text.Value.Contains('\n', StringComparison.Ordinal):
                yield return $"{lead} |{(text.Value.EndsWith('\n') ? "" : "-")}";
                foreach (var line in text.Value.TrimEnd('\n').Split('\n'))
                {
                    yield return line.Length == 0 ? "" : new string(' ', column + style.Step) + line;
                }

                break;
            default:
                yield return $"{lead} {Inline(value)}";
                break;
        }
    }

    /// <summary><c>- value</c>, with the dash in a column.</summary>
    public static IEnumerable<string> Item(Tree value, int column, BlockStyle style)
    {
        var lead = new string(' ', column) + "-" + new string(' ', style.DashGap - 1);
        if (value is not TreeMap { Entries.Count: > 0 } map)
        {
            yield return lead + Inline(value);
            yield break;
        }

        var first = true;
        foreach (var line in map.Entries.SelectMany(entry => Entry(entry.Key, entry.Value, column + style.DashGap, style)))
        {
            yield return first ? lead + line[(column + style.DashGap)..] : line;
            first = false;
        }
    }

    private static string Inline(Tree value) => value switch
    {
        TreeScalar scalar => (scalar.IsText ? ScalarText.Write(scalar.Value) : scalar.Value) + (scalar.Comment is { } comment ? " # " + comment : ""),
        TreeList => "[]",
        _ => "{}",
    };
}
