using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gatehouse.Load;

/// <summary>Writes what a run found into the repository.</summary>
internal static class ReportFiles
{
    private const string Begin = "<!-- figures: begin (written by ./bench --write) -->";
    private const string End = "<!-- figures: end -->";

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Replaces the section between the markers of <c>docs/performance.md</c> and keeps a dated summary.</summary>
    /// <exception cref="BenchFailedException">The page has no such section.</exception>
    public static async Task WriteAsync(string repository, BenchReport report, string markdown, CancellationToken cancellationToken)
    {
        var page = Path.Combine(repository, "docs", "performance.md");
        var text = await File.ReadAllTextAsync(page, cancellationToken);
        var (begin, end) = (text.IndexOf(Begin, StringComparison.Ordinal), text.IndexOf(End, StringComparison.Ordinal));
        if (begin < 0 || end < begin)
            throw new BenchFailedException($"{page} lacks the lines '{Begin}' and '{End}', between which the figures go.");
        await File.WriteAllTextAsync(page, $"{text[..(begin + Begin.Length)]}\n\n{markdown}\n{text[end..]}", cancellationToken);

        var results = Directory.CreateDirectory(Path.Combine(repository, "benchmarks", "results")).FullName;
        var name = string.Create(CultureInfo.InvariantCulture, $"{report.At:yyyy-MM-dd}-{report.Machine.Commit.Split(' ')[0]}.json");
        await File.WriteAllTextAsync(Path.Combine(results, name), JsonSerializer.Serialize(report, s_json) + "\n", cancellationToken);
        BenchContext.Say($"Wrote docs/performance.md and benchmarks/results/{name}.");
    }
}
