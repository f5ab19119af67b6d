namespace Gatehouse.Gateway.Tests;

/// <summary>The system's time and timers, with a clock that a test can set ahead.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    private Action? _next;

    public TimeSpan Offset { get; set; }

    /// <summary>Holds whoever asks for the time next until <paramref name="until"/>; the task ends when somebody is held.</summary>
    public Task HoldNext(ManualResetEventSlim until)
    {
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _next = () =>
        {
            held.SetResult();
            until.Wait();
        };
        return held.Task;
    }

    public override DateTimeOffset GetUtcNow()
    {
        Interlocked.Exchange(ref _next, null)?.Invoke();
        return System.GetUtcNow() + Offset;
    }
}
