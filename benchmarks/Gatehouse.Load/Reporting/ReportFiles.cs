using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gatehouse.Load;

/// <summary>Writes what a run found into the repository.</summary>
internal static class ReportFiles
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Replaces the section between the markers of <c>docs/performance.md</c> and keeps a dated summary.</summary>
    /// <param name="repository">The checkout.</param>
    /// <param name="section">The scenario that has a section of its own; null: the section of all others.</param>
    /// <param name="report">What was found.</param>
    /// <param name="markdown">The same as tables.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <exception cref="BenchFailedException">The page has no such section.</exception>
    public static async Task WriteAsync(string repository, string? section, BenchReport report, string markdown, CancellationToken cancellationToken)
    {
        var name = section is null ? "" : section + " ";
        var (first, last) = ($"<!-- {name}figures: begin (written by ./bench {name}--write) -->", $"<!-- {name}figures: end -->");
        var page = Path.Combine(repository, "docs", "performance.md");
        var text = await File.ReadAllTextAsync(page, cancellationToken);
        var (begin, end) = (text.IndexOf(first, StringComparison.Ordinal), text.IndexOf(last, StringComparison.Ordinal));
        if (begin < 0 || end < begin)
            throw new BenchFailedException($"{page} lacks the lines '{first}' and '{last}', between which the figures go.");
        await File.WriteAllTextAsync(page, $"{text[..(begin + first.Length)]}\n\n{markdown}\n{text[end..]}", cancellationToken);

        var results = Directory.CreateDirectory(Path.Combine(repository, "benchmarks", "results")).FullName;
        var file = string.Create(CultureInfo.InvariantCulture, $"{report.At:yyyy-MM-dd}-{report.Machine.Commit.Split(' ')[0]}{(section is null ? "" : "-" + section)}.json");
        await File.WriteAllTextAsync(Path.Combine(results, file), JsonSerializer.Serialize(report, s_json) + "\n", cancellationToken);
        BenchContext.Say($"Wrote docs/performance.md and benchmarks/results/{file}.");
    }
}
