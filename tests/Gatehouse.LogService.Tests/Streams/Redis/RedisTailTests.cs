using Gatehouse.LogService.Tests.Harness;

namespace Gatehouse.LogService.Tests.Streams.Redis;

/// <summary>Readers of streams in Redis.</summary>
[Collection("Redis")]
public sealed class RedisTailTests(RedisServer redis) : TailContract
{
    internal override Task<LogHost> StartAsync() => LogHost.StartAsync(settings: new LogSettings { Redis = redis.NewDatabase() });
}
