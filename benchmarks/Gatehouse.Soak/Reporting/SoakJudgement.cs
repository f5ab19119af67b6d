using System.Globalization;
using Gatehouse.Soak.Watching;

namespace Gatehouse.Soak.Reporting;

/// <summary>What must hold of the server beside its verdicts.</summary>
internal static class SoakJudgement
{
    public static void Judge(SoakReport report, ServerProcess server)
    {
        var plan = report.Plan;
        var add = report.Violations.Add;
        foreach (var line in server.Errors)
            add($"The server logged an error: {line}");
        if (report.ExitCode != 0)
            add($"The server ended with {report.ExitCode?.ToString(CultureInfo.InvariantCulture) ?? "no code, or before it was told to"}, not with 0. Its last lines:\n{server.LastLines}");
        if (report.After.Connections != 0)
            add($"{report.After.Connections} connections are counted as open after all clients went.");
        if (report.After.Descriptors > report.Before.Descriptors + plan.DescriptorsBeyond)
            add($"{report.After.Descriptors} descriptors are open after the load, {report.Before.Descriptors} were before.");
        if (report.After.Threads > report.Before.Threads + plan.ThreadsBeyond)
            add($"{report.After.Threads} threads are there after the load, {report.Before.Threads} were before.");
        var growth = Trend.PerHour(report.Settled, s => s.ResidentMiB);
        if (plan.Duration >= plan.JudgeMemoryFrom && growth > plan.FlatMiBPerHour)
            add(string.Create(CultureInfo.InvariantCulture, $"Resident memory grows by {growth:0.0} MiB an hour after the warm-up; {plan.FlatMiBPerHour} is flat."));
        // A run in which little happened has shown little.
        foreach (var (what, least) in new[] { ("verdict: admitted", 100L), ("trust: mode", 1), ("trust: ca", 1), ("oracle: one is right", 100) })
        {
            if (report.Counts.Of(what) < least)
                add($"'{what}' was counted {report.Counts.Of(what)} times: the run has not tried what it is for.");
        }
    }
}
