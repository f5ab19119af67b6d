using System.Threading.Tasks.Sources;

namespace Gatehouse.Sockets;

/// <summary>
/// A latch that the loop sets when the kernel says that a socket can be read, or written: whoever waits goes on, on the loop's thread, and the
/// next one waits anew. One waits at a time; anybody may set it, and it may be set without need.
/// </summary>
internal sealed class Readiness : IValueTaskSource
{
    private const int Unset = 0, Ready = 1, Waiting = 2;
    private ManualResetValueTaskSourceCore<bool> _source;
    private int _state;

    /// <summary>It was set and nobody has taken note yet.</summary>
    public bool IsSet => Volatile.Read(ref _state) == Ready;

    /// <summary>Sets it if nobody waits: false when somebody does, who is to go on by <see cref="Set"/>.</summary>
    public bool TrySetUnawaited() => Volatile.Read(ref _state) == Ready || Interlocked.CompareExchange(ref _state, Ready, Unset) != Waiting;

    /// <summary>Takes note.</summary>
    public void Clear() => Interlocked.CompareExchange(ref _state, Unset, Ready);

    /// <summary>Done when it is set, at once if it was since the last time.</summary>
    public ValueTask WaitAsync()
    {
        if (Volatile.Read(ref _state) != Ready)
        {
            _source.Reset();
            if (Interlocked.CompareExchange(ref _state, Waiting, Unset) == Unset)
                return new ValueTask(this, _source.Version);
        }
        // Only who waits takes Ready away, and that is us.
        Volatile.Write(ref _state, Unset);
        return default;
    }

    /// <summary>Sets it. Who waits goes on within this call.</summary>
    public void Set()
    {
        while (true)
        {
            switch (Volatile.Read(ref _state))
            {
                case Ready:
                    return;
                case Unset when Interlocked.CompareExchange(ref _state, Ready, Unset) == Unset:
                    return;
                case Waiting when Interlocked.CompareExchange(ref _state, Unset, Waiting) == Waiting:
                    _source.SetResult(true);
                    return;
            }
        }
    }

    void IValueTaskSource.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}
