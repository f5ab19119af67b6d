namespace Gatehouse.LogBench;

/// <summary>Times from write to reader, counted in steps of 0.1 ms up to a minute, by many threads.</summary>
internal sealed class Latencies
{
    private const int StepsPerMillisecond = 10;
    private long[] _steps = new long[60_000 * StepsPerMillisecond];

    public void Add(TimeSpan latency) =>
        Interlocked.Increment(ref _steps[Math.Clamp((int)(latency.TotalMilliseconds * StepsPerMillisecond), 0, _steps.Length - 1)]);

    /// <summary>What was counted since the last call.</summary>
    public Latencies Take() => new() { _steps = Interlocked.Exchange(ref _steps, new long[_steps.Length]) };

    public long Count => _steps.Sum();

    /// <summary>Milliseconds within which that share of all lines came.</summary>
    public double Within(double share)
    {
        var left = (long)Math.Ceiling(share * Count);
        for (var step = 0; step < _steps.Length; step++)
        {
            if ((left -= _steps[step]) <= 0)
                return (step + 1) / (double)StepsPerMillisecond;
        }
        return double.PositiveInfinity;
    }
}
