using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Gatehouse.LogService.Streams.Redis;

/// <summary>
/// The connection to Redis. The client connects again by itself; a command waits for that for five seconds (<c>asyncTimeout</c>), so that a restart of Redis
/// is a pause for writers and not an error; clients wait ten for an answer (sheet §8). An outage is one line in the log when it begins and one when it ends.
/// </summary>
internal sealed partial class RedisLink(LogServiceOptions options, ILogger<RedisLink> logger) : IAsyncDisposable
{
    private ConnectionMultiplexer? _connection;
    private int _isDown;

    /// <summary>Redis is reachable again; what was published meanwhile was not heard.</summary>
    public event Action? Restored;

    public ISubscriber Subscriber => Connection.GetSubscriber();

    private ConnectionMultiplexer Connection => _connection ?? throw new InvalidOperationException("The store is used before it was started.");

    /// <summary>Connects. A Redis that cannot be reached is no reason not to start: it may come later.</summary>
    public async Task StartAsync()
    {
        var configuration = ConfigurationOptions.Parse(options.RedisConnectionString!);
        configuration.AbortOnConnectFail = false;
        configuration.ClientName ??= "gatehouse-log-service";
        configuration.ReconnectRetryPolicy = new LinearRetry(500);
        _connection = await ConnectionMultiplexer.ConnectAsync(configuration);
        _connection.ConnectionFailed += (_, failure) => Down(failure.Exception);
        _connection.ConnectionRestored += (_, _) => Up();
        if (!_connection.IsConnected)
            Down(null);
    }

    /// <summary>Runs a script.</summary>
    /// <exception cref="StoreUnavailableException">Redis cannot be reached, or refuses: out of memory, read-only, wrong password.</exception>
    public Task<RedisResult> RunAsync(string script, RedisKey[] keys, params RedisValue[] values) => UseAsync(database => database.ScriptEvaluateAsync(script, keys, values));

    /// <inheritdoc cref="RunAsync"/>
    public async Task<T> UseAsync<T>(Func<IDatabase, Task<T>> use)
    {
        try
        {
            return await use(Connection.GetDatabase());
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            throw new StoreUnavailableException(e is RedisServerException
                ? "The log service's store (Redis) takes nothing now; send again later. Its operator finds the cause in the log."
                : "The log service cannot reach its store (Redis) now; send again later.", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
            await connection.DisposeAsync();
    }

    private void Down(Exception? cause)
    {
        if (Interlocked.Exchange(ref _isDown, 1) == 0)
            Log.Lost(logger, cause);
    }

    private void Up()
    {
        if (Interlocked.Exchange(ref _isDown, 0) == 1)
            Log.Back(logger);
        Restored?.Invoke();
    }

    private static partial class Log
    {
        // The exception's text has addresses and states, no password.
        [LoggerMessage(4050, LogLevel.Error, "Redis cannot be reached: log lines are refused with 503 and tails stand still until it can. See that it runs, and that redis.connectionString is right", EventName = "RedisLost")]
        public static partial void Lost(ILogger logger, Exception? cause);

        [LoggerMessage(4051, LogLevel.Information, "Redis can be reached again", EventName = "RedisBack")]
        public static partial void Back(ILogger logger);
    }
}
