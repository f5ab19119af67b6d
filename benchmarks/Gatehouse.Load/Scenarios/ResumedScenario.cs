namespace Gatehouse.Load;

/// <summary>Resumed handshake, one proxied GET, close: what a client that comes back costs the server.</summary>
internal static class ResumedScenario
{
    public static Task<IReadOnlyList<CpuResult>> RunAsync(BenchContext context, Peers peers, CancellationToken cancellationToken)
    {
        var jars = new Dictionary<LoadTarget, SessionJar>();
        var rows = new[] { Libssl.Tls13, Libssl.Tls12 }.Select(tls => new CpuRow(
            $"resumed handshake + 1 GET, {LoadTarget.NameOf(tls)}",
            peers.Targets(tls, name => name != Peers.WithoutDecoderName),
            (target, duration) => LoadRunner.ResumedAsync(target, jars[target], context.Plan.HandshakesInFlight, duration, cancellationToken))
        {
            Before = target => jars[target].Fill(),
        }).ToList();
        foreach (var target in rows.SelectMany(row => row.Targets))
        {
            jars[target] = new SessionJar(target);
            Controls.Check(target);
        }
        return CpuRounds.RunAsync(rows, context.Plan, cancellationToken);
    }
}
