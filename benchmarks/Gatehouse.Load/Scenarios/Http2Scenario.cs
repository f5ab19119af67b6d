namespace Gatehouse.Load;

/// <summary>Proxied HTTP/2 requests on kept mTLS connections, several in flight on each.</summary>
internal static class Http2Scenario
{
    public const string Operation = "proxied HTTP/2 GET, kept connection";

    public static async Task<IReadOnlyList<CpuResult>> RunAsync(BenchContext context, Peers peers, CancellationToken cancellationToken)
    {
        var plan = context.Plan;
        var targets = peers.Targets(Libssl.Tls13, name => name != Peers.WithoutDecoderName);
        var opened = new List<LoadConnection>();
        try
        {
            var connections = new Dictionary<LoadTarget, IReadOnlyList<Http2Connection>>();
            foreach (var target in targets)
            {
                Controls.Check(target);
                connections[target] = [.. context.Certificates.Accounts.Take(plan.Http2Connections).Select(account =>
                {
                    opened.Add(LoadConnection.Open(target, account.HostName, account.Profile(target.Tls), session: null, "h2"u8));
                    return new Http2Connection(opened[^1], account);
                })];
            }
            var row = new CpuRow(Operation, targets, (target, duration) =>
                LoadRunner.Http2Async(connections[target], plan.Http2Streams, duration, cancellationToken));
            return await CpuRounds.RunAsync([row], plan, cancellationToken);
        }
        finally
        {
            foreach (var connection in opened)
                connection.Close();
        }
    }
}
