using System.Net;
using Gatehouse.LogService.Tests.Harness;
using Gatehouse.Testing;

namespace Gatehouse.LogService.Tests.Streams.Redis;

/// <summary>Redis is killed under writers and readers, and comes back: clear answers meanwhile, nothing that was acknowledged is lost, nobody is started again.</summary>
public sealed class WhenRedisIsGone
{
    private const string Key = "k";

    [Fact]
    public async Task Writers_are_told_and_all_goes_on_when_it_is_back()
    {
        await using var redis = new RedisServer { IsDurable = true };
        await redis.InitializeAsync();
        // Does not wait for Redis as long as it does by itself.
        await using var host = await LogHost.StartAsync(settings: new LogSettings { Redis = redis.NewDatabase(patience: 3_000) });
        await host.OpenAsync(Key);
        await host.WriteAsync(Key, "a");
        using var tail = await OpenTail.StartAsync(host, Key);
        await tail.ReadToAsync(": ping\n" + TailContract.Events("a"));

        await redis.KillAsync();
        var (status, body) = await host.CallAsync("PUT", "/stream", Key, $"[{LogHost.Line("lost")}]");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("cannot reach its store (Redis) now; send again later", body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.InternalServerError, (await host.CallAsync("GET", "/ready/healthz", "")).Status);
        Assert.Equal(HttpStatusCode.OK, (await host.CallAsync("GET", "/healthz", "")).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await host.CallAsync("DELETE", "/stream", Key, query: "&snapshot=true")).Status);

        await redis.InitializeAsync();
        await Eventually.TrueAsync("a write to be taken again", async () =>
        {
            host.Time.Advance(TimeSpan.FromSeconds(1));
            // Counted: one whose answer is lost is not taken twice.
            return (await host.CallAsync("PUT", "/stream", Key, $"[{LogHost.Line("b")}]", "&firstLine=0")).Status == HttpStatusCode.NoContent;
        });
        // The tail stood still, and was not sent away.
        await Eventually.TrueAsync("the tail to go on", () =>
        {
            host.Time.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(tail.HasMore(TailContract.Events("b")));
        });
        await host.MustAsync("DELETE", "/stream", Key, query: "&snapshot=true");
        Assert.Equal(LogHost.Lines("a", "b"), await host.BlobAsync(Key));
    }

    [Fact]
    public async Task A_service_starts_without_it_and_works_when_it_comes()
    {
        await using var redis = new RedisServer { IsDurable = true };
        await using var host = await LogHost.StartAsync(settings: new LogSettings { Redis = redis.NewDatabase(patience: 3_000) + ",connectTimeout=500" });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await host.CallAsync("POST", "/stream", Key)).Status);
        await redis.InitializeAsync();
        await Eventually.TrueAsync("a stream to be opened", async () => (await host.CallAsync("POST", "/stream", Key)).Status == HttpStatusCode.NoContent);
    }
}
