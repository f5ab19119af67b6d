using System.IO.Compression;
using System.Net;
using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.LogService.Tests.Harness;
using Gatehouse.Testing;

namespace Gatehouse.LogService.Tests.Operators;

public sealed class OperatorLogsTests
{
    private const string Key = "accountId:acc1/taskId:t1";
    private const string Closed = "{\"end\":\"closed\"}\n";
    private const string Open = "{\"end\":\"open\"}\n";

    [Fact]
    public async Task An_open_log_is_read_as_far_as_it_goes_and_a_kept_one_whole()
    {
        await using var host = await LogHost.StartAsync();
        await host.OpenAsync(Key);
        await host.WriteAsync(Key, "a", "b");
        Assert.Equal((HttpStatusCode.OK, LogHost.Lines("a", "b") + Open), await GetAsync(host, $"logs?key={Key}"));
        await host.MustAsync("DELETE", "/stream", Key, query: "&snapshot=true");
        Assert.Equal((HttpStatusCode.OK, LogHost.Lines("a", "b") + Closed), await GetAsync(host, $"logs?key={Key}"));
        Assert.Equal((HttpStatusCode.OK, LogHost.Lines("b") + Closed), await GetAsync(host, $"logs?key={Key}&from=1&follow=true"));
    }

    [Fact]
    public async Task Following_ends_when_the_log_is_closed_and_goes_on_from_where_it_was()
    {
        await using var host = await LogHost.StartAsync();
        await host.OpenAsync(Key);
        await host.WriteAsync(Key, "a", "b");
        var following = GetAsync(host, $"logs?key={Key}&from=1&follow=true");
        await Eventually.TrueAsync("a reader", async () => (await host.CallAsync("GET", "/stream/info", "")).Body.Contains("\"subscribers\": 1", StringComparison.Ordinal));
        await host.WriteAsync(Key, "c");
        await host.MustAsync("DELETE", "/stream", Key, query: "&snapshot=true");
        Assert.Equal((HttpStatusCode.OK, LogHost.Lines("b", "c") + Closed), await following);
    }

    [Fact]
    public async Task What_is_not_there_any_more_is_said_once()
    {
        await using var host = await LogHost.StartAsync();
        await host.OpenAsync(Key);
        for (var i = 0; i < 6; i++)
            await host.WriteAsync(Key, [.. Enumerable.Range(i * 1000, 1000).Select(n => n.ToString(System.Globalization.CultureInfo.InvariantCulture))]);
        var following = GetAsync(host, $"logs?key={Key}&follow=true");
        await Eventually.TrueAsync("a reader", async () => (await host.CallAsync("GET", "/stream/info", "")).Body.Contains("\"subscribers\": 1", StringComparison.Ordinal));
        await host.MustAsync("DELETE", "/stream", Key, query: "&snapshot=true");
        var lines = (await following).Body.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var missed = int.Parse(JsonDocument.Parse(lines[0]).RootElement.GetProperty("args").GetProperty("missed").GetString()!, System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(missed, 900, 1000);
        Assert.Equal(LogHost.Line(missed.ToString(System.Globalization.CultureInfo.InvariantCulture)), lines[1]);
        Assert.Equal(6000 - missed + 2, lines.Length);
    }

    [Fact]
    public async Task Kept_logs_below_a_prefix_are_one_zip()
    {
        await using var host = await LogHost.StartAsync();
        foreach (var key in new[] { "a/1", "a/2", "b/1" })
        {
            await host.OpenAsync(key);
            await host.WriteAsync(key, key.Replace('/', '-'));
            await host.MustAsync("DELETE", "/stream", key, query: "&snapshot=true");
        }
        using var request = Request("logs/zip?prefix=a/");
        using var response = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);
        await using var zip = new ZipArchive(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        Assert.Equal(["a/1.log", "a/2.log"], zip.Entries.Select(entry => entry.FullName));
        using var text = new StreamReader(await zip.Entries[1].OpenAsync(TestContext.Current.CancellationToken));
        Assert.Equal(LogHost.Lines("a-2"), await text.ReadToEndAsync(TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(host, "logs/zip?prefix=c/")).Status);
    }

    [Theory]
    [InlineData("logs?key=nothing", "acc1", LogOperators.Key, 404, "log_not_found")]
    [InlineData("logs?key=", "acc1", LogOperators.Key, 400, "invalid_key")]
    [InlineData("logs/zip?prefix=", "acc1", LogOperators.Key, 400, "invalid_prefix")]
    [InlineData("logs?key=k", "nobody", LogOperators.Key, 404, "account_not_found")]
    [InlineData("logs?key=k", "acc1", "wrong", 401, "invalid_api_key")]
    [InlineData("logs/zip?prefix=k", "acc1", null, 401, "invalid_api_key")]
    public async Task Who_may_not_and_what_is_not_is_said(string path, string account, string? key, int status, string code)
    {
        await using var host = await LogHost.StartAsync();
        var (answered, body) = await GetAsync(host, path, account, key);
        Assert.Equal((status, code), ((int)answered, JsonDocument.Parse(body).RootElement.GetProperty("code").GetString()));
    }

    private static HttpRequestMessage Request(string path, string account = "acc1", string? key = LogOperators.Key)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/accounts/{account}/{path}");
        if (key is not null)
            request.Headers.Add(HeaderNames.ApiKey, key);
        return request;
    }

    private static async Task<(HttpStatusCode Status, string Body)> GetAsync(LogHost host, string path, string account = "acc1", string? key = LogOperators.Key)
    {
        using var request = Request(path, account, key);
        using var response = await host.Client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
