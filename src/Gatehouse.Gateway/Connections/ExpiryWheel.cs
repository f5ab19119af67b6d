namespace Gatehouse.Gateway;

/// <summary>
/// Finds connections whose verdict runs out, without looking at all of them each second: they hang in lists by the minute in which that
/// is. Adding and taking out cost the same however many there are. Thread-safe.
/// </summary>
internal sealed class ExpiryWheel
{
    private readonly Lock _lock = new();

    /// <summary>First connection of each minute that has one.</summary>
    private readonly SortedDictionary<long, AgentConnection> _minutes = [];

    /// <summary>Minutes that have connections.</summary>
    public int Minutes
    {
        get
        {
            lock (_lock)
                return _minutes.Count;
        }
    }

    /// <summary>Puts a connection where its verdict says, or moves it there; one whose verdict does not end by itself is in no list.</summary>
    public void Place(AgentConnection connection)
    {
        lock (_lock)
        {
            long? minute = connection.Verdict.ValidUntil is { } until ? MinuteOf(until) : null;
            if (connection.ExpiryBucket == minute || connection.IsGone)
                return;
            Unlink(connection);
            if (minute is not { } bucket)
                return;
            connection.ExpiryBucket = bucket;
            if (_minutes.TryGetValue(bucket, out var first))
                (connection.NextToExpire, first.PreviousToExpire) = (first, connection);
            _minutes[bucket] = connection;
        }
    }

    /// <summary>Takes a closed connection out for good: who judges it at this moment does not bring it back.</summary>
    public void Remove(AgentConnection connection)
    {
        lock (_lock)
        {
            connection.IsGone = true;
            Unlink(connection);
        }
    }

    /// <summary>Those whose verdict has run out at <paramref name="now"/> and that were not revoked yet.</summary>
    public List<AgentConnection> Due(DateTimeOffset now)
    {
        var due = new List<AgentConnection>();
        var thisMinute = MinuteOf(now);
        lock (_lock)
        {
            foreach (var (minute, first) in _minutes)
            {
                if (minute > thisMinute)
                    break;
                for (var connection = first; connection is not null; connection = connection.NextToExpire)
                {
                    if (connection.RevokedBecause is null && connection.Verdict.ValidUntil <= now)
                        due.Add(connection);
                }
            }
        }
        return due;
    }

    private void Unlink(AgentConnection connection)
    {
        if (connection.ExpiryBucket is not { } bucket)
            return;
        var (previous, next) = (connection.PreviousToExpire, connection.NextToExpire);
        if (next is not null)
            next.PreviousToExpire = previous;
        if (previous is not null)
            previous.NextToExpire = next;
        else if (next is not null)
            _minutes[bucket] = next;
        else
            _minutes.Remove(bucket);
        (connection.PreviousToExpire, connection.NextToExpire, connection.ExpiryBucket) = (null, null, null);
    }

    private static long MinuteOf(DateTimeOffset time) => time.UtcTicks / TimeSpan.TicksPerMinute;
}
