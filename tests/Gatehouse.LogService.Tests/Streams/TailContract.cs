using Gatehouse.LogService.Tests.Harness;
using Gatehouse.Testing;

namespace Gatehouse.LogService.Tests.Streams;

/// <summary>Sheet §5: what a reader gets, and that its pace is its own affair, whatever store the lines are in.</summary>
public abstract class TailContract
{
    internal const string End = "event: error\ndata: eof\n\n";

    /// <summary>A log service on the store that is tested, empty.</summary>
    internal abstract Task<LogHost> StartAsync();

    [Fact]
    public async Task An_unknown_stream_is_a_ping_and_the_end_and_curl_sees_each_byte_of_it()
    {
        await using var host = await StartAsync();
        var answer = await CommandLine.MustAsync("curl", "--silent", "--no-buffer", "--include", "--raw", "--http1.1", "--header", $"X-Harness-Token: {host.TokenOf("acc1")}",
            $"{host.Client.BaseAddress}stream?accountID=acc1&key=never");
        var parts = answer.Split("\r\n\r\n", 2);
        var head = parts[0].Split("\r\n");
        Assert.Equal("HTTP/1.1 200 OK", head[0]);
        Assert.Equal(
            ["Access-Control-Allow-Origin: *", "Cache-Control: no-cache", "Connection: keep-alive", "Content-Type: text/event-stream", "Transfer-Encoding: chunked", "X-Accel-Buffering: no"],
            head[1..].Where(line => !line.StartsWith("Date:", StringComparison.Ordinal) && !line.StartsWith("Server:", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        // The ping is a chunk of its own: it was flushed before there was more.
        Assert.Equal($"7\r\n: ping\n\r\n{End.Length:x}\r\n{End}\r\n0\r\n\r\n", parts[1]);
    }

    [Fact]
    public async Task History_then_live_then_the_end_when_the_blob_is_there()
    {
        await using var host = await StartAsync();
        await host.OpenAsync("k");
        await host.WriteAsync("k", "a", "b");
        using var tail = await OpenTail.StartAsync(host, "k");
        await tail.ReadToAsync(": ping\n" + Events("a", "b"));
        await host.WriteAsync("k", "c");
        await tail.ReadToAsync(Events("c"));
        await host.MustAsync("DELETE", "/stream", "k", query: "&snapshot=true");
        await tail.ReadToAsync(End);
        Assert.Equal("", await tail.RestAsync());
        Assert.Equal(LogHost.Lines("a", "b", "c"), await host.BlobAsync("k"));
    }

    [Fact]
    public async Task It_pings_when_nothing_comes_and_ends_after_an_hour()
    {
        await using var host = await StartAsync();
        await host.OpenAsync("k");
        using var tail = await OpenTail.StartAsync(host, "k");
        await tail.ReadToAsync(": ping\n");
        var rest = tail.RestAsync();
        await Eventually.TrueAsync("the hour to be over", () =>
        {
            host.Time.Advance(TimeSpan.FromSeconds(30));
            return Task.FromResult(rest.IsCompleted);
        });
        var text = await rest;
        Assert.EndsWith(End, text, StringComparison.Ordinal);
        Assert.Contains(": ping\n: ping\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_goes_on_with_a_stream_that_is_opened_again()
    {
        await using var host = await StartAsync();
        await host.OpenAsync("k");
        using var tail = await OpenTail.StartAsync(host, "k");
        await tail.ReadToAsync(": ping\n");
        await host.OpenAsync("k");
        await host.WriteAsync("k", "new");
        await tail.ReadToAsync(Events("new"));
    }

    [Fact]
    public async Task A_slow_reader_harms_nobody_and_is_told_what_it_missed()
    {
        await using var host = await StartAsync();
        await host.OpenAsync("k");
        using var slow = await OpenTail.StartAsync(host, "k");
        await slow.ReadToAsync(": ping\n");
        using var quick = await OpenTail.StartAsync(host, "k");
        await quick.ReadToAsync(": ping\n");
        // Far more than sockets, pipes and the stream hold together, and the quick one reads along.
        var text = new string('x', 2_000);
        for (var i = 0; i < 300; i++)
        {
            await host.WriteAsync("k", [.. Enumerable.Range(0, 100).Select(n => $"{i * 100 + n} {text}")]);
            await quick.ReadToAsync(string.Concat(Enumerable.Range(0, 100).Select(n => Events($"{i * 100 + n} {text}"))));
        }
        await host.MustAsync("DELETE", "/stream", "k", query: "&snapshot=true");
        await quick.ReadToAsync(End);

        var (expected, missed) = (0, 0);
        foreach (var one in (await slow.RestAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(one => one.StartsWith("data: ", StringComparison.Ordinal)))
        {
            using var line = System.Text.Json.JsonDocument.Parse(one["data: ".Length..]);
            if (line.RootElement.GetProperty("args").ValueKind == System.Text.Json.JsonValueKind.Object)
            {
                var lines = int.Parse(line.RootElement.GetProperty("args").GetProperty("missed").GetString()!, System.Globalization.CultureInfo.InvariantCulture);
                (expected, missed) = (expected + lines, missed + lines);
                continue;
            }
            Assert.StartsWith($"{expected} ", line.RootElement.GetProperty("out").GetString(), StringComparison.Ordinal);
            expected++;
        }
        Assert.True(missed > 0, "the reader was not slow, or was not told");
        // What it was sent and what it was told of are all there was.
        Assert.Equal(30_000, expected);
    }

    internal static string Events(params string[] texts) => string.Concat(texts.Select(text => $"data: {LogHost.Line(text)}\n\n"));
}
