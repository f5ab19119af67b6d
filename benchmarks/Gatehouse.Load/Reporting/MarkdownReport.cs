using System.Globalization;
using System.Text;

namespace Gatehouse.Load;

/// <summary>The tables, as they are printed and as <c>docs/performance.md</c> holds them.</summary>
internal static class MarkdownReport
{
    /// <summary>A core that did something else for more than this part of a cell makes its figure doubtful.</summary>
    private const double NoisyFrom = 0.05;

    public static string Of(BenchReport report)
    {
        var text = new StringBuilder();
        Origin(text, report);
        Met(text, report);
        CpuResult[] cpu = [.. report.Handshakes ?? [], .. report.Resumed ?? [], .. report.Requests ?? [], .. report.Http2 ?? []];
        if (cpu.Length > 0)
            Cpu(text, cpu);
        if (report.Idle is not null || report.Tasks is not null)
            Memory(text, report);
        if (report.Endpoints is { } endpoints)
            ManyEndpoints(text, endpoints);
        if (report.Change is { } changes)
            Changes(text, report.Plan, changes);
        if (report.Tasks is { } tasks)
            TaskTimes(text, tasks);
        return text.ToString();
    }

    private static void Origin(StringBuilder text, BenchReport report)
    {
        var (machine, plan) = (report.Machine, report.Plan);
        Line(text, $"| run | {report.At:yyyy-MM-dd HH:mm} UTC, `{report.Command}`, {report.MinutesTaken:0.0} min{(plan.IsQuick ? ", **shortened: not for comparing**" : "")} |");
        Line(text, $"| --- | --- |");
        Line(text, $"| commit | {machine.Commit} |");
        Line(text, $"| machine | {machine.Cpu}, {machine.Cores} cores, {machine.MemoryMiB:0} MiB; {machine.Distribution}, kernel {machine.Kernel} |");
        Line(text, $"| versions | {machine.Runtime}; {machine.OpenSsl}; nginx {machine.Nginx}; HAProxy {machine.Haproxy}; Caddy {machine.Caddy} |");
        Line(text, $"| load before the run | {report.LoadBefore:0.00} (one-minute average) |");
        if (report.Change is not null)
            return;
        Line(text, $"| accounts | {plan.Accounts:N0}, each with its own CA; load goes over all of them in turn |");
        if (report is { Handshakes: null, Resumed: null, Requests: null, Http2: null })
            return;
        Line(text, $"| rounds | {plan.Rounds} interleaved, {plan.Cell.TotalSeconds:0.#} s a cell, after {plan.WarmUp.TotalSeconds:0} s of warm-up on Gatehouse a scenario |");
        Line(text, $"| in flight | {plan.HandshakesInFlight} handshakes; {plan.KeptConnections} kept connections with one request each; {plan.Http2Connections} HTTP/2 connections with {plan.Http2Streams} streams each |");
    }

    private static void Met(StringBuilder text, BenchReport report)
    {
        var goals = Goals.Of(report);
        if (goals.Count == 0)
            return;
        Line(text, $"");
        Line(text, $"### Goals");
        Line(text, $"");
        Line(text, $"| what | found, median (lowest–highest) | must | goal | met |");
        Line(text, $"| --- | ---: | ---: | ---: | --- |");
        foreach (var goal in goals)
            Line(text, $"{goal.Row}");
        Line(text, $"");
        Line(text, $"×: times nginx in the same round.");
    }

    private static void Cpu(StringBuilder text, IReadOnlyList<CpuResult> results)
    {
        Line(text, $"");
        Line(text, $"### Server CPU per operation");
        Line(text, $"");
        Line(text, $"| operation | server | CPU µs, median (lowest–highest) | Gatehouse ÷ this | operations/s | its core busy | noise |");
        Line(text, $"| --- | --- | ---: | ---: | ---: | ---: | ---: |");
        foreach (var r in results)
        {
            var digits = r.MicrosecondsPerOperation.Median < 100 ? "0.0" : "0";
            var ratio = r.GatehouseRatio is { } q ? $"{Number(q.Median, "0.00")} ({Number(q.Lowest, "0.00")}–{Number(q.Highest, "0.00")})" : "";
            Line(text, $"| {r.Operation} | {r.Server} | {Of(r.MicrosecondsPerOperation, digits)} | {ratio} | {r.OperationsPerSecond.Median:0} | {r.BusyShare:P0} | {r.WorstForeignShare:P1} |");
        }
        var worst = results.Max(r => r.WorstForeignShare);
        Line(text, $"");
        Line(text, $"{results.Sum(r => r.Operations):N0} operations, every one with the expected answer. *Noise*: the part of the worst round in which the server's core was busy with anything else; {(worst > NoisyFrom ? $"at {worst:P1} **this run is too noisy to compare**" : $"at most {worst:P1} in this run")}.");
    }

    private static void Memory(StringBuilder text, BenchReport report)
    {
        Line(text, $"");
        Line(text, $"### Memory when idle (RSS)");
        Line(text, $"");
        Line(text, $"| what | median (lowest–highest) |");
        Line(text, $"| --- | ---: |");
        foreach (var r in report.Idle ?? [])
            Line(text, $"| {r.Server} as forwarding gateway, no connection | {Of(r.FreshMiB, "0.0")} MiB |");
        foreach (var r in report.Idle ?? [])
            Line(text, $"| {r.Server}, each idle mTLS connection ({report.Plan.IdleConnections} of them, {report.Plan.IdleRounds} {(report.Plan.IdleRounds == 1 ? "start" : "starts")}) | {Of(r.PerConnectionKiB, "0.0")} KiB |");
        if (report.Tasks is { } tasks)
        {
            Line(text, $"| Gatehouse with all its roles, no connection | {tasks.ServerMiB:0.0} MiB (one start) |");
            Line(text, $"| the same with one delegate connected | {tasks.ServerWithDelegateMiB:0.0} MiB (one start) |");
            Line(text, $"| our delegate, registered, stream open, before its first task | {tasks.DelegateMiB:0.0} MiB (one start) |");
        }
    }

    private static void ManyEndpoints(StringBuilder text, EndpointsResult r)
    {
        Line(text, $"");
        Line(text, $"### Many endpoints");
        Line(text, $"");
        Line(text, $"| what | median (lowest–highest) |");
        Line(text, $"| --- | ---: |");
        Line(text, $"| Gatehouse with {r.Endpoints:N0} endpoints: from its start to a client's first answer | {Of(r.StartSeconds, "0.00")} s |");
        Line(text, $"| its RSS then | {Of(r.ResidentMiB, "0")} MiB |");
        Line(text, $"| one more endpoint: from the operator's request to its answer, when a client is let in at once | {Of(r.VisibleMilliseconds, "0.0")} ms |");
        Line(text, $"| connections dropped, of {r.Held} held | {r.Dropped} |");
        Line(text, $"| nginx with {r.NginxEndpoints:N0} server blocks: from its start to a client's first answer | {r.NginxStartSeconds:0.00} s |");
        Line(text, $"| its RSS then | {r.NginxResidentMiB:0} MiB |");
        Line(text, $"| one more server block: from the signal to reload to a client's first answer | {Of(r.NginxVisibleSeconds, "0.00")} s |");
        Line(text, $"| connections dropped by a reload, of {r.Held} held | {Of(r.NginxDropped, "0")} |");
    }

    private static void Changes(StringBuilder text, BenchPlan plan, IReadOnlyList<ChangeResult> changes)
    {
        Line(text, $"");
        Line(text, $"| {plan.ChangeConnections:N0} idle connections of one account, half of them HTTP/2 | cores | the change is answered after | the last is gone after | CPU of the server | its cores busy with anything else |");
        Line(text, $"| --- | ---: | ---: | ---: | ---: | ---: |");
        foreach (var r in changes)
            Line(text, $"| {r.What} | {r.Cores} | {Of(r.AnsweredMilliseconds, "0")} ms | {Of(r.LastGoneMilliseconds, "0")} ms | {Of(r.ServerCpuMilliseconds, "0")} ms | {Of(r.ForeignMilliseconds, "0")} ms |");
        Line(text, $"");
        Line(text, $"Median (lowest–highest) of {plan.ChangeRounds} {(plan.ChangeRounds == 1 ? "round" : "rounds")}, each with a new server.");
    }

    private static void TaskTimes(StringBuilder text, TaskResult tasks)
    {
        Line(text, $"");
        Line(text, $"### From queue to running script");
        Line(text, $"");
        Line(text, $"| tasks, one after the other | p50 | p99 | lowest | highest |");
        Line(text, $"| ---: | ---: | ---: | ---: | ---: |");
        Line(text, $"| {tasks.Tasks} | {tasks.P50Milliseconds:0.0} ms | {tasks.P99Milliseconds:0.0} ms | {tasks.LowestMilliseconds:0.0} ms | {tasks.HighestMilliseconds:0.0} ms |");
    }

    private static string Of(Spread spread, string digits) => $"{Number(spread.Median, digits)} ({Number(spread.Lowest, digits)}–{Number(spread.Highest, digits)})";

    private static string Number(double value, string digits) => value.ToString(digits, CultureInfo.InvariantCulture);

    private static void Line(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
