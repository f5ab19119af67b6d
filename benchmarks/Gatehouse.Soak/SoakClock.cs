using System.Diagnostics;

namespace Gatehouse.Soak;

/// <summary>Milliseconds since the run began: one clock for trust, clients and watches.</summary>
internal static class SoakClock
{
    private static readonly long s_started = Stopwatch.GetTimestamp();
    private static readonly DateTimeOffset s_startedAt = TimeProvider.System.GetUtcNow();

    public static double Now => Stopwatch.GetElapsedTime(s_started).TotalMilliseconds;

    /// <summary>A wall time on this clock.</summary>
    public static double At(DateTimeOffset time) => (time - s_startedAt).TotalMilliseconds;
}
