using Gatehouse.LogService.Tests.Harness;
using Gatehouse.Testing;

namespace Gatehouse.LogService.Tests.Streams.Redis;

/// <summary>Streams in Redis, alone and with a second log service on the same Redis.</summary>
[Collection("Redis")]
public sealed class RedisStreamsTests(RedisServer redis) : LiveStoreContract
{
    internal override Task<LogHost> StartAsync(LogSettings? settings = null) =>
        LogHost.StartAsync(settings: (settings ?? new LogSettings()) with { Redis = redis.NewDatabase() });

    [Fact]
    public async Task Written_here_read_there_and_closed_here_it_ends_there()
    {
        var settings = new LogSettings { Redis = redis.NewDatabase() };
        await using var here = await LogHost.StartAsync(settings: settings);
        await using var there = await LogHost.StartAsync(settings: settings);
        await here.OpenAsync(Key);
        await here.WriteAsync(Key, "a");
        using var tail = await OpenTail.StartAsync(there, Key);
        await tail.ReadToAsync(": ping\n" + TailContract.Events("a"));
        await here.WriteAsync(Key, "b");
        await tail.ReadToAsync(TailContract.Events("b"));
        await there.WriteAsync(Key, "c");
        await tail.ReadToAsync(TailContract.Events("c"));
        Assert.Contains("\"subscribers\": 1", (await here.CallAsync("GET", "/stream/info", "")).Body, StringComparison.Ordinal);
        await here.WriteAsync(Key, "d");
        await here.MustAsync("DELETE", "/stream", Key, query: "&snapshot=true");
        await tail.ReadToAsync(TailContract.Events("d") + TailContract.End);
        Assert.Equal("", await tail.RestAsync());
        Assert.Empty(await there.OpenKeysAsync());
        Assert.Equal(LogHost.Lines("a", "b", "c", "d"), await here.BlobAsync(Key));
    }

    [Fact]
    public async Task A_writer_that_counts_may_change_the_process()
    {
        var settings = new LogSettings { Redis = redis.NewDatabase() };
        await using var here = await LogHost.StartAsync(settings: settings);
        await using var there = await LogHost.StartAsync(settings: settings);
        await here.OpenAsync(Key);
        await SendAsync(here, 0, "a", "b");
        await SendAsync(there, 0, "a", "b", "c");
        // The same lines by both at once: each is added once.
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => SendAsync(i % 2 == 0 ? here : there, 3, "d", "e")));
        await there.MustAsync("DELETE", "/stream", Key, query: "&snapshot=true");
        Assert.Equal(LogHost.Lines("a", "b", "c", "d", "e"), await there.BlobAsync(Key));

        static Task SendAsync(LogHost host, int first, params string[] texts) =>
            host.MustAsync("PUT", "/stream", Key, "[" + string.Join(',', texts.Select(LogHost.Line)) + "]", $"&firstLine={first}");
    }

    [Fact]
    public async Task Another_process_closes_what_was_left_open()
    {
        var settings = new LogSettings { Redis = redis.NewDatabase() };
        var first = await LogHost.StartAsync(settings: settings);
        await first.OpenAsync(Key, "&timeout_seconds=60");
        await first.WriteAsync(Key, "a");
        await first.DisposeAsync();
        await using var second = await LogHost.StartAsync(settings: settings);
        Assert.Equal([Key], await second.OpenKeysAsync());
        await Eventually.TrueAsync("the stream to be closed", async () =>
        {
            second.Time.Advance(TimeSpan.FromSeconds(11));
            return (await second.OpenKeysAsync()).Length == 0;
        });
        Assert.Equal(LogHost.Lines("a"), await second.BlobAsync(Key));
    }

    [Fact]
    public async Task Nothing_is_left_in_redis_but_for_readers_that_are_behind()
    {
        var address = redis.NewDatabase();
        await using var host = await LogHost.StartAsync(settings: new LogSettings { Redis = address });
        await host.OpenAsync(Key);
        await host.WriteAsync(Key, "a");
        await host.OpenAsync(Key);
        await host.WriteAsync(Key, "b");
        await host.MustAsync("DELETE", "/stream", Key, query: "&snapshot=true");
        await using var client = await StackExchange.Redis.ConnectionMultiplexer.ConnectAsync(address);
        var server = client.GetServers()[0];
        await foreach (var key in server.KeysAsync(client.GetDatabase().Database))
        {
            // The account's sum of bytes stays; the rest goes by itself.
            if (key.ToString().EndsWith(":bytes", StringComparison.Ordinal))
                Assert.Equal(0, (long)await client.GetDatabase().StringGetAsync(key));
            else
                Assert.InRange((await client.GetDatabase().KeyTimeToLiveAsync(key))!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(3700));
        }
    }
}
