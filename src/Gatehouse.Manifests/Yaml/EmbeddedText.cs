using System.Text;
using YamlDotNet.Core;

namespace Gatehouse.Manifests.Yaml;

/// <summary>
/// A YAML document that is the text of a value, as <c>config.yaml</c> is in a ConfigMap: which place of the outer text each of its characters has, so that a change inside changes the
/// outer text in the same lines only.
/// </summary>
internal sealed class EmbeddedText
{
    private readonly SourceText _outer;
    private readonly YamlScalar _scalar;
    private readonly int[] _places;
    private readonly int _indentation;

    private EmbeddedText(SourceText outer, YamlScalar scalar, int[] places, int indentation)
    {
        _outer = outer;
        _scalar = scalar;
        _places = places;
        _indentation = indentation;
    }

    /// <summary>Maps a value's characters.</summary>
    /// <exception cref="ManifestException">It is written in a way whose places cannot be told: folded, or in several lines without need.</exception>
    public static EmbeddedText Of(SourceText outer, YamlScalar scalar)
    {
        var decoded = new StringBuilder();
        var places = new List<int>();
        var indentation = 0;
        if (scalar.Style == ScalarStyle.Literal)
        {
            indentation = BlockScalar.Indentation(outer, scalar) ?? 0;
            Literal(outer, scalar, indentation, decoded, places);
        }
        else if (scalar.Style != ScalarStyle.Folded)
        {
            Inline(outer, scalar, decoded, places);
        }

        return decoded.ToString() == scalar.Value
            ? new EmbeddedText(outer, scalar, [.. places], indentation)
            : throw new ManifestException($"The document in {outer.Where(scalar.Start)} is written in a way that cannot be changed safely. Write it as a block, with '|' and a line for each of its lines, and try again.");
    }

    /// <summary>Carries changes of the inner text over to the outer one.</summary>
    /// <exception cref="ManifestException">What goes is written with escapes of its own, which nobody could give back later: <c>\/</c> for a slash, or a bare tab.</exception>
    public void Carry(IEnumerable<TextEdit> inner, YamlEditor outer)
    {
        foreach (var edit in inner)
        {
            var start = _places[edit.Start];
            if (_scalar.Style == ScalarStyle.DoubleQuoted && ScalarText.Quote(_scalar.Value.Substring(edit.Start, edit.Length))[1..^1] != _outer.Text[start.._places[edit.End]])
            {
                throw new ManifestException($"The document in {_outer.Where(_scalar.Start)} is written with escapes that could not be given back. Write it as a block, with '|' and a line for each of its lines, and try again.");
            }

            outer.Replace(start, _places[edit.End], Encode(edit, start), edit.Depth == int.MaxValue ? int.MaxValue : edit.Depth + _indentation + 1);
        }
    }

    private string Encode(TextEdit edit, int start)
    {
        switch (_scalar.Style)
        {
            case ScalarStyle.Literal:
                var indentation = new string(' ', _indentation);
                var lines = edit.Text.Split('\n');
                var encoded = new StringBuilder();
                for (var i = 0; i < lines.Length; i++)
                {
                    var startsLine = i > 0 || _outer.LineStart(start) == start;
                    encoded.Append(i > 0 ? _outer.NewLine : "").Append(startsLine && lines[i].Length > 0 ? indentation : "").Append(lines[i]);
                }

                return encoded.ToString();
            case ScalarStyle.DoubleQuoted:
                return ScalarText.Quote(edit.Text)[1..^1];
            case ScalarStyle.SingleQuoted when !edit.Text.Contains('\n', StringComparison.Ordinal):
                return ScalarText.Single(edit.Text)[1..^1];
            default:
                throw new ManifestException($"The document in {_outer.Where(_scalar.Start)} is written without line ends and needs more lines. Write it as a block, with '|', and try again.");
        }
    }

    private static void Literal(SourceText outer, YamlScalar scalar, int indentation, StringBuilder decoded, List<int> places)
    {
        var end = outer.LineEnd(scalar.ContentStart);
        for (var line = outer.NextLine(scalar.ContentStart); line is { } start && start <= scalar.End && start < outer.Text.Length; line = outer.NextLine(start))
        {
            end = outer.LineEnd(start);
            var from = Math.Min(start + indentation, end);
            for (var at = from; at < end; at++)
            {
                decoded.Append(outer.Text[at]);
                // Whatever begins in a line's first column begins before its indentation.
                places.Add(at == from ? start : at);
            }

            if (decoded.Length < scalar.Value.Length)
            {
                decoded.Append('\n');
                places.Add(from == end ? start : end);
            }
        }

        places.Add(scalar.Value.EndsWith('\n') ? outer.NextLine(end) ?? outer.Text.Length : end);
    }

    private static void Inline(SourceText outer, YamlScalar scalar, StringBuilder decoded, List<int> places)
    {
        var quoted = scalar.Style is ScalarStyle.SingleQuoted or ScalarStyle.DoubleQuoted;
        var at = scalar.ContentStart + (quoted ? 1 : 0);
        var end = scalar.End - (quoted ? 1 : 0);
        while (at < end)
        {
            var (text, next) = scalar.Style switch
            {
                ScalarStyle.DoubleQuoted when outer.Text[at] == '\\' => Escape(outer.Text, at),
                ScalarStyle.SingleQuoted when outer.Text[at] == '\'' => ("'", at + 2),
                _ => (outer.Text[at].ToString(), at + 1),
            };
            foreach (var character in text)
            {
                decoded.Append(character);
                places.Add(at);
            }

            at = next;
        }

        places.Add(end);
    }

    /// <summary>What JSON and YAML writers use; others show as a difference to what the parser read, and are refused.</summary>
    private static (string Text, int Next) Escape(string text, int at)
    {
        var kind = text[at + 1];
        switch (kind)
        {
            case 'n':
                return ("\n", at + 2);
            case 't':
                return ("\t", at + 2);
            case 'r':
                return ("\r", at + 2);
            case 'u' when at + 6 <= text.Length && ushort.TryParse(text.AsSpan(at + 2, 4), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var code):
                return (((char)code).ToString(), at + 6);
            case '\r' or '\n':
                // An escaped line end continues the text, without the next line's indentation.
                var next = text.IndexOf('\n', at) + 1;
                while (next < text.Length && text[next] is ' ' or '\t')
                {
                    next++;
                }

                return ("", next);
            default:
                return (kind.ToString(), at + 2);
        }
    }
}
