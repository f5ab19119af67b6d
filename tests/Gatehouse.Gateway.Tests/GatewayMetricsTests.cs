using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Gatehouse.Gateway.Tests;

public sealed class GatewayMetricsTests
{
    [Fact]
    public void Handshakes_are_told_apart_below_a_second()
    {
        // Without advice of ours the first bucket for a time in seconds ends at five.
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var factory = services.GetRequiredService<IMeterFactory>();
        using var listener = new MeterListener();
        var bounds = new List<double>();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Scope == factory && instrument is Histogram<double> { Name: "gatehouse.gateway.handshake.duration", Advice.HistogramBucketBoundaries: { } advised })
                bounds.AddRange(advised);
        };
        _ = new GatewayMetrics(factory);
        listener.Start();
        Assert.Contains(0.001, bounds);
        Assert.Contains(1, bounds);
    }
}
