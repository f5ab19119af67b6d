using System.Text;

namespace Gatehouse.Manifests.Yaml;

/// <summary>Writes new content between braces: as JSON, which YAML takes, too.</summary>
/// <param name="newLine">What lines end with; null: everything in one line.</param>
/// <param name="step">White space of a level, when there are lines.</param>
internal sealed class FlowWriter(string? newLine, string step)
{
    /// <summary><c>"key": value</c></summary>
    public string Entry(string key, Tree value, string indentation) => $"{ScalarText.Quote(key)}: {Value(value, indentation)}";

    /// <summary>A value whose first line begins in a line that is indented like this.</summary>
    public string Value(Tree value, string indentation) => value switch
    {
        TreeScalar scalar => scalar.IsText ? ScalarText.Quote(scalar.Value) : scalar.Value.Length == 0 ? "null" : scalar.Value,
        TreeMap map => Collection('{', '}', map.Entries.Select(entry => Entry(entry.Key, entry.Value, indentation + step)), indentation),
        TreeList list => Collection('[', ']', list.Items.Select(item => Value(item, indentation + step)), indentation),
        _ => throw new ArgumentException("No such tree.", nameof(value)),
    };

    /// <summary>The text between an entry and the next one.</summary>
    public string Separator(string indentation) => newLine is null ? ", " : "," + Break(indentation);

    private string Collection(char open, char close, IEnumerable<string> parts, string indentation)
    {
        var written = new StringBuilder().Append(open);
        var any = false;
        foreach (var part in parts)
        {
            written.Append(any ? Separator(indentation + step) : Break(indentation + step)).Append(part);
            any = true;
        }

        return written.Append(any ? Break(indentation) : "").Append(close).ToString();
    }

    private string Break(string indentation) => newLine is null ? "" : newLine + indentation;
}
