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

    [Fact]
    public async Task Times_are_told_apart_below_a_second()
    {
        // Without advice of ours the first bucket for a time in seconds ends at five.
        using var listener = new MeterListener();
        var bounds = new List<double>();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument is Histogram<double> { Name: "gatehouse.log.blob.write.duration", Advice.HistogramBucketBoundaries: { } advised })
                bounds.AddRange(advised);
        };
        await using var host = await LogHost.StartAsync();
        host.Get<LogMetrics>();
        listener.Start();
        Assert.Contains(0.01, bounds);
        Assert.Contains(1, bounds);
    }

    [Fact]
    public async Task An_upload_that_is_refused_is_told_and_counted_whoever_refused_it()
    {
        await using var host = await LogHost.StartAsync();
        using var refused = new MetricCollector<long>(host.Get<IMeterFactory>(), LogMetrics.MeterName, "gatehouse.log.uploads.refused");
        await RefuseAsync("/blob?accountID=acc1&key=k", HttpMethod.Post, host.TokenOf("acc2"));
        await RefuseAsync("/blob?accountID=acc1&key=k", HttpMethod.Post, token: null);
        await RefuseAsync("/blob?accountID=other&key=k", HttpMethod.Post, host.TokenOf("other"));
        await RefuseAsync($"/blob?accountID=acc1&key={new string('k', 2_049)}", HttpMethod.Post, host.TokenOf("acc1"));
        await RefuseAsync("/blob/upload?accountID=acc1&key=k", HttpMethod.Put, token: null);
        await RefuseAsync("/stream?accountID=acc1&key=k", HttpMethod.Post, host.TokenOf("acc2"));
        Assert.Equal(["token", "token", "admission", "key", "link"], refused.GetMeasurementSnapshot().Select(one => one.Tags["gatehouse.log.refusal"]));
        Assert.Equal(2, host.Logs.Count(line => line.Contains("account acc1 from 192.0.2.7 was refused (token)", StringComparison.Ordinal)));
        Assert.DoesNotContain(host.Logs, line => line.Contains("account other", StringComparison.Ordinal));

        // Who is refused all the time does not fill the log.
        for (var i = 0; i < 50; i++)
            await RefuseAsync("/blob?accountID=acc1&key=k", HttpMethod.Post, token: null);
        Assert.Equal(20, host.Logs.Count(line => line.Contains("the runner will not have noticed", StringComparison.Ordinal)));
        host.Time.Advance(TimeSpan.FromMinutes(1));
        await RefuseAsync("/blob?accountID=acc1&key=k", HttpMethod.Post, token: null);
        Assert.Equal(21, host.Logs.Count(line => line.Contains("the runner will not have noticed", StringComparison.Ordinal)));
        Assert.Equal(56, Sum(refused));

        async Task RefuseAsync(string path, HttpMethod method, string? token)
        {
            using var request = new HttpRequestMessage(method, path) { Content = new StringContent("log") };
            if (token is not null)
                request.Headers.Add("X-Harness-Token", token);
            using var response = await host.Client.SendAsync(request);
            Assert.InRange((int)response.StatusCode, 400, 403);
        }
    }

    private static long Sum(MetricCollector<long> collector) => collector.GetMeasurementSnapshot().Sum(one => one.Value);
}
