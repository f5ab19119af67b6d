namespace Gatehouse.Delegate.Tests;

/// <summary>A clock whose timers are due when the test says so, and which tells what waits.</summary>
internal sealed class HandTime : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<Waiting> _waiting = [];

    public bool Waits(TimeSpan due)
    {
        lock (_lock)
            return _waiting.Any(one => one.Due == due);
    }

    /// <summary>The time of those that wait for so long is over.</summary>
    public void Elapse(TimeSpan due)
    {
        List<Waiting> over;
        lock (_lock)
        {
            over = [.. _waiting.Where(one => one.Due == due)];
            _waiting.RemoveAll(over.Contains);
        }

        over.ForEach(one => one.Fire());
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Waiting(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Waiting(HandTime clock, TimerCallback callback, object? state) : ITimer
    {
        public TimeSpan Due { get; private set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._lock)
            {
                Due = dueTime;
                clock._waiting.Remove(this);
                if (dueTime != Timeout.InfiniteTimeSpan)
                    clock._waiting.Add(this);
                return true;
            }
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
