using System.Collections.Concurrent;

namespace Gatehouse.Gateway;

/// <summary>
/// Ends revoked connections: each is asked at once, and cut when its grace is over. One flow for all of them, in small helpings, so that
/// ending ten thousand neither needs as many timers nor keeps handshakes waiting. Thread-safe.
/// </summary>
internal sealed class ConnectionCutter(TimeSpan grace, TimeProvider time)
{
    /// <summary>After so many the thread is given back for a moment.</summary>
    private const int Helping = 32;

    private readonly ConcurrentQueue<AgentConnection> _toAsk = new();
    private readonly ConcurrentQueue<(AgentConnection Connection, long AskedAt)> _toCut = new();
    private int _running;

    /// <summary>Ends a connection that was revoked.</summary>
    public void End(AgentConnection connection)
    {
        _toAsk.Enqueue(connection);
        if (Interlocked.CompareExchange(ref _running, 1, 0) == 0)
            _ = Task.Run(RunAsync);
    }

    private async Task RunAsync()
    {
        while (true)
        {
            await AskAsync();
            await CutAsync();
            if (_toCut.TryPeek(out var next))
            {
                var wait = grace - time.GetElapsedTime(next.AskedAt);
                // Newcomers are to be asked at once, not when the first in the queue is cut.
                if (wait > TimeSpan.Zero && _toAsk.IsEmpty)
                    await Task.Delay(wait < s_look ? wait : s_look, time, CancellationToken.None);
                continue;
            }
            Volatile.Write(ref _running, 0);
            Interlocked.MemoryBarrier();
            // Who came between the look and the end started nothing: this flow goes on, unless another took over.
            if (_toAsk.IsEmpty || Interlocked.CompareExchange(ref _running, 1, 0) != 0)
                return;
        }
    }

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(20);

    private async Task AskAsync()
    {
        for (var count = 1; _toAsk.TryDequeue(out var connection); count++)
        {
            connection.AskToEnd();
            _toCut.Enqueue((connection, time.GetTimestamp()));
            if (count % Helping == 0)
                await Task.Yield();
        }
    }

    private async Task CutAsync()
    {
        // The grace is the same for all, so the queue is in order.
        for (var count = 1; _toCut.TryPeek(out var next) && time.GetElapsedTime(next.AskedAt) >= grace; count++)
        {
            _toCut.TryDequeue(out _);
            next.Connection.Cut();
            if (count % Helping == 0)
                await Task.Yield();
        }
    }
}
