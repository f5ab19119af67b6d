using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Gatehouse.Load;

/// <summary>nginx in the foreground, with a configuration and a prefix of its own: the system's is neither read nor written.</summary>
internal sealed class NginxProcess : IAsyncDisposable
{
    private readonly PinnedProcess _process;

    private NginxProcess(PinnedProcess process, IPEndPoint[] listeners) => (_process, Listeners) = (process, listeners);

    public int Id => _process.Id;

    /// <summary>In the order of <c>@LISTEN0@</c>, <c>@LISTEN1@</c>… of the configuration.</summary>
    public IReadOnlyList<IPEndPoint> Listeners { get; }

    /// <summary>Starts it; <c>@LISTEN0@</c>, <c>@LISTEN1@</c> in <paramref name="http"/> become free loopback addresses.</summary>
    public static async Task<NginxProcess> StartAsync(string name, int core, string folder, string http, int listeners, CancellationToken cancellationToken)
    {
        var prefix = Directory.CreateDirectory(Path.Combine(folder, Path.GetRandomFileName())).FullName;
        var addresses = FreeAddresses(listeners);
        for (var i = 0; i < listeners; i++)
            http = http.Replace(string.Create(CultureInfo.InvariantCulture, $"@LISTEN{i}@"), addresses[i].ToString(), StringComparison.Ordinal);
        var configuration = Path.Combine(prefix, "nginx.conf");
        await File.WriteAllTextAsync(configuration, $$"""
            daemon off;
            worker_processes 1;
            pid nginx.pid;
            error_log stderr warn;
            events { worker_connections 8192; }
            http {
              access_log off;
              client_body_temp_path body;
              proxy_temp_path proxy;
              fastcgi_temp_path fastcgi;
              uwsgi_temp_path uwsgi;
              scgi_temp_path scgi;
            {{http}}
            }
            """, cancellationToken);
        var process = PinnedProcess.Start(name, core, "nginx", ["-p", prefix, "-e", "stderr", "-c", configuration], prefix);
        try
        {
            await process.WaitUntilAsync(() => AnswersAsync(addresses[^1], cancellationToken), cancellationToken);
            return new NginxProcess(process, addresses);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    // nginx cannot be told to choose and say: there is a moment in which somebody else could take the port; then the start fails, loudly.
    private static IPEndPoint[] FreeAddresses(int count)
    {
        var held = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        foreach (var listener in held)
            listener.Start();
        var addresses = held.Select(l => (IPEndPoint)l.LocalEndpoint).ToArray();
        foreach (var listener in held)
            listener.Dispose();
        return addresses;
    }

    private static async Task<bool> AnswersAsync(IPEndPoint address, CancellationToken cancellationToken)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(address, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
