using System.Net;

namespace Gatehouse.Load;

/// <summary>Upstream, Gatehouse and its peers, running at the same time with the same accounts; only one of them is under load.</summary>
internal sealed class Peers : IAsyncDisposable
{
    public const string GatehouseName = "Gatehouse";
    public const string WithoutDecoderName = "Gatehouse, legacyKeyDecoder off";
    public const string NginxName = "nginx";

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
            var upstream = peers.Hold(await NginxProcess.StartAsync("The upstream (nginx)", BenchPlan.LoadCore, context.Folder, NginxConfigurations.Upstream, 1, cancellationToken));
            foreach (var name in names)
                await peers.AddAsync(context, name, upstream.Listeners[0], cancellationToken);
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
        var watch = System.Diagnostics.Stopwatch.StartNew();
        switch (name)
        {
            case GatehouseName or WithoutDecoderName:
                Dictionary<string, string> settings = name == GatehouseName ? [] : new() { ["GATEHOUSE__AGENT__TLS__LEGACYKEYDECODER"] = "off" };
                var gatehouse = Hold(await GatehouseProcess.StartAsync(context, context.Certificates.Accounts, upstream, settings, cancellationToken));
                _servers.Add((name, gatehouse.Id, gatehouse.Agent));
                break;
            case NginxName:
                var nginx = Hold(await NginxProcess.StartAsync(name, BenchPlan.ServerCore, context.Folder, NginxConfigurations.Gateway(context.Certificates, upstream), 1, cancellationToken));
                _servers.Add((name, nginx.Id, nginx.Listeners[0]));
                break;
            default:
                throw new BenchFailedException($"There is no peer '{name}'.");
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
