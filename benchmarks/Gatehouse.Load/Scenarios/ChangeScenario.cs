using System.Diagnostics;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;

namespace Gatehouse.Load;

/// <summary>What became of many open connections of one account whose trust was changed.</summary>
/// <param name="What">Who they were and what was changed.</param>
/// <param name="Cores">The server had.</param>
/// <param name="AnsweredMilliseconds">From the operator's request to its answer.</param>
/// <param name="LastGoneMilliseconds">From the operator's request until the client had seen the end of the last one.</param>
/// <param name="ServerCpuMilliseconds">CPU time of the server meanwhile.</param>
/// <param name="ForeignMilliseconds">For which its cores were meanwhile busy with anything else, the client included when it had to share with it.</param>
internal sealed record ChangeResult(string What, int Cores, Spread AnsweredMilliseconds, Spread LastGoneMilliseconds, Spread ServerCpuMilliseconds, Spread ForeignMilliseconds);

/// <summary>A change of trust reaches what is already open: 10,000 idle connections, half of them HTTP/2, on a server with one core, and with two.</summary>
internal static class ChangeScenario
{
    private sealed record Kind(string What, int Certificates, MtlsMode Before, MtlsMode After, bool IsAnotherCa);

    // The second one is the client's, which has nothing to do but to wait.
    private static readonly int[][] s_cores = [[BenchPlan.ServerCore], [BenchPlan.ServerCore, BenchPlan.LoadCore]];

    private static readonly Kind[] s_kinds =
    [
        new("all with one certificate; its CA is replaced by another of the same name", 1, MtlsMode.STRICT, MtlsMode.STRICT, true),
        new("each with a certificate of its own; their CA is replaced by another of the same name", int.MaxValue, MtlsMode.STRICT, MtlsMode.STRICT, true),
        new("all without a certificate; the endpoint becomes STRICT", 0, MtlsMode.LOOSE, MtlsMode.STRICT, false),
    ];

    public static async Task<IReadOnlyList<ChangeResult>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var plan = context.Plan;
        BenchContext.Say($"  making {plan.ChangeConnections:N0} certificates");
        var fleet = FleetCertificates.Make(context.NewFolder(), plan.ChangeConnections, TimeProvider.System.GetUtcNow());
        var results = new List<ChangeResult>();
        foreach (var (kind, cores) in s_kinds.SelectMany(kind => s_cores.Select(cores => (kind, cores))))
        {
            var rounds = new List<(double Answered, double Gone, double Cpu, double Foreign)>();
            for (var round = 1; round <= plan.ChangeRounds; round++)
            {
                rounds.Add(await OnceAsync(context, cores, fleet, kind, cancellationToken));
                BenchContext.Say($"  {kind.What}, {cores.Length} of two cores: answered after {rounds[^1].Answered:0} ms, the last gone after {rounds[^1].Gone:0} ms, {rounds[^1].Cpu:0} ms of CPU, {rounds[^1].Foreign:0} ms of its cores went elsewhere");
            }
            results.Add(new(kind.What, cores.Length, Spread.Of(rounds.Select(r => r.Answered)), Spread.Of(rounds.Select(r => r.Gone)), Spread.Of(rounds.Select(r => r.Cpu)), Spread.Of(rounds.Select(r => r.Foreign))));
        }
        return results;
    }

    private static async Task<(double Answered, double Gone, double Cpu, double Foreign)> OnceAsync(BenchContext context, int[] cores, FleetCertificates fleet, Kind kind, CancellationToken cancellationToken)
    {
        var (plan, account) = (context.Plan, context.Certificates.Accounts[0]);
        await using var server = await GatehouseProcess.StartAsync(context, context.NewFolder(), cores, manager: null, settings: null, cancellationToken);
        await server.CreateAsync(account, fleet.CaPem, kind.Before, cancellationToken);
        var target = new LoadTarget { Name = Peers.GatehouseName, ProcessId = server.Id, Address = server.Agent, Certificates = context.Certificates, Tls = Libssl.Tls13 };
        var open = Open(target, account, fleet, kind, plan.ChangeConnections);
        try
        {
            // What opening them has left to do is not the change's.
            await Task.Delay(plan.IdleSettle, cancellationToken);
            var (before, core) = (ProcessTree.CpuMicroseconds(server.Id), cores.Sum(CoreClock.BusyMicroseconds));
            var watch = Stopwatch.StartNew();
            await server.Operator.ChangeEndpointAsync(account.Id, new MtlsEndpointRequest { CaCertificates = kind.IsAnotherCa ? fleet.OtherCaPem : null, Mode = kind.After.ToString() }, cancellationToken);
            var answered = watch.Elapsed.TotalMilliseconds;
            // Each waits for its own end: when the last has come by, all are gone.
            var buffer = new byte[4096];
            foreach (var connection in open)
                ReadToEnd(connection, buffer);
            var gone = watch.Elapsed.TotalMilliseconds;
            var used = ProcessTree.CpuMicroseconds(server.Id) - before;
            return (answered, gone, used / 1000, Math.Max(0, cores.Sum(CoreClock.BusyMicroseconds) - core - used) / 1000);
        }
        finally
        {
            foreach (var connection in open)
                connection.Dispose();
        }
    }

    private static List<LoadConnection> Open(LoadTarget target, BenchAccount account, FleetCertificates fleet, Kind kind, int count)
    {
        var (open, buffer) = (new List<LoadConnection>(count), new byte[4096]);
        TlsProfile? profile = null;
        for (var i = 0; i < count; i++)
        {
            if (profile is null || i < kind.Certificates)
            {
                profile?.Dispose();
                profile = kind.Certificates == 0 ? new TlsProfile(target.Tls, null, null) : fleet.Client(i, target.Tls);
            }
            var http2 = i % 2 == 1;
            var connection = LoadConnection.Open(target, account.HostName, profile, session: null, http2 ? "h2"u8 : default);
            open.Add(connection);
            // The preface and empty SETTINGS (RFC 9113 §3.4) get the server's own; a request, its answer.
            connection.Write(http2 ? [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 0, 4, 0, 0, 0, 0, 0] : account.KeepRequest);
            var read = connection.Read(buffer);
            if (read == 0 || (!http2 && (!buffer.AsSpan().StartsWith("HTTP/1.1 "u8) || buffer.AsSpan().StartsWith("HTTP/1.1 403"u8))))
                throw new BenchFailedException($"Connection {i} was not let in.");
        }
        profile?.Dispose();
        return open;
    }

    private static void ReadToEnd(LoadConnection connection, byte[] buffer)
    {
        try
        {
            while (connection.Read(buffer) > 0)
            {
            }
        }
        catch (BenchFailedException)
        {
            // A reset is an end, too; one that does not come costs its patience, and the figure shows it.
        }
    }
}
