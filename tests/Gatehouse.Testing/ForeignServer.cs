using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gatehouse.Testing;

/// <summary>Another vendor's server as a process in a folder of the test's own.</summary>
public sealed class ForeignServer : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private ForeignServer(Process process) => _process = process;

    /// <summary>Starts it and waits until it listens.</summary>
    public static async Task<ForeignServer> StartAsync(string directory, int port, string file, params string[] arguments)
    {
        var start = new ProcessStartInfo(file, arguments) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        var server = new ForeignServer(Process.Start(Resolve(start)) ?? throw new InvalidOperationException($"{file} did not start."));
        server._process.OutputDataReceived += (_, e) => server.Keep(e.Data);
        server._process.ErrorDataReceived += (_, e) => server.Keep(e.Data);
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        await Eventually.TrueAsync($"{file} on port {port}", async () =>
        {
            if (server._process.HasExited)
                throw new InvalidOperationException($"{file} ended: {server.Output}");
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        });
        return server;
    }

    /// <summary>What it printed.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }

    // Debian keeps servers where only root's path leads.
    private static ProcessStartInfo Resolve(ProcessStartInfo start)
    {
        if (File.Exists(Path.Combine("/usr/sbin", start.FileName)))
            start.FileName = Path.Combine("/usr/sbin", start.FileName);
        return start;
    }

    private void Keep(string? line)
    {
        lock (_output)
        {
            if (line is not null && _output.Length < 64 * 1024)
                _output.AppendLine(line);
        }
    }
}
