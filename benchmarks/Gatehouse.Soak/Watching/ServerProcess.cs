using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;
using Gatehouse.Client.Operator;
using Gatehouse.Soak.Trust;

namespace Gatehouse.Soak.Watching;

/// <summary>The server under test, as a process of its own with all its roles; its log is read as it comes.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    private const int SigTerm = 15;
    private readonly Process _process;
    private readonly Queue<string> _last = new();
    private readonly List<string> _errors = [];

    private ServerProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, e) => Keep(e.Data);
        process.ErrorDataReceived += (_, e) => Keep(e.Data);
    }

    public int Id => _process.Id;
    public bool HasExited => _process.HasExited;
    public IPEndPoint Agent { get; private set; } = null!;
    public Uri OperatorUrl { get; private set; } = null!;
    public OperatorClient Operator { get; private set; } = null!;

    /// <summary>Log lines of level Error and above.</summary>
    public IReadOnlyList<string> Errors
    {
        get
        {
            lock (_last)
                return [.. _errors];
        }
    }

    public string LastLines
    {
        get
        {
            lock (_last)
                return string.Join('\n', _last);
        }
    }

    public static async Task<ServerProcess> StartAsync(
        string program, string data, ServerCertificates certificates, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet", [program, "serve", "--data", data]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["GATEHOUSE__AGENT__LISTEN"] = "127.0.0.1:0";
        start.Environment["GATEHOUSE__AGENT__DOMAIN"] = SoakScene.Domain;
        start.Environment["GATEHOUSE__AGENT__CERTIFICATE__PATH"] = certificates.CertificatePath;
        start.Environment["GATEHOUSE__AGENT__CERTIFICATE__KEYPATH"] = certificates.KeyPath;
        start.Environment["GATEHOUSE__OPERATOR__LISTEN"] = "http://127.0.0.1:0";
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var server = new ServerProcess(Process.Start(start)!);
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        await server.ReadAddressesAsync(Path.Combine(data, "server.json"), cancellationToken);
        return server;
    }

    /// <summary>SIGTERM; the exit code, or null when it did not go within a minute.</summary>
    public async Task<int?> StopAsync()
    {
        _ = Kill(_process.Id, SigTerm);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        try
        {
            await _process.WaitForExitAsync(patience.Token);
            return _process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Operator?.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }

    private async Task ReadAddressesAsync(string file, CancellationToken cancellationToken)
    {
        for (var i = 0; !File.Exists(file); i++)
        {
            if (_process.HasExited || i > 1200)
                throw new SoakFailedException($"The server did not start:\n{LastLines}");
            await Task.Delay(50, cancellationToken);
        }
        using var told = JsonDocument.Parse(await File.ReadAllTextAsync(file, cancellationToken));
        var key = await File.ReadAllTextAsync(told.RootElement.GetProperty("operatorKeyFile").GetString()!, cancellationToken);
        Agent = new IPEndPoint(IPAddress.Loopback, told.RootElement.GetProperty("agentPort").GetInt32());
        OperatorUrl = new Uri(told.RootElement.GetProperty("operatorUrl").GetString()!);
        Operator = new OperatorClient(OperatorUrl, key.Trim());
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        lock (_last)
        {
            _last.Enqueue(line);
            if (_last.Count > 40)
                _last.Dequeue();
            // The console's short names of Error and Critical.
            if ((line.Contains(" fail: ", StringComparison.Ordinal) || line.Contains(" crit: ", StringComparison.Ordinal) || line.StartsWith("Unhandled exception", StringComparison.Ordinal)) && _errors.Count < 20)
                _errors.Add(line.Length > 600 ? line[..600] + "…" : line);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
