namespace Gatehouse.Load;

/// <summary>Proxied HTTP/1.1 requests on kept mTLS connections: what a poll or a heartbeat costs the gateway.</summary>
internal static class ProxiedRequestScenario
{
    public static async Task<IReadOnlyList<CpuResult>> RunAsync(BenchContext context, Peers peers, CancellationToken cancellationToken)
    {
        var targets = peers.Targets(Libssl.Tls13, name => name != Peers.WithoutDecoderName);
        var connections = new Dictionary<LoadTarget, IReadOnlyList<(BenchAccount Account, LoadConnection Connection)>>();
        try
        {
            foreach (var target in targets)
            {
                Controls.Check(target);
                connections[target] = Connections.Open(target, context.Plan.KeptConnections);
            }
            var row = new CpuRow(
                "proxied HTTP/1.1 GET, kept connection", targets, (target, duration) => LoadRunner.RequestsAsync(connections[target], duration, cancellationToken));
            return await CpuRounds.RunAsync([row], context.Plan, cancellationToken);
        }
        finally
        {
            Connections.Close(connections.Values.SelectMany(opened => opened));
        }
    }
}
