namespace Gatehouse.Delegate;

/// <summary>Wakes one waiting loop; a call that comes while it does not wait is remembered, several count as one.</summary>
internal sealed class Wakeup(TimeProvider time)
{
    private TaskCompletionSource _signal = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal void Set() => Volatile.Read(ref _signal).TrySetResult();

    /// <summary>Waits for <see cref="Set"/>, at most as long as said. True when it was called.</summary>
    internal async Task<bool> WaitAsync(TimeSpan limit, CancellationToken cancel)
    {
        try
        {
            await _signal.Task.WaitAsync(limit, time, cancel);
            Volatile.Write(ref _signal, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
