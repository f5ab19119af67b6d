using Microsoft.Extensions.Logging;

namespace Gatehouse.Gateway;

/// <summary>
/// Bounds the agent listener's open connections below the process's limit of open files. Who comes later is accepted and closed at once: at the
/// limit itself accepting fails without end, and the operator's listener, the database and the certificate's files go down with it. Thread-safe.
/// </summary>
internal sealed partial class ConnectionBudget(GatewayOptions options, TimeProvider time, ILogger<ConnectionBudget> logger)
{
    private static readonly TimeSpan s_betweenWords = TimeSpan.FromMinutes(1);
    private readonly Lock _lock = new();
    private int _open;
    private int _turnedAway;
    private long? _saidAt;

    /// <summary>Connections that have entered and not left.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Takes a new connection in; false when there is no room, and then it must not <see cref="Leave"/>.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _open) <= options.MaxConnections || options.MaxConnections == 0)
            return true;
        Interlocked.Decrement(ref _open);
        SayNowAndThen();
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _open);

    private void SayNowAndThen()
    {
        int count;
        lock (_lock)
        {
            _turnedAway++;
            if (_saidAt is { } at && time.GetElapsedTime(at) < s_betweenWords)
                return;
            (count, _turnedAway, _saidAt) = (_turnedAway, 0, time.GetTimestamp());
        }
        Log.Full(logger, options.MaxConnections, count);
    }

    private static partial class Log
    {
        [LoggerMessage(2153, LogLevel.Warning, "All {Limit} connections of the agent listener are in use; {Count} more were closed at once. The limit of open files (ulimit -n) decides how many there can be, or agent.limits.connections")]
        public static partial void Full(ILogger logger, int limit, int count);
    }
}
