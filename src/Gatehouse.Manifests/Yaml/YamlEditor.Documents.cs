namespace Gatehouse.Manifests.Yaml;

/// <summary>Whole documents.</summary>
internal sealed partial class YamlEditor
{
    /// <summary>Adds a document at the end.</summary>
    /// <exception cref="ManifestException">The text is JSON, which has one document.</exception>
    public void AddDocument(TreeMap body)
    {
        if (Documents is [.., TreeMap { Source: YamlMapping { IsFlow: true } }])
        {
            throw new ManifestException("A JSON manifest of one object has no place for a second one. Make it a List ('\"kind\": \"List\", \"items\": […]'), or create the Secret with kubectl.");
        }

        var lines = body.Entries.SelectMany(entry => BlockWriter.Entry(entry.Key, entry.Value, 0, _style)).Prepend("---");
        Replace(
            _source.Text.Length, _source.Text.Length,
            _source.Text.EndsWith('\n') ? string.Concat(lines.Select(line => line + _source.NewLine)) : string.Concat(lines.Select(line => _source.NewLine + line)), depth: -1);
        Documents.Add(body);
    }

    /// <summary>Takes a document out, with the line of dashes before it.</summary>
    public void RemoveDocument(TreeMap body)
    {
        var start = _source.LineStart(body.Source!.Start);
        while (start > 0 && !IsMarker(start))
        {
            start = _source.LineStart(start - 1);
        }

        var end = _source.NextLine(body.Source.End);
        while (end is { } line && !IsMarker(line))
        {
            end = _source.NextLine(line);
        }

        Replace(start, end ?? _source.Text.Length, "");
        Documents.Remove(body);
    }

    private bool IsMarker(int line) => _source.Text.AsSpan(line).StartsWith("---", StringComparison.Ordinal);
}
