using System.Diagnostics;
using System.Globalization;
using Gatehouse.IntegrationTests;

namespace Gatehouse.Load;

/// <summary>Many endpoints in one server, and what one more costs.</summary>
internal sealed record EndpointsResult
{
    public required int Endpoints { get; init; }
    public required Spread StartSeconds { get; init; }
    public required Spread ResidentMiB { get; init; }
    public required Spread VisibleMilliseconds { get; init; }

    /// <summary>Connections that were open all the time, on either server.</summary>
    public required int Held { get; init; }

    public required int Dropped { get; init; }
    public required int NginxEndpoints { get; init; }
    public required double NginxStartSeconds { get; init; }
    public required double NginxResidentMiB { get; init; }
    public required Spread NginxVisibleSeconds { get; init; }
    public required Spread NginxDropped { get; init; }
}

/// <summary>Gatehouse filled with endpoints, to which the operator API adds some; nginx with a tenth of them, which reloads for each more.</summary>
internal static class EndpointsScenario
{
    private const int Starts = 3;

    public static async Task<EndpointsResult> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        await using var upstream = await PeerProcess.StartNginxAsync(
            "The upstream (nginx)", BenchPlan.LoadCore, context, NginxConfigurations.Upstream, cancellationToken);
        var ours = await GatehouseAsync(context, upstream, cancellationToken);
        var theirs = await NginxAsync(context, upstream, cancellationToken);
        return new EndpointsResult
        {
            Endpoints = context.Plan.Endpoints,
            StartSeconds = Spread.Of(ours.Starts),
            ResidentMiB = Spread.Of(ours.Resident),
            VisibleMilliseconds = Spread.Of(ours.Visible),
            Held = context.Plan.HeldConnections,
            Dropped = ours.Dropped,
            NginxEndpoints = context.Plan.NginxEndpoints,
            NginxStartSeconds = theirs.Start,
            NginxResidentMiB = theirs.Resident,
            NginxVisibleSeconds = Spread.Of(theirs.Visible),
            NginxDropped = Spread.Of(theirs.Dropped),
        };
    }

    private static async Task<(List<double> Starts, List<double> Resident, List<double> Visible, int Dropped)> GatehouseAsync(
        BenchContext context, PeerProcess upstream, CancellationToken cancellationToken)
    {
        var (plan, model, data) = (context.Plan, context.Certificates.Accounts[0], context.NewFolder());
        await using (await GatehouseProcess.StartAsync(context, data, manager: null, settings: null, cancellationToken))
            BenchContext.Say($"  filling Gatehouse with {plan.Endpoints:N0} endpoints");
        await ManyEndpoints.FillAsync(Path.Combine(data, "gatehouse.db"), plan.Endpoints, await File.ReadAllTextAsync(model.CaPath, cancellationToken));
        var held = Enumerable.Range(0, plan.HeldConnections).Select(i => model.Twin(ManyEndpoints.Account(i), ManyEndpoints.Prefix(i))).ToList();
        var last = model.Twin(ManyEndpoints.Account(plan.Endpoints - 1), ManyEndpoints.Prefix(plan.Endpoints - 1));

        var (starts, resident) = (new List<double>(), new List<double>());
        for (var i = 1; ; i++)
        {
            // Of a run before.
            File.Delete(Path.Combine(data, "server.json"));
            var watch = Stopwatch.StartNew();
            await using var server = await GatehouseProcess.StartAsync(context, data, upstream.Address, settings: null, cancellationToken);
            var target = TargetOf(context, Peers.GatehouseName, server.Id, server.Agent);
            Controls.Ask(target, last);
            starts.Add(watch.Elapsed.TotalSeconds);
            await Task.Delay(plan.IdleSettle, cancellationToken);
            resident.Add(ProcessTree.ResidentKiB(server.Id) / 1024.0);
            BenchContext.Say($"  start {i}: {starts[^1]:0.00} s, {resident[^1]:0} MiB");
            if (i < Starts)
                continue;

            var connections = Connections.Open(target, held, plan.HeldConnections);
            var visible = new List<double>();
            for (var added = 0; added < plan.Additions; added++)
            {
                var more = model.Twin(string.Create(CultureInfo.InvariantCulture, $"one-more-{added}"), string.Create(CultureInfo.InvariantCulture, $"more{added}"));
                visible.Add(await server.CreateAsync(more, cancellationToken));
                // In force when the API answers: the first try must succeed.
                Controls.Ask(target, more);
            }
            var dropped = Connections.CountDropped(connections);
            Connections.Close(connections);
            return (starts, resident, visible, dropped);
        }
    }

    private static async Task<(double Start, double Resident, List<double> Visible, List<double> Dropped)> NginxAsync(
        BenchContext context, PeerProcess upstream, CancellationToken cancellationToken)
    {
        var (plan, pool) = (context.Plan, context.Certificates.Accounts);
        BenchContext.Say($"  starting nginx with {plan.NginxEndpoints:N0} server blocks");
        var accounts = Enumerable.Range(0, plan.NginxEndpoints).Select(i => pool[i % pool.Count].Twin(ManyEndpoints.Account(i), ManyEndpoints.Prefix(i))).ToList();
        var watch = Stopwatch.StartNew();
        await using var nginx = await PeerProcess.StartNginxAsync(
            Peers.NginxName, BenchPlan.ServerCore, context, listen => NginxConfigurations.Gateway(context.Certificates.Server, accounts, listen, upstream.Address), cancellationToken);
        var target = TargetOf(context, Peers.NginxName, nginx.Id, nginx.Address);
        Controls.Ask(target, accounts[^1]);
        var start = watch.Elapsed.TotalSeconds;
        var resident = ProcessTree.ResidentKiB(nginx.Id) / 1024.0;

        var (visible, dropped) = (new List<double>(), new List<double>());
        for (var i = 1; i <= plan.Reloads; i++)
        {
            var connections = Connections.Open(target, accounts, plan.HeldConnections);
            // Not the CA of the first server block, which answers for names that are unknown.
            var more = pool[i % pool.Count].Twin(string.Create(CultureInfo.InvariantCulture, $"one-more-{i}"), string.Create(CultureInfo.InvariantCulture, $"more{i}"));
            accounts.Add(more);
            await nginx.ReloadAsync(NginxConfigurations.Gateway(context.Certificates.Server, accounts, nginx.Address, upstream.Address), cancellationToken);
            watch.Restart();
            while (!Controls.IsLetIn(target, more))
            {
                if (watch.Elapsed > TimeSpan.FromMinutes(2))
                    throw new BenchFailedException("nginx did not take its new configuration within two minutes.");
                await Task.Delay(20, cancellationToken);
            }
            visible.Add(watch.Elapsed.TotalSeconds);
            // The old worker ends its connections one after the other.
            await Task.Delay(plan.IdleSettle, cancellationToken);
            dropped.Add(Connections.CountDropped(connections));
            Connections.Close(connections);
            BenchContext.Say($"  nginx reload {i}: {visible[^1]:0.00} s, {dropped[^1]:0} of {plan.HeldConnections} connections dropped");
        }
        return (start, resident, visible, dropped);
    }

    private static LoadTarget TargetOf(BenchContext context, string name, int processId, System.Net.IPEndPoint address) =>
        new() { Name = name, ProcessId = processId, Address = address, Certificates = context.Certificates, Tls = Libssl.Tls13 };
}
