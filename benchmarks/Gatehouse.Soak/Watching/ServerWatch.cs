using System.Globalization;

namespace Gatehouse.Soak.Watching;

/// <summary>One look at the server from outside.</summary>
/// <param name="At">On the run's clock.</param>
/// <param name="ResidentMiB">VmRSS.</param>
/// <param name="ManagedMiB">Committed by the garbage collector.</param>
/// <param name="Descriptors">Open ones, sockets included.</param>
/// <param name="Threads">Of the operating system.</param>
/// <param name="Connections">Admitted ones by the gauge.</param>
internal sealed record Sample(double At, double ResidentMiB, double ManagedMiB, int Descriptors, int Threads, int Connections);

/// <summary>Looks at the server's memory, descriptors, threads and gauges, by the kernel and by <c>/metrics</c>.</summary>
internal sealed class ServerWatch(ServerProcess server) : IDisposable
{
    private readonly HttpClient _metrics = new() { BaseAddress = server.OperatorUrl, Timeout = TimeSpan.FromSeconds(30) };

    public List<Sample> Samples { get; } = [];

    public async Task RunAsync(TimeSpan interval, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(interval);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken) && !server.HasExited)
                Samples.Add(await LookAsync());
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    public async Task<Sample> LookAsync()
    {
        var status = await File.ReadAllLinesAsync($"/proc/{server.Id}/status");
        var metrics = await _metrics.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        return new Sample(
            SoakClock.Now, Number(status, "VmRSS:") / 1024.0, Sum(metrics, "dotnet_gc_last_collection_memory_committed_size_bytes") / (1024 * 1024),
            Directory.GetFileSystemEntries($"/proc/{server.Id}/fd").Length, (int)Number(status, "Threads:"), (int)Sum(metrics, "gatehouse_gateway_connections"));
    }

    /// <summary>Waits until nothing is left of the load, 15 seconds at most.</summary>
    public async Task<Sample> SettleAsync()
    {
        Sample sample;
        var until = SoakClock.Now + 15_000;
        do
        {
            await Task.Delay(500);
            sample = await LookAsync();
        }
        while (sample.Connections != 0 && SoakClock.Now < until);
        return sample;
    }

    private static double Number(string[] lines, string name) =>
        double.Parse(lines.First(l => l.StartsWith(name, StringComparison.Ordinal)).Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);

    // "name{tags} value [timestamp]" or "name value [timestamp]", one line for each set of tags.
    private static double Sum(string text, string name) => text.Split('\n')
        .Where(l => l.StartsWith(name + "{", StringComparison.Ordinal) || l.StartsWith(name + " ", StringComparison.Ordinal))
        .Sum(l => double.Parse(l[(Math.Max(l.LastIndexOf('}'), name.Length - 1) + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture));

    public void Dispose() => _metrics.Dispose();
}
