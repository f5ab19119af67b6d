namespace Gatehouse.Load;

/// <summary>The goals of the TLS engine and of forwarding, each beside what a run found.</summary>
internal static class Goals
{
    /// <summary>Those that the run has figures for.</summary>
    public static IReadOnlyList<Goal> Of(BenchReport report) =>
    [
        .. Cpu(report.Handshakes, "full handshake + 1 GET, TLS 1.3", Peers.GatehouseName, 0.60, 0.45),
        .. Cpu(report.Handshakes, "full handshake + 1 GET, TLS 1.2", Peers.GatehouseName, 0.60, 0.45),
        .. Cpu(report.Handshakes, "full handshake + 1 GET, TLS 1.3", Peers.WithoutDecoderName, null, 0.72),
        .. Cpu(report.Handshakes, "full handshake + 1 GET, TLS 1.2", Peers.WithoutDecoderName, null, 0.72),
        .. Cpu(report.Resumed, "resumed handshake + 1 GET, TLS 1.3", Peers.GatehouseName, 0.60, 0.42),
        .. Cpu(report.Resumed, "resumed handshake + 1 GET, TLS 1.2", Peers.GatehouseName, 0.60, 0.40),
        .. Cpu(report.Requests, "proxied HTTP/1.1 GET, kept connection", Peers.GatehouseName, 1.25, 0.95),
        .. Idle(report.Idle),
    ];

    // Ratios round by round: what disturbed a round disturbed both.
    private static IEnumerable<Goal> Cpu(IReadOnlyList<CpuResult>? results, string operation, string server, double? must, double best)
    {
        if (results is null)
            yield break;
        var ours = results.Single(r => r.Operation == operation && r.Server == server);
        var theirs = results.Single(r => r.Operation == operation && r.Server == Peers.NginxName);
        yield return new Goal
        {
            What = $"CPU, {operation}{(server == Peers.GatehouseName ? "" : ", legacyKeyDecoder off")}",
            Found = Spread.Of(ours.Rounds.Zip(theirs.Rounds, (a, b) => a / b)),
            Must = must,
            Best = best,
            Unit = "×",
        };
    }

    private static IEnumerable<Goal> Idle(IReadOnlyList<IdleResult>? results)
    {
        if (results is null)
            yield break;
        var (ours, theirs) = (results.Single(r => r.Server == Peers.GatehouseName), results.Single(r => r.Server == Peers.NginxName));
        yield return new Goal
        {
            What = "RSS per idle mTLS connection",
            Found = Spread.Of(ours.Rounds.Zip(theirs.Rounds, (a, b) => a / b)),
            Must = 1.8,
            Best = 1.1,
            Unit = "×",
        };
    }
}
