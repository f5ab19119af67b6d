namespace Gatehouse.Soak.Watching;

/// <summary>The straight line through samples (least squares).</summary>
internal static class Trend
{
    /// <summary>Growth per hour; 0 for fewer than three samples.</summary>
    public static double PerHour(IReadOnlyList<Sample> samples, Func<Sample, double> value)
    {
        if (samples.Count < 3)
            return 0;
        double atMean = samples.Average(s => s.At), mean = samples.Average(value), up = 0, down = 0;
        foreach (var sample in samples)
        {
            up += (sample.At - atMean) * (value(sample) - mean);
            down += (sample.At - atMean) * (sample.At - atMean);
        }
        return down == 0 ? 0 : up / down * 3_600_000;
    }
}
