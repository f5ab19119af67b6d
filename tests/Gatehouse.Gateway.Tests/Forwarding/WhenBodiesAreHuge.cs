using System.Diagnostics;
using Gatehouse.Testing;

namespace Gatehouse.Gateway.Tests.Forwarding;

/// <summary>A gibibyte each way through our own forwarder, with curl at one end: memory stays as it is.</summary>
[Collection(nameof(Alone))]
public sealed class WhenBodiesAreHuge(RecipePki pki, ITestOutputHelper output)
{
    private const long Size = 1L << 30;
    private const long MaxGrowth = 96L << 20;

    [Fact]
    public async Task A_gibibyte_comes_and_goes_at_flat_memory()
    {
        await using var service = RawService.Start(async connection =>
        {
            var block = new byte[256 * 1024];
            while (await connection.ReadHeadAsync() is { Length: > 0 } head)
            {
                if (head.StartsWith("GET", StringComparison.Ordinal))
                {
                    await connection.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {Size}\r\n\r\n");
                    for (var sent = 0L; sent < Size; sent += block.Length)
                        await connection.SendAsync(block);
                    continue;
                }
                await connection.SendAsync("HTTP/1.1 100 Continue\r\n\r\n");
                await connection.SkipAsync(Size);
                await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            }
        });
        await using var listener = await ForwardingListener.StartAsync(service.Address, pki.Ca);
        using var directory = new TemporaryDirectory();
        // Sparse: it takes no room.
        await using (var file = File.Create(directory.File("gibibyte")))
            file.SetLength(Size);
        string[] client = ["--silent", "--show-error", "--max-time", "500", "--cacert", listener.ServerCa, "--cert", pki.Client.Certificate, "--key", pki.Client.Key,
            "--resolve", $"customer1.agent.test:{listener.Port}:127.0.0.1", "--http1.1", "--output", "/dev/null", "--write-out", "%{http_code} %{size_download} %{size_upload}"];
        var url = $"https://customer1.agent.test:{listener.Port}/log-service/x";

        await WatchAsync("down", $"200 {Size} 0", () => CommandLine.RunAsync("curl", [.. client, url], input: ""));
        await WatchAsync("up", $"200 2 {Size}", () => CommandLine.RunAsync("curl", [.. client, "--upload-file", directory.File("gibibyte"), url], input: ""));
        Assert.Equal(1, service.Accepted);
        Assert.Empty(service.Failures);
    }

    private async Task WatchAsync(string way, string expected, Func<Task<CommandResult>> run)
    {
        GC.Collect();
        var before = Environment.WorkingSet;
        var start = Stopwatch.GetTimestamp();
        var running = run();
        var most = before;
        while (await Task.WhenAny(running, Task.Delay(50)) != running)
            most = Math.Max(most, Environment.WorkingSet);
        Assert.Equal(expected, (await running).Output.Trim());
        output.WriteLine($"{way}: {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s, {before >> 20} MiB before, {most >> 20} MiB at most");
        Assert.True(most - before < MaxGrowth, $"Memory grew from {before >> 20} to {most >> 20} MiB.");
    }
}
