namespace Gatehouse.Delegate.Tests;

/// <summary>A clock whose timers are due sooner, so that pauses between attempts do not make a test long; its time may be set.</summary>
internal sealed class QuickTime(int times) : TimeProvider
{
    public DateTimeOffset? Now { get; set; }

    public override DateTimeOffset GetUtcNow() => Now ?? base.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? dueTime / times : dueTime, period);
}
