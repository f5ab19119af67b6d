namespace Gatehouse.Load;

/// <summary>Memory of one server without connections and of each idle connection.</summary>
/// <param name="Server">Which.</param>
/// <param name="FreshMiB">RSS after the start, before any client.</param>
/// <param name="PerConnectionKiB">Growth of RSS divided by the connections that were opened.</param>
/// <param name="Rounds">The same of each round, in order.</param>
internal sealed record IdleResult(string Server, Spread FreshMiB, Spread PerConnectionKiB, IReadOnlyList<double> Rounds);

/// <summary>RSS when idle. Every round starts the servers anew: memory that a process once took it rarely gives back.</summary>
internal static class IdleMemoryScenario
{
    public static async Task<IReadOnlyList<IdleResult>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var plan = context.Plan;
        var fresh = new Dictionary<string, List<double>>();
        var perConnection = new Dictionary<string, List<double>>();
        for (var round = 1; round <= plan.IdleRounds; round++)
        {
            await using var peers = await Peers.StartAsync(context, [Peers.GatehouseName, .. Peers.OtherServers], cancellationToken);
            foreach (var target in peers.Targets(Libssl.Tls13))
            {
                await Task.Delay(plan.IdleSettle, cancellationToken);
                var start = ProcessTree.ResidentKiB(target.ProcessId);
                var growth = await GrowthAsync(target, plan, cancellationToken);
                Of(fresh, target.Name).Add(start / 1024.0);
                Of(perConnection, target.Name).Add(growth / (double)plan.IdleConnections);
                BenchContext.Say($"  round {round}: {target.Name}: {start / 1024.0:0.0} MiB, {growth / (double)plan.IdleConnections:0.0} KiB a connection");
            }
        }
        return [.. fresh.Keys.Select(name => new IdleResult(name, Spread.Of(fresh[name]), Spread.Of(perConnection[name]), perConnection[name]))];
    }

    // What the first connections of all cost (code, pools, threads) is not charged to the others. They stay open: memory that they gave
    // back would be taken again by the counted ones, and those would seem to cost nothing.
    private static async Task<long> GrowthAsync(LoadTarget target, BenchPlan plan, CancellationToken cancellationToken)
    {
        var first = Connections.Open(target, plan.IdleFirstConnections);
        await Task.Delay(plan.IdleSettle, cancellationToken);
        var before = ProcessTree.ResidentKiB(target.ProcessId);
        var counted = Connections.Open(target, plan.IdleConnections);
        await Task.Delay(plan.IdleSettle, cancellationToken);
        var after = ProcessTree.ResidentKiB(target.ProcessId);
        // They must have been there all the time, or the figure is of nothing.
        Connections.RequireAlive(first.Concat(counted));
        Connections.Close(first.Concat(counted));
        return after - before;
    }

    private static List<double> Of(Dictionary<string, List<double>> values, string name) => values.TryGetValue(name, out var list) ? list : values[name] = [];
}
