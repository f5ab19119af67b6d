using System.Security.Authentication;

namespace Gatehouse.Load;

/// <summary>Full mTLS handshake, one proxied GET, close: what a delegate that comes in costs the server.</summary>
internal static class HandshakeScenario
{
    public static async Task<IReadOnlyList<CpuResult>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var plan = context.Plan;
        await using var peers = await Peers.StartAsync(context, cancellationToken);
        (string Row, LoadTarget[] Targets)[] rows =
        [
            ("full handshake + 1 GET, TLS 1.3",
                [peers.Gatehouse(SslProtocols.Tls13), peers.Nginx(SslProtocols.Tls13), peers.NginxWithoutTickets(SslProtocols.Tls13)]),
            // In TLS 1.2 a server sends a ticket only to a client that asks for one (RFC 5077 §3.2), and the generator does not.
            ("full handshake + 1 GET, TLS 1.2", [peers.Gatehouse(SslProtocols.Tls12), peers.Nginx(SslProtocols.Tls12)]),
        ];
        foreach (var (_, targets) in rows)
        {
            foreach (var target in targets)
            {
                await Controls.CheckAsync(target, cancellationToken);
                var warmUp = target.Name == Peers.GatehouseName ? plan.WarmUp / rows.Length : plan.PeerWarmUp;
                BenchContext.Say($"  warming up {target.Name}, {target.Tls}, {warmUp.TotalSeconds:0} s");
                await plan.InBurstsAsync(warmUp, burst => LoadRunner.HandshakesAsync(target, plan.HandshakesInFlight, burst, cancellationToken), cancellationToken);
            }
        }

        var cells = rows.SelectMany(row => row.Targets).ToDictionary(target => target, _ => new List<Cell>());
        for (var round = 1; round <= plan.Rounds; round++)
        {
            foreach (var target in rows.SelectMany(row => row.Targets))
            {
                var cell = await Cell.MeasureAsync(
                    target.ProcessId, () => LoadRunner.HandshakesAsync(target, plan.HandshakesInFlight, plan.Cell, cancellationToken), cancellationToken);
                cells[target].Add(cell);
                BenchContext.Say($"  round {round}: {target.Name}, {target.Tls}: {cell.MicrosecondsPerOperation:0} µs, {cell.OperationsPerSecond:0}/s");
            }
        }
        return [.. rows.SelectMany(row => row.Targets.Select(target => CpuResult.Of(row.Row, target.Name, cells[target], cells[row.Targets[0]])))];
    }
}
