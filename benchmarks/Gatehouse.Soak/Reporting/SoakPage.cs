namespace Gatehouse.Soak.Reporting;

/// <summary>Puts results between the marks of <c>docs/soak.md</c>.</summary>
internal static class SoakPage
{
    public static async Task WriteAsync(string repository, bool native, string markdown, CancellationToken cancellationToken)
    {
        var path = Path.Combine(repository, "docs", "soak.md");
        var mark = native ? "native" : "soak";
        var (begin, end) = ($"<!-- {mark}:begin -->", $"<!-- {mark}:end -->");
        var page = await File.ReadAllTextAsync(path, cancellationToken);
        var (from, to) = (page.IndexOf(begin, StringComparison.Ordinal), page.IndexOf(end, StringComparison.Ordinal));
        if (from < 0 || to < from)
            throw new SoakFailedException($"{path} lacks the marks {begin} and {end}.");
        await File.WriteAllTextAsync(path, $"{page[..(from + begin.Length)]}\n{markdown.TrimEnd()}\n{page[to..]}", cancellationToken);
    }
}
