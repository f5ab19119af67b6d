namespace Gatehouse.Manager.TaskOutput;

/// <summary>
/// The output of one task while somebody writes or follows it: how long it is, whether it is over, and a signal for followers.
/// The bytes are in the file; a follower reads them at its own pace and never holds the writer up.
/// </summary>
internal sealed class OutputLog(long length)
{
    private long _length = length;
    private volatile bool _complete;
    private volatile TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Held by the one that appends.</summary>
    public SemaphoreSlim Writer { get; } = new(1, 1);

    /// <summary>Bytes that are in the file.</summary>
    public long Length => Volatile.Read(ref _length);

    /// <summary>The task has ended: followers stop at the end of what is there.</summary>
    public bool IsComplete => _complete;

    /// <summary>When it was last touched, for eviction; UTC ticks.</summary>
    public long TouchedAt { get; set; }

    /// <summary>How many follow it now.</summary>
    public int Followers;

    public void Grew(long length)
    {
        Volatile.Write(ref _length, length);
        Wake();
    }

    public void Complete()
    {
        _complete = true;
        Wake();
    }

    /// <summary>Ends at the next change. Take it before looking at length and completeness, so that no change is missed.</summary>
    public Task NextChange => _changed.Task;

    private void Wake()
    {
        var changed = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.TrySetResult();
    }
}
