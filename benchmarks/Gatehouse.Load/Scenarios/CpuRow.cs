namespace Gatehouse.Load;

/// <summary>One row of the CPU table: one kind of operation on several servers.</summary>
/// <param name="Operation">What one operation is.</param>
/// <param name="Targets">The servers, Gatehouse first.</param>
/// <param name="Load">Keeps one of them busy for a time and returns how many operations were right.</param>
internal sealed record CpuRow(string Operation, IReadOnlyList<LoadTarget> Targets, Func<LoadTarget, TimeSpan, Task<long>> Load)
{
    /// <summary>What is to be ready before a measured stretch and is not to be measured.</summary>
    public Action<LoadTarget>? Before { get; init; }
}

/// <summary>Warms up, and measures rows in interleaved rounds.</summary>
internal static class CpuRounds
{
    public static async Task<IReadOnlyList<CpuResult>> RunAsync(IReadOnlyList<CpuRow> rows, BenchPlan plan, CancellationToken cancellationToken)
    {
        foreach (var row in rows)
        {
            foreach (var target in row.Targets)
            {
                var warmUp = target.NeedsWarmUp ? plan.WarmUp / rows.Count : plan.PeerWarmUp;
                BenchContext.Say($"  warming up {target.Name}, {LoadTarget.NameOf(target.Tls)}, {warmUp.TotalSeconds:0} s");
                row.Before?.Invoke(target);
                await plan.InBurstsAsync(target.ProcessId, warmUp, burst => row.Load(target, burst), cancellationToken);
            }
        }

        var cells = rows.SelectMany(row => row.Targets.Select(target => (row, target))).ToDictionary(pair => pair, _ => new List<Cell>());
        for (var round = 1; round <= plan.Rounds; round++)
        {
            foreach (var (pair, measured) in cells)
            {
                pair.row.Before?.Invoke(pair.target);
                var cell = await Cell.MeasureAsync(pair.target.ProcessId, () => pair.row.Load(pair.target, plan.Cell), cancellationToken);
                measured.Add(cell);
                BenchContext.Say($"  round {round}: {pair.target.Name}, {LoadTarget.NameOf(pair.target.Tls)}: {cell.MicrosecondsPerOperation:0.0} µs, {cell.OperationsPerSecond:0}/s");
            }
        }
        return [.. cells.Select(c => CpuResult.Of(c.Key.row.Operation, c.Key.target.Name, c.Value, cells[(c.Key.row, c.Key.row.Targets[0])]))];
    }
}
