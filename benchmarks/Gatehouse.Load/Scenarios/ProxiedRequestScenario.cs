using System.Security.Authentication;

namespace Gatehouse.Load;

/// <summary>Proxied HTTP/1.1 requests on kept mTLS connections: what a poll or a heartbeat costs the gateway.</summary>
internal static class ProxiedRequestScenario
{
    private const string Row = "proxied HTTP/1.1 GET, kept connection";

    public static async Task<IReadOnlyList<CpuResult>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var plan = context.Plan;
        await using var peers = await Peers.StartAsync(context, cancellationToken);
        LoadTarget[] targets = [peers.Gatehouse(SslProtocols.Tls13), peers.Nginx(SslProtocols.Tls13)];
        var connections = new Dictionary<LoadTarget, List<ProvenConnection>>();
        try
        {
            foreach (var target in targets)
            {
                await Controls.CheckAsync(target, cancellationToken);
                var opened = connections[target] = [];
                for (var i = 0; i < plan.KeptConnections; i++)
                    opened.Add(await ProvenConnection.OpenAsync(target, cancellationToken));
                var warmUp = target.Name == Peers.GatehouseName ? plan.WarmUp : plan.PeerWarmUp;
                BenchContext.Say($"  warming up {target.Name}, {warmUp.TotalSeconds:0} s");
                await plan.InBurstsAsync(warmUp, burst => LoadRunner.RequestsAsync(opened, burst, cancellationToken), cancellationToken);
            }

            var cells = targets.ToDictionary(target => target, _ => new List<Cell>());
            for (var round = 1; round <= plan.Rounds; round++)
            {
                foreach (var target in targets)
                {
                    var cell = await Cell.MeasureAsync(
                        target.ProcessId, () => LoadRunner.RequestsAsync(connections[target], plan.Cell, cancellationToken), cancellationToken);
                    cells[target].Add(cell);
                    BenchContext.Say($"  round {round}: {target.Name}: {cell.MicrosecondsPerOperation:0.0} µs, {cell.OperationsPerSecond:0}/s");
                }
            }
            return [.. targets.Select(target => CpuResult.Of(Row, target.Name, cells[target], cells[targets[0]]))];
        }
        finally
        {
            foreach (var connection in connections.Values.SelectMany(opened => opened))
                await connection.DisposeAsync();
        }
    }
}
