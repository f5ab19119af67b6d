using System.Diagnostics.Metrics;
using System.Net;
using Gatehouse.LogService.Tests.Harness;
using Gatehouse.Testing;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace Gatehouse.LogService.Tests;

/// <summary>Names and numbers that dashboards rely on.</summary>
public sealed class LogMetricsTests
{
    [Fact]
    public async Task What_happens_is_counted_without_accounts_and_keys()
    {
        await using var host = await LogHost.StartAsync();
        var meters = host.Get<IMeterFactory>();
        using var lines = new MetricCollector<long>(meters, LogMetrics.MeterName, "gatehouse.log.lines");
        using var bytes = new MetricCollector<long>(meters, LogMetrics.MeterName, "gatehouse.log.bytes");
        using var streams = new MetricCollector<long>(meters, LogMetrics.MeterName, "gatehouse.log.streams");
        using var tails = new MetricCollector<long>(meters, LogMetrics.MeterName, "gatehouse.log.tails");
        using var blobs = new MetricCollector<double>(meters, LogMetrics.MeterName, "gatehouse.log.blob.write.duration");

        await host.OpenAsync("k");
        await host.WriteAsync("k", "a", "b");
        Assert.Equal(HttpStatusCode.BadRequest, (await host.CallAsync("PUT", "/stream", "unknown", $"[{LogHost.Line("x")}]")).Status);
        using (var tail = await OpenTail.StartAsync(host, "k"))
        {
            await Eventually.TrueAsync("the tail to be counted", () => Task.FromResult(Sum(tails) == 1));
            await host.MustAsync("DELETE", "/stream", "k", query: "&snapshot=true");
            await tail.RestAsync();
        }
        await Eventually.TrueAsync("the tail to be counted off", () => Task.FromResult(Sum(tails) == 0));

        Assert.Equal(2, Sum(lines));
        Assert.Equal(LogHost.Lines("a", "b").Length, Sum(bytes));
        Assert.Equal(["opened", "closed"], streams.GetMeasurementSnapshot().Select(one => one.Tags["gatehouse.log.stream.state"]));
        Assert.Empty(Assert.Single(blobs.GetMeasurementSnapshot()).Tags);
    }

    private static long Sum(MetricCollector<long> collector) => collector.GetMeasurementSnapshot().Sum(one => one.Value);
}
