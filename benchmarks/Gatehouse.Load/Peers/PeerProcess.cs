using System.Net;

namespace Gatehouse.Load;

/// <summary>
/// nginx, HAProxy or Caddy in the foreground with a configuration and a folder of its own: the system's are neither read nor written.
/// </summary>
internal sealed class PeerProcess : IAsyncDisposable
{
    private readonly PinnedProcess _process;

    private PeerProcess(PinnedProcess process, IPEndPoint address, string folder) => (_process, Address, Folder) = (process, address, folder);

    public int Id => _process.Id;
    public IPEndPoint Address { get; }

    /// <summary>Where its configuration is.</summary>
    public string Folder { get; }

    /// <summary>nginx with what <paramref name="http"/> makes of its address.</summary>
    public static async Task<PeerProcess> StartNginxAsync(
        string name, int core, BenchContext context, Func<IPEndPoint, string> http, CancellationToken cancellationToken)
    {
        var (folder, address) = (context.NewFolder(), Loopback.FreeAddress());
        await File.WriteAllTextAsync(Path.Combine(folder, "nginx.conf"), NginxConfigurations.Whole(http(address)), cancellationToken);
        return await StartAsync(name, core, "nginx", ["-p", folder, "-e", "stderr", "-c", "nginx.conf"], folder, address, null, cancellationToken);
    }

    /// <summary>HAProxy as gateway to <paramref name="upstream"/>.</summary>
    public static async Task<PeerProcess> StartHaproxyAsync(string name, BenchContext context, IPEndPoint upstream, CancellationToken cancellationToken)
    {
        var (folder, address, certificates) = (context.NewFolder(), Loopback.FreeAddress(), context.Certificates);
        // It wants certificate and key in one file.
        var (pem, list, file) = (Path.Combine(folder, "server.pem"), Path.Combine(folder, "crt-list.txt"), Path.Combine(folder, "haproxy.cfg"));
        await File.WriteAllTextAsync(pem, await File.ReadAllTextAsync(certificates.Server.Certificate, cancellationToken) + "\n"
            + await File.ReadAllTextAsync(certificates.Server.Key, cancellationToken) + "\n", cancellationToken);
        await File.WriteAllTextAsync(list, HaproxyConfiguration.CrtList(certificates.Accounts, pem), cancellationToken);
        await File.WriteAllTextAsync(file, HaproxyConfiguration.Gateway(list, address, upstream), cancellationToken);
        return await StartAsync(name, BenchPlan.ServerCore, "haproxy", ["-db", "-f", file], folder, address, null, cancellationToken);
    }

    /// <summary>Caddy as gateway to <paramref name="upstream"/>.</summary>
    public static async Task<PeerProcess> StartCaddyAsync(string name, BenchContext context, IPEndPoint upstream, CancellationToken cancellationToken)
    {
        var (folder, address) = (context.NewFolder(), Loopback.FreeAddress());
        var file = Path.Combine(folder, "caddy.json");
        await File.WriteAllTextAsync(file, CaddyConfiguration.Gateway(context.Certificates.Server, context.Certificates.Accounts, address, upstream), cancellationToken);
        // One worker as the others have; its state stays in the run's folder.
        var environment = new Dictionary<string, string> { ["GOMAXPROCS"] = "1", ["HOME"] = folder, ["XDG_DATA_HOME"] = folder, ["XDG_CONFIG_HOME"] = folder };
        return await StartAsync(name, BenchPlan.ServerCore, "caddy", ["run", "--config", file], folder, address, environment, cancellationToken);
    }

    /// <summary>Gives a running nginx another configuration.</summary>
    public async Task ReloadAsync(string http, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(Path.Combine(Folder, "nginx.conf"), NginxConfigurations.Whole(http), cancellationToken);
        _process.HangUp();
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static async Task<PeerProcess> StartAsync(
        string name, int core, string program, string[] arguments, string folder, IPEndPoint address, Dictionary<string, string>? environment, CancellationToken cancellationToken)
    {
        var process = PinnedProcess.Start(name, [core], program, arguments, folder, environment);
        try
        {
            await process.WaitUntilAsync(() => Loopback.AnswersAsync(address, cancellationToken), cancellationToken);
            return new PeerProcess(process, address, folder);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }
}
