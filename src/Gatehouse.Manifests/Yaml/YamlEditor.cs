namespace Gatehouse.Manifests.Yaml;

/// <summary>
/// Changes a YAML text where it must change and nowhere else. Every operation notes an edit of the text and makes the same change in the tree of what the text means;
/// at the end the edited text is read again and must mean exactly that. So whatever the edits got wrong (an alias shared by another container, a layout not foreseen)
/// ends as an error and not as a broken manifest.
/// </summary>
internal sealed partial class YamlEditor
{
    private readonly SourceText _source;
    private readonly BlockStyle _style;
    private readonly List<TextEdit> _edits = [];

    public YamlEditor(string text)
    {
        _source = new SourceText(text);
        var roots = YamlReader.Read(_source);
        _style = BlockStyle.Of(_source, roots);
        Documents = [.. roots.Select(TreeReader.Read)];
    }

    /// <summary>What the text's documents are to mean.</summary>
    public List<Tree> Documents { get; }

    public SourceText Source => _source;

    /// <summary>The changes so far.</summary>
    public IReadOnlyList<TextEdit> Edits
    {
        get
        {
            var edits = TextEdit.Ordered(_edits).ToList();
            if (!_source.Text.EndsWith('\n') && edits is [.., { Text: "" } last] && last.Length > 0 && last.End == _source.Text.Length)
            {
                // The last lines go, and the text had no line end at its end: the line end before them goes, too.
                var first = edits.Count - 1;
                while (first > 0 && edits[first - 1] is { Text: "" } before && before.End == edits[first].Start)
                {
                    first--;
                }

                var start = edits[first].Start;
                if (start > 0 && _source.Column(start) == 0)
                {
                    var lineEnd = _source.LineEnd(start - 1);
                    edits[first] = edits[first] with { Start = lineEnd, Length = edits[first].End - lineEnd };
                }
            }

            return edits;
        }
    }

    /// <summary>The edited text.</summary>
    /// <exception cref="ManifestException">It would not mean what it is to mean.</exception>
    public string Finish()
    {
        if (_edits.Count == 0)
        {
            return _source.Text;
        }

        var text = TextEdit.Apply(_source.Text, Edits);
        IReadOnlyList<Tree> actual;
        try
        {
            actual = [.. YamlReader.Read(new SourceText(text)).Select(TreeReader.Read)];
        }
        catch (ManifestException e)
        {
            throw new ManifestException("The manifest is laid out in a way that cannot be changed safely; nothing was changed. Write flow collections ('{…}', '[…]') and aliases ('*…') out, and try again.", e);
        }

        for (var i = 0; i < Math.Max(actual.Count, Documents.Count); i++)
        {
            var path = "";
            if (i >= actual.Count || i >= Documents.Count || !Tree.Same(Documents[i], actual[i], out path))
            {
                throw new ManifestException(
                    $"The change would alter more than it should: document {i + 1}, '{path.TrimStart('.')}'. Nothing was changed. Anchors ('&…') that other places refer to are the usual cause: write those places out, and try again.");
            }
        }

        return text;
    }

    /// <summary>Gives an entry another value of text, in the former one's quotes.</summary>
    public void SetText(TreeMap map, TreeEntry entry, string value)
    {
        if (entry.IsMerged)
        {
            map.Entries.Remove(entry);
            AddEntry(map, entry.Key, Tree.Text(value));
            return;
        }

        var node = entry.Source!.Value;
        var inFlow = ((YamlMapping)map.Source!).IsFlow;
        if (node is YamlScalar { IsBlock: false } former)
        {
            var lead = former.ContentStart == former.End && !EndsWithSpace(former.ContentStart) ? " " : "";
            Replace(former.ContentStart, former.End, lead + ScalarText.WriteLike(former, value, inFlow));
        }
        else
        {
            ReplaceValueText(entry.Source, " " + (inFlow ? ScalarText.Quote(value) : ScalarText.Write(value)));
        }

        entry.Value = Tree.Text(value);
    }

    /// <summary>Gives an entry that is nothing, or an empty collection, content.</summary>
    public void Fill(TreeMap map, TreeEntry entry, Tree value)
    {
        var mapping = (YamlMapping)map.Source!;
        if (mapping.IsFlow)
        {
            var (writer, indentation) = Flow(mapping, entry.Source!.Key.Start);
            ReplaceValueText(entry.Source!, " " + writer.Value(value, indentation));
        }
        else
        {
            // A comment behind the key stays where it is.
            var column = _source.Column(entry.Source!.Key.Start);
            ReplaceValueText(entry.Source, "");
            AddLines(entry.Source.End, BlockWriter.Entry(entry.Key, value, column, _style).Skip(1), column);
        }

        entry.Value = value;
    }

    /// <summary>Replaces a whole entry by text as it was once written.</summary>
    /// <param name="map">The mapping.</param>
    /// <param name="entry">Its entry.</param>
    /// <param name="raw">Key and value.</param>
    public void ReplaceEntry(TreeMap map, TreeEntry entry, string raw)
    {
        var inFlow = ((YamlMapping)map.Source!).IsFlow;
        var read = YamlReader.Read(new SourceText(inFlow ? "{" + raw + "}" : raw)).Select(TreeReader.Read).ToList();
        if (entry.Source is null || entry.IsMerged || read is not [TreeMap { Entries: [{ } former] }])
        {
            throw new ManifestException($"'{raw}' cannot be put back in place of '{entry.Key}'.");
        }

        Replace(entry.Source.Key.Start, entry.Source.End, raw.ReplaceLineEndings(_source.NewLine));
        entry.Key = former.Key;
        entry.Value = former.Value;
    }

    /// <summary>An entry as it is written: key and value.</summary>
    public string Raw(YamlEntry entry) => _source.Text[entry.Key.Start..entry.End];

    /// <summary>Adds an entry as the mapping's last.</summary>
    public void AddEntry(TreeMap map, string key, Tree value)
    {
        var mapping = (YamlMapping)map.Source!;
        if (mapping.IsFlow)
        {
            AddInFlow(mapping, mapping.Entries.Count == 0 ? null : mapping.Entries[^1].Key.Start, mapping.Entries.Count == 0 ? mapping.ContentStart + 1 : mapping.Entries[^1].End,
                (writer, indentation) => writer.Entry(key, value, indentation));
        }
        else
        {
            var column = _source.Column(mapping.ContentStart);
            AddLines(mapping.End, BlockWriter.Entry(key, value, column, _style), column);
        }

        map.Entries.Insert(map.Entries.Count(entry => !entry.IsMerged), new TreeEntry { Key = key, Value = value });
    }

    /// <summary>Adds items at the list's end.</summary>
    public void AddItems(TreeList list, params IReadOnlyList<Tree> items)
    {
        var sequence = (YamlSequence)list.Source!;
        if (sequence.IsFlow)
        {
            AddInFlow(sequence, sequence.Items.Count == 0 ? null : sequence.Items[^1].Start, sequence.Items.Count == 0 ? sequence.ContentStart + 1 : sequence.Items[^1].End,
                (writer, indentation) => string.Join(writer.Separator(indentation), items.Select(item => writer.Value(item, indentation))));
        }
        else
        {
            var column = _source.Column(sequence.ContentStart);
            var style = _source.LineOf(sequence.Items[0].Start) == _source.LineOf(sequence.ContentStart)
                ? _style with { DashGap = _source.Column(sequence.Items[0].Start) - column }
                : _style;
            AddLines(sequence.End, items.SelectMany(item => BlockWriter.Item(item, column, style)), column);
        }

        list.Items.AddRange(items);
    }

    /// <summary>Takes entries out, and their lines with them.</summary>
    public void RemoveEntries(TreeMap map, params IReadOnlyList<TreeEntry> entries)
    {
        var mapping = (YamlMapping)map.Source!;
        var places = mapping.Entries.Select(entry => (entry.Key.Start, entry.End)).ToList();
        var indexes = entries.Select(entry => mapping.Entries.IndexOf(entry.Source!)).Order().ToList();
        if (indexes is [-1, ..])
        {
            throw new ManifestException("What is to be taken out comes from an anchor by '<<'. Write it out, and try again.");
        }

        if (mapping.IsFlow)
        {
            RemoveInFlow(places, indexes);
        }
        else
        {
            foreach (var index in indexes)
            {
                RemoveEntry(mapping, index, indexes);
            }
        }

        map.Entries.RemoveAll(entries.Contains);
    }

    /// <summary>Takes items out of a list, and their lines with them.</summary>
    public void RemoveItems(TreeList list, params IReadOnlyList<Tree> items)
    {
        var sequence = (YamlSequence)list.Source!;
        var indexes = items.Select(item => sequence.Items.IndexOf(item.Written!)).Order().ToList();
        if (sequence.IsFlow)
        {
            RemoveInFlow(sequence.Items.Select(item => (item.Start, item.End)).ToList(), indexes);
        }
        else
        {
            foreach (var index in indexes)
            {
                RemoveLines(DashOf(sequence, index), sequence.Items[index].End);
            }
        }

        list.Items.RemoveAll(items.Contains);
    }

    /// <summary>Puts another text in place of everything between an entry's colon and its value's end.</summary>
    public void ReplaceValueText(YamlEntry entry, string text) => Replace(AfterColon(entry), entry.Value.End, text);

    /// <summary>Takes a collection's content out and puts what it was before in its place: the opposite of <see cref="Fill"/>.</summary>
    /// <param name="entry">The collection's entry.</param>
    /// <param name="raw">What was written from the colon to the value's end.</param>
    public void Unfill(TreeEntry entry, string raw)
    {
        raw = raw.ReplaceLineEndings(_source.NewLine);
        if (YamlReader.Read(new SourceText("x:" + raw)) is not [YamlMapping { Entries: [{ } former] }])
        {
            throw new ManifestException($"'{raw.Trim()}' cannot be put back as the value of '{entry.Key}'.");
        }

        var node = entry.Source!.Value;
        if (node is YamlSequence { IsFlow: false } or YamlMapping { IsFlow: false })
        {
            RemoveLines(node.ContentStart, node.End);
            Replace(AfterColon(entry.Source), AfterColon(entry.Source), raw);
        }
        else
        {
            ReplaceValueText(entry.Source, raw);
        }

        entry.Value = TreeReader.Read(former.Value);
    }

    /// <summary>What is written from an entry's colon to its value's end.</summary>
    public string ValueText(YamlEntry entry) => _source.Text[AfterColon(entry)..entry.Value.End];

    /// <summary>Puts text in a place. Its meaning is the caller's to note in <see cref="Documents"/>.</summary>
    public void Replace(int start, int end, string text, int depth = int.MaxValue) => _edits.Add(new TextEdit(start, end - start, text, depth));

    /// <summary>Adds whole lines after the line that a place is in.</summary>
    public void AddLines(int after, IEnumerable<string> lines, int depth)
    {
        if (_source.NextLine(after) is { } next)
        {
            Replace(next, next, string.Concat(lines.Select(line => line + _source.NewLine)), depth);
        }
        else
        {
            Replace(_source.Text.Length, _source.Text.Length, string.Concat(lines.Select(line => _source.NewLine + line)), depth);
        }
    }

    /// <summary>Takes whole lines out.</summary>
    public void RemoveLines(int first, int last)
    {
        var start = _source.LineStart(first);
        if (_source.NextLine(last) is { } next)
        {
            Replace(start, next, "");
        }
        else
        {
            Replace(start, _source.Text.Length, "");
        }
    }
}
