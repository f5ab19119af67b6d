using System.Diagnostics.Metrics;
using Gatehouse.Manager.Tests.Harness;

namespace Gatehouse.Manager.Tests;

public sealed class ManagerMetricsTests
{
    [Fact]
    public async Task Waiting_is_told_apart_below_a_second()
    {
        // Without advice of ours the first bucket for a time in seconds ends at five.
        await using var host = await ManagerHost.StartAsync();
        host.Get<ManagerMetrics>();
        using var listener = new MeterListener();
        var bounds = new List<double>();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument is Histogram<double> { Name: "gatehouse.manager.task.wait", Advice.HistogramBucketBoundaries: { } advised })
                bounds.AddRange(advised);
        };
        listener.Start();
        Assert.Contains(0.01, bounds);
        Assert.Contains(60, bounds);
    }
}
