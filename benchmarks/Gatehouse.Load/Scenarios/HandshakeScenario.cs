namespace Gatehouse.Load;

/// <summary>Full mTLS handshake, one proxied GET, close: what a client that comes in costs the server.</summary>
internal static class HandshakeScenario
{
    public static Task<IReadOnlyList<CpuResult>> RunAsync(BenchContext context, Peers peers, CancellationToken cancellationToken)
    {
        var rows = new[] { Libssl.Tls13, Libssl.Tls12 }.Select(tls => new CpuRow(
            $"full handshake + 1 GET, {LoadTarget.NameOf(tls)}",
            peers.Targets(tls),
            (target, duration) => LoadRunner.HandshakesAsync(target, context.Plan.HandshakesInFlight, duration, cancellationToken))).ToList();
        foreach (var target in rows.SelectMany(row => row.Targets))
            Controls.Check(target);
        return CpuRounds.RunAsync(rows, context.Plan, cancellationToken);
    }
}
