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
        .. Http2(report.Http2),
        .. Idle(report.Idle),
        .. Endpoints(report.Endpoints),
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

    // Requests for each second of CPU: what one core serves when it does nothing else.
    private static IEnumerable<Goal> Http2(IReadOnlyList<CpuResult>? results)
    {
        if (results is null)
            yield break;
        var (ours, theirs) = (results.Single(r => r.Server == Peers.GatehouseName), results.Single(r => r.Server == Peers.NginxName));
        yield return new Goal
        {
            What = "HTTP/2 requests per second of a core",
            Found = Spread.Of(ours.Rounds.Zip(theirs.Rounds, (a, b) => b / a)),
            Must = 0.85,
            Best = 1.1,
            Unit = "×",
            HigherIsBetter = true,
        };
    }

    private static IEnumerable<Goal> Endpoints(EndpointsResult? result)
    {
        // The goals are of this number.
        if (result is not { Endpoints: 100_000 })
            yield break;
        yield return new Goal { What = "one more endpoint at 100,000: visible after", Found = result.VisibleMilliseconds, Must = 50, Best = 5, Unit = "ms" };
        yield return new Goal { What = "connections dropped by it", Found = Spread.Of([result.Dropped]), Must = 0, Best = 0, Unit = "" };
        yield return new Goal { What = "start with 100,000 endpoints", Found = result.StartSeconds, Must = 3, Best = 1.5, Unit = "s" };
        yield return new Goal { What = "RSS with 100,000 endpoints", Found = result.ResidentMiB, Must = 350, Best = 200, Unit = "MiB" };
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
