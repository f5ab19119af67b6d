namespace Gatehouse.Manifests.Yaml;

/// <summary>Where things stand: commas, dashes, colons and line ends.</summary>
internal sealed partial class YamlEditor
{
    private void AddInFlow(YamlNode collection, int? lastStart, int at, Func<FlowWriter, string, string> write)
    {
        if (lastStart is { } last)
        {
            var (writer, indentation) = Flow(collection, last);
            Replace(at, at, writer.Separator(indentation) + write(writer, indentation));
        }
        else
        {
            Replace(at, at, write(new FlowWriter(null, ""), ""));
        }
    }

    /// <summary>How to write beside a part of a flow collection: in lines of its own if that part begins its line.</summary>
    private (FlowWriter Writer, string Indentation) Flow(YamlNode collection, int part)
    {
        if (!FirstOnLine(part))
        {
            return (new FlowWriter(null, ""), "");
        }

        var outer = Indentation(collection.Start);
        var inner = Indentation(part);
        return (new FlowWriter(_source.NewLine, inner.Length > outer.Length && inner.StartsWith(outer, StringComparison.Ordinal) ? inner[outer.Length..] : "  "), inner);
    }

    /// <summary>Takes parts of a flow collection out, each with one comma.</summary>
    private void RemoveInFlow(List<(int Start, int End)> places, List<int> indexes)
    {
        for (var i = 0; i < indexes.Count;)
        {
            var first = indexes[i];
            var last = first;
            while (++i < indexes.Count && indexes[i] == last + 1)
            {
                last++;
            }

            if (first > 0)
            {
                Replace(places[first - 1].End, places[last].End, "");
            }
            else
            {
                Replace(places[0].Start, last + 1 < places.Count ? places[last + 1].Start : places[last].End, "");
            }
        }
    }

    private void RemoveEntry(YamlMapping mapping, int index, List<int> removed)
    {
        var entry = mapping.Entries[index];
        if (_source.IsFirstOnLine(entry.Key.Start))
        {
            RemoveLines(entry.Key.Start, entry.End);
        }
        else if (index + 1 < mapping.Entries.Count && !removed.Contains(index + 1))
        {
            // The first key of a list's item stands behind the dash: the next one takes its place.
            Replace(entry.Key.Start, mapping.Entries[index + 1].Key.Start, "");
        }
        else
        {
            throw new ManifestException($"'{entry.Key.Value}' ({_source.Where(entry.Key.Start)}) cannot be taken out of its line. Give it a line of its own, and try again.");
        }
    }

    /// <summary>Where the dash of an item is, which may stand lines above it.</summary>
    private int DashOf(YamlSequence sequence, int index)
    {
        var column = _source.Column(sequence.ContentStart);
        for (var line = _source.LineStart(sequence.Items[index].Start); ; line = _source.LineStart(line - 1))
        {
            var dash = line + column;
            if (dash < _source.Text.Length && _source.Text[dash] == '-' && _source.IsFirstOnLine(dash))
            {
                return dash;
            }

            if (line <= sequence.ContentStart)
            {
                throw new ManifestException($"The list in {_source.Where(sequence.ContentStart)} cannot be changed. Give each of its dashes a line of its own, and try again.");
            }
        }
    }

    private int AfterColon(YamlEntry entry)
    {
        var colon = _source.Text.IndexOf(':', entry.Key.End);
        return colon < 0 || colon >= Math.Max(entry.Value.Start, entry.Key.End + 1)
            ? throw new ManifestException($"'{entry.Key.Value}' ({_source.Where(entry.Key.Start)}) has no colon behind its key. Write it as 'key: value', and try again.")
            : colon + 1;
    }

    private bool FirstOnLine(int offset) => _source.Text.AsSpan(_source.LineStart(offset)..offset).Trim().IsEmpty;

    private string Indentation(int offset)
    {
        var line = _source.Text.AsSpan(_source.LineStart(offset).._source.LineEnd(offset));
        return line[..(line.Length - line.TrimStart().Length)].ToString();
    }

    private bool EndsWithSpace(int offset) => offset > 0 && _source.Text[offset - 1] is ' ' or '\t';
}
