namespace Gatehouse.LogService.Streams;

/// <summary>Lines of one request: JSON objects in the sheet's field order, each ended by one newline and holding none.</summary>
/// <param name="Ndjson">The lines.</param>
/// <param name="Count">How many.</param>
internal readonly record struct LineBatch(ReadOnlyMemory<byte> Ndjson, int Count)
{
    /// <summary>Without its first <paramref name="lines"/> lines.</summary>
    public LineBatch Skip(int lines)
    {
        var rest = Ndjson;
        for (var i = 0; i < lines; i++)
            rest = rest[(rest.Span.IndexOf((byte)'\n') + 1)..];
        return new LineBatch(rest, Count - lines);
    }

    /// <summary>In pieces of at most <paramref name="lines"/> lines and <paramref name="bytes"/> bytes, or of one longer line, over the same memory.</summary>
    public IEnumerable<LineBatch> Pieces(int lines, int bytes)
    {
        for (var rest = this; rest.Count > 0;)
        {
            var next = rest.Skip(1);
            while (next.Count > 0 && rest.Count - next.Count < lines && next.Skip(1) is var more && rest.Ndjson.Length - more.Ndjson.Length <= bytes)
                next = more;
            yield return new LineBatch(rest.Ndjson[..(rest.Ndjson.Length - next.Ndjson.Length)], rest.Count - next.Count);
            rest = next;
        }
    }
}
