namespace Gatehouse.Manifests.Yaml;

/// <summary>Text after <c>|</c> or <c>&gt;</c>: where it ends and how far it is indented.</summary>
internal static class BlockScalar
{
    /// <summary>Behind its last line's text. The parser's mark lies behind the blank lines and before the next key.</summary>
    public static int ContentEnd(SourceText source, int contentStart, int parsedEnd)
    {
        var header = source.Text[contentStart..source.LineEnd(contentStart)];
        var keep = header.Split('#')[0].Contains('+', StringComparison.Ordinal);
        var end = source.LineEnd(contentStart);
        for (var line = source.NextLine(contentStart); line is { } start && start < parsedEnd; line = source.NextLine(start))
        {
            var lineEnd = source.LineEnd(start);
            if (keep || !source.Text.AsSpan(start..lineEnd).Trim().IsEmpty)
            {
                end = lineEnd;
            }
        }

        return end;
    }

    /// <summary>The columns by which its lines are indented; null when it has no text.</summary>
    public static int? Indentation(SourceText source, YamlScalar scalar)
    {
        for (var line = source.NextLine(scalar.ContentStart); line is { } start && start < scalar.End; line = source.NextLine(start))
        {
            var text = source.Text.AsSpan(start..source.LineEnd(start));
            var spaces = text.Length - text.TrimStart(' ').Length;
            if (spaces < text.Length)
            {
                return spaces;
            }
        }

        return null;
    }
}
