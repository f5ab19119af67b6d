using System.Globalization;
using System.Text;
using Gatehouse.Load;

namespace Gatehouse.LogBench;

/// <summary>The tables, as they are printed and as <c>docs/performance.md</c> holds them.</summary>
internal sealed class LogReport(
    BenchPlan plan, IReadOnlyList<LogRound> rounds, Totals totals, long flooded, long slowGot, long slowMissed, int tails, TimeSpan closed, long peakMegabytes)
{
    private const string Begin = "<!-- log figures: begin (written by ./bench logs --write) -->";
    private const string End = "<!-- log figures: end -->";

    /// <summary>Whatever the figures: nothing was lost, nobody was refused.</summary>
    public bool IsSound => totals is { WrongLines: 0, RefusedWrites: 0 } && totals.EndedTails == tails && slowGot == flooded;

    public async Task<string> TextAsync(string repository, string command)
    {
        var machine = await MachineFacts.ReadAsync(repository, CancellationToken.None);
        var text = new StringBuilder();
        Line($"| run | {TimeProvider.System.GetUtcNow():yyyy-MM-dd HH:mm} UTC, `{command}`, {rounds.Count} rounds of {plan.Round.TotalSeconds:0} s |");
        Line($"| --- | --- |");
        Line($"| commit | {machine.Commit} |");
        Line($"| machine | {machine.Cpu}, {machine.Cores} cores, {machine.MemoryMiB} MiB; {machine.Distribution}, kernel {machine.Kernel}; {machine.Runtime} |");
        Line($"| load | {plan.Writers:N0} writers with {plan.WritesPerSecond:N0} writes and {plan.LinesPerSecond:N0} lines a second, {tails:N0} tails; service and clients share the cores; one-minute average {LoadAverage()} |");
        Line($"");
        Line($"| what | found, median (lowest–highest) | must | met |");
        Line($"| --- | ---: | ---: | --- |");
        Row("from write to reader, p50", round => round.P50, "ms", 50);
        Row("from write to reader, p99", round => round.P99, "ms", null);
        Row("the same for a quick reader beside the slow one, p50", round => round.BesideP50, "ms", 50);
        Row("the same, p99", round => round.BesideP99, "ms", null);
        Count("lines that a quick reader missed, got twice or out of order", totals.WrongLines);
        Count("writes that were not acknowledged", totals.RefusedWrites);
        Count("tails that were not told the end", tails - totals.EndedTails);
        Count($"lines the slow reader neither got nor was told of (of {flooded:N0}; told that it missed {slowMissed:N0})", flooded - slowGot);
        Row("CPU of the service, for each line written", round => round.CpuPerLine, "µs", null);
        Row("CPU of the service, cores", round => round.Cores, "", null);
        Row("lines written a second", round => round.LinesPerSecond, "", null);
        Line($"| closing {plan.Writers:N0} streams by prefix, each a synced blob | {closed.TotalSeconds:0.0} s | | |");
        Line($"| peak memory of the service | {peakMegabytes} MiB | | |");
        return text.ToString();

        void Row(string what, Func<LogRound, double> of, string unit, double? must)
        {
            var found = Spread.Of(rounds.Select(of));
            Line($"| {what} | {found.Median:0.0} {unit} ({found.Lowest:0.0}–{found.Highest:0.0}) | {(must is null ? "" : $"≤ {must} {unit}")} | {(must is null ? "" : found.Median <= must ? "must" : "**no**")} |");
        }

        void Count(string what, long found) => Line($"| {what} | {found} | 0 | {(found == 0 ? "must" : "**no**")} |");

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    /// <summary>Replaces the section between the markers of <c>docs/performance.md</c>.</summary>
    public static async Task WriteAsync(string repository, string text)
    {
        var page = Path.Combine(repository, "docs", "performance.md");
        var before = await File.ReadAllTextAsync(page);
        var (begin, end) = (before.IndexOf(Begin, StringComparison.Ordinal), before.IndexOf(End, StringComparison.Ordinal));
        if (begin < 0 || end < begin)
            throw new InvalidOperationException($"{page} lacks the lines '{Begin}' and '{End}', between which the figures go.");
        await File.WriteAllTextAsync(page, $"{before[..(begin + Begin.Length)]}\n\n{text}\n{before[end..]}");
        Console.Error.WriteLine("Wrote docs/performance.md.");
    }

    private static string LoadAverage() => File.ReadAllText("/proc/loadavg").Split(' ')[0];
}
