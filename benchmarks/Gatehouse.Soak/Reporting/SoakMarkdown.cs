using System.Globalization;
using System.Text;
using Gatehouse.Soak.Watching;

namespace Gatehouse.Soak.Reporting;

/// <summary>The report as people read it.</summary>
internal static class SoakMarkdown
{
    public static string Of(SoakReport report, string command, string commit)
    {
        var counts = report.Counts;
        var settled = report.Settled;
        var text = new StringBuilder();
        text.AppendLine(Invariant($"`{command}` at {commit}, {report.StartedAt:yyyy-MM-dd HH:mm} UTC, {report.Plan.Duration.TotalMinutes:0.#} minutes under load: **{(report.Violations.Count == 0 ? "nothing to object to" : $"{report.Violations.Count} violations")}**."));
        text.AppendLine().AppendLine("| | |").AppendLine("| --- | --- |");
        Row("Changes of trust", $"{List(counts.All("trust: "))}; {report.Versions} versions of {report.Plan.Accounts} accounts' trust");
        Row("Handshakes", List(counts.All("handshake: ")));
        Row("Sessions", List(counts.All("resumed: ")));
        Row("Held open and used", List(counts.All("held: ")));
        Row("Clients killed", List(counts.All("killed: ")));
        Row("Verdicts seen", List(counts.All("verdict: ")));
        Row("Oracle", List(counts.All("oracle: ")));
        Row("After a change, an open connection was served for at most", Invariant($"{counts.WorstOf("served after"):0} ms (limit 1000)"));
        Row("After a change, an open connection was closed within", Invariant($"{counts.WorstOf("closed after"):0} ms"));
        Row("Resident memory before, after warm-up, at the end, idle again", Invariant($"{report.Before.ResidentMiB:0}, {First(settled, s => s.ResidentMiB):0}, {Last(settled, s => s.ResidentMiB):0}, {report.After.ResidentMiB:0} MiB"));
        Row("Its trend after the warm-up; of that, the managed heap's", Invariant($"{Trend.PerHour(settled, s => s.ResidentMiB):+0.0;-0.0;0} MiB/h; {Trend.PerHour(settled, s => s.ManagedMiB):+0.0;-0.0;0} MiB/h"));
        Row("Descriptors before, most, idle again", Invariant($"{report.Before.Descriptors}, {Most(report, s => s.Descriptors)}, {report.After.Descriptors}"));
        Row("Threads before, most, idle again", Invariant($"{report.Before.Threads}, {Most(report, s => s.Threads)}, {report.After.Threads}"));
        Row("Open connections by the gauge: most, idle again", Invariant($"{Most(report, s => s.Connections)}, {report.After.Connections}"));
        Row("Exit code after SIGTERM", report.ExitCode?.ToString(CultureInfo.InvariantCulture) ?? "none");
        if (report.Violations.Count > 0)
        {
            text.AppendLine().AppendLine("Violations:").AppendLine();
            foreach (var sentence in report.Violations.Kept)
                text.Append("- ").AppendLine(sentence);
        }
        return text.ToString();

        void Row(string name, string value) => text.Append("| ").Append(name).Append(" | ").Append(value).AppendLine(" |");
    }

    private static string List(IReadOnlyList<(string Name, long Count)> counts) =>
        counts.Count == 0 ? "none" : string.Join("; ", counts.Select(c => Invariant($"{c.Name}: {c.Count}")));

    private static double First(IReadOnlyList<Sample> samples, Func<Sample, double> value) => samples.Count == 0 ? 0 : value(samples[0]);

    private static double Last(IReadOnlyList<Sample> samples, Func<Sample, double> value) => samples.Count == 0 ? 0 : value(samples[^1]);

    private static int Most(SoakReport report, Func<Sample, int> value) => report.Samples.Count == 0 ? 0 : report.Samples.Max(value);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
