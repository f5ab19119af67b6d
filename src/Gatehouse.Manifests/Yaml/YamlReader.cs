using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Gatehouse.Manifests.Yaml;

/// <summary>Reads YAML (and JSON, which is YAML) into nodes that know where they are written.</summary>
internal sealed class YamlReader
{
    /// <summary>Deepest nesting that is read; Kubernetes' own resources stay below 30.</summary>
    private const int MaxDepth = 100;

    private readonly SourceText _source;
    private readonly Parser _events;
    private readonly Dictionary<AnchorName, YamlNode> _anchors = [];

    private YamlReader(SourceText source)
    {
        _source = source;
        _events = new Parser(new StringReader(source.Text));
    }

    /// <summary>The roots of a text's documents.</summary>
    /// <exception cref="ManifestException">It is no YAML, or uses what no manifest needs: keys that are not text, a key twice, nesting without end.</exception>
    public static IReadOnlyList<YamlNode> Read(SourceText source)
    {
        try
        {
            var reader = new YamlReader(source);
            return reader.Documents();
        }
        catch (YamlException e)
        {
            throw new ManifestException($"Line {e.Start.Line} cannot be read as YAML: {e.Message}{Hint(source)}", e);
        }
    }

    /// <summary>The parser has more ways to say no than its own exception.</summary>
    private bool Advance()
    {
        try
        {
            return _events.MoveNext();
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException or FormatException or OverflowException)
        {
            throw new ManifestException($"The manifest cannot be read as YAML, near {_source.Where(Offset(_events.Current?.End ?? default))}.{Hint(_source)}", e);
        }
    }

    private List<YamlNode> Documents()
    {
        var roots = new List<YamlNode>();
        while (Advance())
        {
            if (_events.Current is DocumentStart)
            {
                _anchors.Clear();
                Advance();
                roots.Add(Node(0));
            }
        }

        return roots;
    }

    private YamlNode Node(int depth)
    {
        var start = Offset(_events.Current!.Start);
        if (depth > MaxDepth)
        {
            throw Fault($"the nesting is deeper than {MaxDepth}", start);
        }

        if (_events.Current is AnchorAlias alias)
        {
            return new YamlAlias
            {
                Start = start,
                ContentStart = start,
                ContentEnd = Offset(alias.End),
                Target = _anchors.TryGetValue(alias.Value, out var target) ? target : throw Fault($"the anchor of '*{alias.Value}' is missing", start),
            };
        }

        // For some texts the parser ends a mapping behind a key.
        var current = _events.Current as NodeEvent ?? throw Fault("a value is missing", start);
        YamlNode node = current switch
        {
            Scalar scalar => ScalarAt(scalar, start),
            MappingStart mapping => MappingAt(mapping, start, depth),
            _ => SequenceAt((SequenceStart)current, start, depth),
        };
        if (!current.Anchor.IsEmpty)
        {
            _anchors[current.Anchor] = node;
        }

        return node;
    }

    private YamlScalar ScalarAt(Scalar scalar, int start)
    {
        var end = Offset(scalar.End);
        var content = scalar.Anchor.IsEmpty && scalar.Tag.IsEmpty ? start : Math.Min(AfterProperties(start), end);
        return new YamlScalar
        {
            Start = start,
            ContentStart = content,
            ContentEnd = scalar.Style is ScalarStyle.Literal or ScalarStyle.Folded ? BlockScalar.ContentEnd(_source, content, end) : end,
            Value = scalar.Value,
            Style = scalar.Style,
            IsText = scalar.Style != ScalarStyle.Plain || scalar.Tag == "tag:yaml.org,2002:str" || PlainText.IsText(scalar.Value),
        };
    }

    private YamlMapping MappingAt(MappingStart mapping, int start, int depth)
    {
        var node = new YamlMapping { Start = start, ContentStart = AfterProperties(start), IsFlow = mapping.Style == MappingStyle.Flow };
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (Advance() && _events.Current is not MappingEnd)
        {
            var key = Node(depth + 1) as YamlScalar ?? throw Fault("a key is not text", Offset(_events.Current!.Start));
            if (!names.Add(key.Value))
            {
                throw Fault($"the key '{key.Value}' is there twice", key.Start);
            }

            Advance();
            node.Entries.Add(new YamlEntry(key, Node(depth + 1)));
        }

        node.FlowEnd = Offset(_events.Current!.Start) + 1;
        return node;
    }

    private YamlSequence SequenceAt(SequenceStart sequence, int start, int depth)
    {
        var node = new YamlSequence { Start = start, ContentStart = AfterProperties(start), IsFlow = sequence.Style == SequenceStyle.Flow };
        while (Advance() && _events.Current is not SequenceEnd)
        {
            node.Items.Add(Node(depth + 1));
        }

        node.FlowEnd = Offset(_events.Current!.Start) + 1;
        return node;
    }

    /// <summary>Anchors (&amp;) and tags (!) stand before the value, and a comment may stand between.</summary>
    private int AfterProperties(int start)
    {
        var text = _source.Text;
        var at = start;
        while (at < text.Length && (text[at] is '&' or '!' || (at > start && (text[at] == '#' || char.IsWhiteSpace(text[at])))))
        {
            if (text[at] == '#')
            {
                at = _source.LineEnd(at);
            }
            else if (char.IsWhiteSpace(text[at]))
            {
                at++;
            }
            else
            {
                while (at < text.Length && !char.IsWhiteSpace(text[at]))
                {
                    at++;
                }
            }
        }

        return at;
    }

    /// <summary>A mark behind the last character of a text without a line end may lie further.</summary>
    private int Offset(Mark mark) => (int)Math.Min(mark.Index, _source.Text.Length);

    private ManifestException Fault(string what, int offset) => new($"In {_source.Where(Math.Min(offset, _source.Text.Length))} {what}. Nothing was changed.{Hint(_source)}");

    private static string Hint(SourceText source) =>
        source.Text.Contains("{{", StringComparison.Ordinal) ? " It looks like a template: render it first, for example with 'helm template'." : "";
}
