namespace Gatehouse.Gateway.Tests;

/// <summary>The system's time and timers, with a clock that a test can set ahead.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    public TimeSpan Offset { get; set; }

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Offset;
}
