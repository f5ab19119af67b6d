namespace Gatehouse.Manifests.Yaml;

/// <summary>A text by lines, which end with LF or CRLF.</summary>
internal sealed class SourceText
{
    private readonly List<int> _lineStarts = [0];

    public SourceText(string text)
    {
        Text = text;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\n')
            {
                _lineStarts.Add(i + 1);
            }
        }

        NewLine = text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
    }

    public string Text { get; }

    /// <summary>How lines end that are added.</summary>
    public string NewLine { get; }

    /// <summary>The number of the line that an offset is in, from 0.</summary>
    public int LineOf(int offset)
    {
        var found = _lineStarts.BinarySearch(offset);
        return found >= 0 ? found : ~found - 1;
    }

    public int LineStart(int offset) => _lineStarts[LineOf(offset)];

    public int Column(int offset) => offset - LineStart(offset);

    /// <summary>Where the next line begins; null on a last line without a line end.</summary>
    public int? NextLine(int offset)
    {
        var line = LineOf(offset) + 1;
        return line < _lineStarts.Count ? _lineStarts[line] : null;
    }

    /// <summary>Where the line's text ends, before its line end.</summary>
    public int LineEnd(int offset)
    {
        var end = NextLine(offset) is { } next ? next - 1 : Text.Length;
        return end > 0 && end < Text.Length && Text[end] == '\n' && Text[end - 1] == '\r' ? end - 1 : end;
    }

    /// <summary>Is there nothing but white space before this place in its line?</summary>
    public bool IsFirstOnLine(int offset) => Text.AsSpan(LineStart(offset)..offset).Trim(' ').IsEmpty;

    /// <summary>For people: <c>line 12</c>.</summary>
    public string Where(int offset) => $"line {LineOf(offset) + 1}";
}
