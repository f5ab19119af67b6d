namespace Gatehouse.Manifests.Yaml;

/// <summary>How a person indents: what is added looks like the rest.</summary>
/// <param name="Step">Columns from a mapping to a mapping in it.</param>
/// <param name="DashOffset">Columns from a key to the dashes of its list: 0 or more.</param>
/// <param name="DashGap">Columns from a dash to the item's text.</param>
internal sealed record BlockStyle(int Step, int DashOffset, int DashGap)
{
    /// <summary>What is most frequent in a text.</summary>
    public static BlockStyle Of(SourceText source, IEnumerable<YamlNode> roots)
    {
        var counts = new Counts(source);
        foreach (var root in roots)
        {
            counts.Visit(root);
        }

        return new BlockStyle(Most(counts.Steps, 2), Most(counts.DashOffsets, 0), Most(counts.DashGaps, 2));
    }

    private static int Most(List<int> values, int otherwise) =>
        values.Count == 0 ? otherwise : values.GroupBy(value => value).OrderByDescending(group => group.Count()).ThenBy(group => group.Key).First().Key;

    private sealed class Counts(SourceText source)
    {
        public List<int> Steps { get; } = [];

        public List<int> DashOffsets { get; } = [];

        public List<int> DashGaps { get; } = [];

        public void Visit(YamlNode node)
        {
            if (node is YamlMapping { IsFlow: false } mapping)
            {
                foreach (var (key, value) in mapping.Entries)
                {
                    var column = source.Column(key.Start);
                    if (value is YamlMapping { IsFlow: false } inner)
                    {
                        Steps.Add(source.Column(inner.ContentStart) - column);
                    }
                    else if (value is YamlSequence { IsFlow: false } list)
                    {
                        DashOffsets.Add(source.Column(list.ContentStart) - column);
                    }

                    Visit(value);
                }
            }
            else if (node is YamlSequence { IsFlow: false } sequence)
            {
                foreach (var item in sequence.Items)
                {
                    if (source.LineOf(item.Start) == source.LineOf(sequence.ContentStart))
                    {
                        DashGaps.Add(source.Column(item.Start) - source.Column(sequence.ContentStart));
                    }

                    Visit(item);
                }
            }
        }
    }
}
