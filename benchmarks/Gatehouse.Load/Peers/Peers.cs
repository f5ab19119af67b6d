using System.Diagnostics;
using System.Net;

namespace Gatehouse.Load;

/// <summary>Upstream, Gatehouse and its peers, running at the same time with the same accounts; only one of them is under load.</summary>
internal sealed class Peers : IAsyncDisposable
{
    public const string GatehouseName = "Gatehouse";
    public const string WithoutDecoderName = "Gatehouse, legacyKeyDecoder off";
    public const string NginxName = "nginx";
    public const string HaproxyName = "HAProxy";
    public const string CaddyName = "Caddy";

    /// <summary>Those that Gatehouse is compared with.</summary>
    public static IReadOnlyList<string> OtherServers { get; } = [NginxName, HaproxyName, CaddyName];

    private readonly BenchCertificates _certificates;
    private readonly List<(string Name, int ProcessId, IPEndPoint Address)> _servers = [];
    private readonly Stack<IAsyncDisposable> _started = [];

    private Peers(BenchCertificates certificates) => _certificates = certificates;

    /// <summary>Names of the servers under test, Gatehouse first.</summary>
    public IEnumerable<string> Names => _servers.Select(s => s.Name);

    /// <summary>Starts those of <paramref name="names"/>.</summary>
    public static async Task<Peers> StartAsync(BenchContext context, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var peers = new Peers(context.Certificates);
        try
        {
            var upstream = peers.Hold(await PeerProcess.StartNginxAsync("The upstream (nginx)", BenchPlan.LoadCore, context, NginxConfigurations.Upstream, cancellationToken));
            foreach (var name in names)
                await peers.AddAsync(context, name, upstream.Address, cancellationToken);
            return peers;
        }
        catch
        {
            await peers.DisposeAsync();
            throw;
        }
    }

    public LoadTarget Target(string name, int tls)
    {
        var (_, processId, address) = _servers.Single(s => s.Name == name);
        return new LoadTarget
        {
            Name = name,
            ProcessId = processId,
            Address = address,
            Certificates = _certificates,
            Tls = tls,
            NeedsWarmUp = name is GatehouseName or WithoutDecoderName,
        };
    }

    /// <summary>All of them, Gatehouse first.</summary>
    public IReadOnlyList<LoadTarget> Targets(int tls, Func<string, bool>? which = null) => [.. Names.Where(which ?? (_ => true)).Select(name => Target(name, tls))];

    public async ValueTask DisposeAsync()
    {
        while (_started.TryPop(out var process))
            await process.DisposeAsync();
    }

    private async Task AddAsync(BenchContext context, string name, IPEndPoint upstream, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        if (name is GatehouseName or WithoutDecoderName)
        {
            Dictionary<string, string> settings = name == GatehouseName ? [] : new() { ["GATEHOUSE__AGENT__TLS__LEGACYKEYDECODER"] = "off" };
            var gatehouse = Hold(await GatehouseProcess.StartAsync(context, await GatehouseSeed.OfAsync(context, cancellationToken), upstream, settings, cancellationToken));
            _servers.Add((name, gatehouse.Id, gatehouse.Agent));
        }
        else
        {
            var peer = Hold(await (name switch
            {
                NginxName => PeerProcess.StartNginxAsync(
                    name, BenchPlan.ServerCore, context, listen => NginxConfigurations.Gateway(context.Certificates.Server, context.Certificates.Accounts, listen, upstream), cancellationToken),
                HaproxyName => PeerProcess.StartHaproxyAsync(name, context, upstream, cancellationToken),
                CaddyName => PeerProcess.StartCaddyAsync(name, context, upstream, cancellationToken),
                _ => throw new BenchFailedException($"There is no peer '{name}'."),
            }));
            _servers.Add((name, peer.Id, peer.Address));
        }
        BenchContext.Say($"  started {name} with {context.Certificates.Accounts.Count} accounts in {watch.Elapsed.TotalSeconds:0.0} s");
    }

    private T Hold<T>(T process)
        where T : IAsyncDisposable
    {
        _started.Push(process);
        return process;
    }
}
