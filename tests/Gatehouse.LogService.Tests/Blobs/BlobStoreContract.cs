using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.LogService.Blobs;
using Gatehouse.LogService.Streams;
using Gatehouse.LogService.Tests.Harness;
using Gatehouse.Testing;

namespace Gatehouse.LogService.Tests.Blobs;

/// <summary>Sheet §4, §6 and §8: blobs, links and downloads, wherever blobs are kept.</summary>
public abstract class BlobStoreContract
{
    private const string Run = "accountId:acc1/orgId:o/pipelineId:p/runSequence:7/";

    /// <summary>A log service on the store that is tested, empty.</summary>
    internal abstract Task<LogHost> StartAsync(LogSettings? settings = null);

    /// <summary>The same, with the data of one that was stopped.</summary>
    internal abstract Task<LogHost> StartAgainAsync(LogHost before);

    /// <summary>What the store is receiving right now.</summary>
    internal abstract string[] Temporary(LogHost host);

    [Fact]
    public async Task Uploaded_read_and_deleted_as_they_are()
    {
        await using var host = await StartAsync();
        await host.MustAsync("POST", "/blob", "k", "<html>\u00e4</html>");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/blob?accountID=acc1&key=k");
        request.Headers.Add("X-Harness-Token", host.TokenOf("acc1"));
        using var response = await host.Client.SendAsync(request);
        Assert.Equal("<html>\u00e4</html>", await response.Content.ReadAsStringAsync());
        Assert.Equal("text/plain; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("*", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.Null((await host.CallAsync("GET", "/blob", "k", account: "acc2")).Status == HttpStatusCode.OK ? "another account's" : null);
        await host.MustAsync("DELETE", "/blob", "k");
        Assert.Equal(HttpStatusCode.NotFound, (await host.CallAsync("DELETE", "/blob", "k")).Status);
    }

    [Fact]
    public async Task Lines_of_a_stream_that_was_opened_again_come_after_a_large_blob()
    {
        await using var host = await StartAsync();
        var earlier = string.Concat(Enumerable.Range(0, 400_000).Select(i => $"{{\"out\":\"the earlier line number {i}\"}}\n"));
        await host.MustAsync("POST", "/blob", "k", earlier);
        await host.OpenAsync("k");
        await host.WriteAsync("k", "a");
        await host.MustAsync("DELETE", "/stream", "k");
        Assert.Equal(earlier + LogHost.Lines("a"), await host.BlobAsync("k"));
    }

    [Fact]
    public async Task A_deletion_of_an_account_that_did_not_come_to_its_end_is_finished_at_the_next_start()
    {
        var settings = new LogSettings();
        await using var first = await StartAsync(settings);
        var store = first.Get<IBlobStore>();
        foreach (var account in new[] { "acc1", "acc2" })
            await store.WriteAsync(new StreamId(account, "k"), (blob, stop) => blob.WriteAsync("x"u8.ToArray(), stop).AsTask(), default);
        await first.OpenAsync("live");
        await first.WriteAsync("live", "a");
        // What a process that is killed in the middle leaves: its mark, and all that it had not come to.
        var mark = Path.Combine(first.Data, "logs", "ended", "61636331");
        await File.WriteAllBytesAsync(mark, []);
        await first.StopAsync();
        await using var second = await StartAgainAsync(first);
        await Eventually.TrueAsync("the account's mark to be gone", () => Task.FromResult(!File.Exists(mark)));
        Assert.Null(await second.BlobAsync("k"));
        Assert.Empty(await second.OpenKeysAsync());
        Assert.Equal("x", (await second.CallAsync("GET", "/blob", "k", account: "acc2")).Body);

        await second.Get<IAccountData>().DeleteAsync("acc2", default);
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(mark)!));
        Assert.Equal(HttpStatusCode.NotFound, (await second.CallAsync("GET", "/blob", "k", account: "acc2")).Status);
    }

    [Fact]
    public async Task A_zip_that_is_being_made_goes_with_its_account()
    {
        await using var host = await StartAsync();
        await host.MustAsync("POST", "/blob", Run + "step", new string('x', 1_000_000));
        await AskAsync(host, Run);
        await host.Get<IAccountData>().DeleteAsync("acc1", default);
        Assert.Empty(await host.Get<IBlobStore>().ListAsync("acc1", "", 10, default));
        Assert.Equal(HttpStatusCode.NotFound, (await host.CallAsync("POST", "/blob/download", "", query: "&prefix=" + Uri.EscapeDataString(Run))).Status);
    }

    [Fact]
    public async Task Asked_for_by_prefix()
    {
        await using var host = await StartAsync();
        await host.MustAsync("POST", "/blob", Run + "step", "x");
        Assert.Equal("true", (await host.CallAsync("GET", "/blob/exists", Run)).Body);
        Assert.Equal("false", (await host.CallAsync("GET", "/blob/exists", Run + "step2")).Body);
        Assert.Equal("false", (await host.CallAsync("GET", "/blob/exists", Run, account: "acc2")).Body);
    }

    [Theory]
    [InlineData("a b+c&d=e%41/\u00e4\u20ac\U0001F600?#")]
    [InlineData("/leading//double/../up/./here/.hidden/trailing/")]
    [InlineData("~7E~/\0\u0001\\<>\"'`{}")]
    public async Task Any_text_is_a_key(string key)
    {
        await using var host = await StartAsync();
        await host.MustAsync("POST", "/blob", key, key);
        await host.MustAsync("POST", "/blob", key + "x", "other");
        Assert.Equal(key, await host.BlobAsync(key));
        Assert.Equal([key, key + "x"], (await host.Get<IBlobStore>().ListAsync("acc1", key, 10, default)).Select(blob => blob.Key).Order(StringComparer.Ordinal));
        await host.MustAsync("DELETE", "/blob", key);
        Assert.Null(await host.BlobAsync(key));
        Assert.Equal("other", await host.BlobAsync(key + "x"));
    }

    [Fact]
    public async Task A_key_that_is_too_long_is_refused_before_anything_is_written()
    {
        await using var host = await StartAsync();
        Assert.Equal(HttpStatusCode.BadRequest, (await host.CallAsync("POST", "/stream", new string('k', 2_049))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await host.CallAsync("POST", "/blob", new string('k', 2_049), "x")).Status);
    }

    [Fact]
    public async Task Found_by_prefix_by_the_thousand()
    {
        await using var host = await StartAsync();
        var store = host.Get<IBlobStore>();
        await Parallel.ForAsync(0, 1_100, async (i, cancel) => await store.WriteAsync(new StreamId("acc1", $"run/{i}"), (blob, stop) => blob.WriteAsync("x"u8.ToArray(), stop).AsTask(), cancel));
        await store.WriteAsync(new StreamId("acc1", "ru"), (blob, stop) => Task.CompletedTask, default);
        var found = await store.ListAsync("acc1", "run/", 10_000, default);
        Assert.Equal(Enumerable.Range(0, 1_100).Select(i => $"run/{i}").Order(StringComparer.Ordinal), found.Select(blob => blob.Key).Order(StringComparer.Ordinal));
        Assert.All(found, blob => Assert.Equal(1, blob.Size));
        Assert.Equal(1_050, (await store.ListAsync("acc1", "run/", 1_050, default)).Count);

        // They go with their account, and nobody else's do.
        await store.WriteAsync(new StreamId("acc10", "run/1"), (blob, stop) => blob.WriteAsync("other"u8.ToArray(), stop).AsTask(), default);
        await host.Get<IAccountData>().DeleteAsync("acc1", default);
        Assert.Empty(await store.ListAsync("acc1", "", 10_000, default));
        Assert.Null(await host.BlobAsync("run/1"));
        Assert.Equal("other", (await host.CallAsync("GET", "/blob", "run/1", account: "acc10")).Body);
    }

    [Fact]
    public async Task A_large_one_is_whole()
    {
        await using var host = await StartAsync();
        var bytes = new byte[40 * 1024 * 1024 + 17];
        new Random(4).NextBytes(bytes);
        using var upload = new HttpRequestMessage(HttpMethod.Post, "/blob?accountID=acc1&key=large") { Content = new ByteArrayContent(bytes) };
        upload.Headers.Add("X-Harness-Token", host.TokenOf("acc1"));
        using var taken = await host.Client.SendAsync(upload);
        Assert.Equal(HttpStatusCode.NoContent, taken.StatusCode);
        using var download = new HttpRequestMessage(HttpMethod.Get, "/blob?accountID=acc1&key=large");
        download.Headers.Add("X-Harness-Token", host.TokenOf("acc1"));
        using var answer = await host.Client.SendAsync(download);
        Assert.Equal(bytes, await answer.Content.ReadAsByteArrayAsync());
        await host.MustAsync("POST", "/blob", "large", "small now");
        Assert.Equal("small now", await host.BlobAsync("large"));
    }

    [Fact]
    public async Task Kept_as_long_as_it_was_said()
    {
        await using var host = await StartAsync(new LogSettings { BlobRetention = TimeSpan.FromDays(30) });
        await host.MustAsync("POST", "/blob", "k", "x");
        host.Time.SetUtcNow(TimeProvider.System.GetUtcNow() > host.Time.GetUtcNow() ? TimeProvider.System.GetUtcNow() : host.Time.GetUtcNow());
        await host.MustAsync("POST", "/blob", "k", "x");
        host.Time.Advance(TimeSpan.FromDays(29));
        await host.Get<BlobRetention>().RunAsync(default);
        Assert.Equal("x", await host.BlobAsync("k"));
        // Nobody calls it: it is due every six hours.
        host.Time.Advance(TimeSpan.FromDays(2));
        await Eventually.TrueAsync("the blob to be gone", async () =>
        {
            host.Time.Advance(BlobRetention.Interval);
            return await host.BlobAsync("k") is null;
        });
        Assert.Empty(await host.Get<IBlobStore>().ListAsync("acc1", "", 10, default));
    }

    [Fact]
    public async Task An_upload_that_breaks_off_changes_nothing()
    {
        await using var host = await StartAsync();
        await host.MustAsync("POST", "/blob", "k", "whole");
        using (var socket = new System.Net.Sockets.TcpClient())
        {
            await socket.ConnectAsync(IPAddress.Loopback, host.Client.BaseAddress!.Port);
            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
                $"POST /blob?accountID=acc1&key=k HTTP/1.1\r\nHost: x\r\nX-Harness-Token: {host.TokenOf("acc1")}\r\nContent-Length: 100\r\n\r\nhalf"));
            await Eventually.TrueAsync("the upload to have begun", () => Task.FromResult(Temporary(host).Length > 0));
        }
        await Eventually.TrueAsync("what was taken to be gone", () => Task.FromResult(Temporary(host).Length == 0));
        Assert.Equal("whole", await host.BlobAsync("k"));
    }

    [Fact]
    public async Task Links_are_good_for_one_blob_one_purpose_and_an_hour()
    {
        await using var host = await StartAsync();
        var upload = await LinkAsync(host, "upload");
        Assert.Equal(HttpStatusCode.NoContent, await PutAsync(host, upload, "by link"));
        Assert.Equal("by link", await host.BlobAsync("a b/c+d"));
        var download = await LinkAsync(host, "download");
        Assert.Equal("by link", await host.Client.GetStringAsync(Here(download)));

        Assert.Equal(HttpStatusCode.Forbidden, await PutAsync(host, download.Replace("/download?", "/upload?", StringComparison.Ordinal), "x"));
        Assert.Equal(HttpStatusCode.Forbidden, await PutAsync(host, upload.Replace("c%2Bd", "c%2Be", StringComparison.Ordinal), "x"));
        Assert.Equal(HttpStatusCode.Forbidden, await PutAsync(host, upload.Replace("accountID=acc1", "accountID=acc2", StringComparison.Ordinal), "x"));
        Assert.Equal(HttpStatusCode.Forbidden, await PutAsync(host, upload.Replace("expires=1", "expires=2", StringComparison.Ordinal), "x"));
        host.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(HttpStatusCode.Forbidden, await PutAsync(host, upload, "x"));
        Assert.Equal("by link", await host.BlobAsync("a b/c+d"));

        static async Task<string> LinkAsync(LogHost host, string purpose)
        {
            var answer = JsonDocument.Parse((await host.CallAsync("POST", $"/blob/link/{purpose}", "a b/c+d")).Body).RootElement;
            Assert.Equal(3_600_000_000_000, answer.GetProperty("expires").GetInt64());
            var link = answer.GetProperty("link").GetString()!;
            Assert.StartsWith("https://gatehouse.localhost:8443/log-service/blob/", link, StringComparison.Ordinal);
            return link;
        }
    }

    [Fact]
    public async Task A_runs_logs_come_as_one_zip_and_every_answer_has_a_body()
    {
        await using var host = await StartAsync();
        await host.MustAsync("POST", "/blob", Run + "step", "one");
        await host.MustAsync("POST", "/blob", Run + "step/sub", "two");
        await host.MustAsync("POST", "/blob", Run + "../../etc/passwd", "three");
        var first = await AskAsync(host, Run);
        Assert.Contains(first.GetProperty("status").GetString()!, (string[])["queued", "in_progress", "success"]); // Three short logs may be packed before the answer is.
        var done = await Eventually.GetAsync("the zip", async () => await AskAsync(host, Run) is var answer && answer.GetProperty("status").GetString() == "success" ? answer.GetRawText() : null);
        var link = JsonDocument.Parse(done).RootElement.GetProperty("link").GetString()!;
        using var zip = new ZipArchive(await host.Client.GetStreamAsync(Here(link)), ZipArchiveMode.Read);
        Assert.Equal([Run + "_/_/etc/passwd.log", Run + "step.log", Run + "step/sub.log"], zip.Entries.Select(entry => entry.FullName).Order(StringComparer.Ordinal));
        using var text = new StreamReader(zip.GetEntry(Run + "step/sub.log")!.Open());
        Assert.Equal("two", await text.ReadToEndAsync());

        // Known to the account alone.
        Assert.Equal(HttpStatusCode.NotFound, (await host.CallAsync("POST", "/blob/download", "", query: $"&prefix={Run}", account: "acc2")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await host.CallAsync("POST", "/blob/download", "", query: "&prefix=accountId:acc1")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await host.CallAsync("POST", "/blob/download", "")).Status);
    }

    [Fact]
    public async Task What_is_not_there_or_over_is_refused_and_nothing_leads_elsewhere()
    {
        await using var host = await StartAsync();
        const string Odd = "accountId:acc1/runSequence:7/a b+c&d=%41\u00e4#?";
        Assert.Equal(HttpStatusCode.NotFound, (await host.CallAsync("GET", "/blob", "")).Status);
        var early = await LinkAsync(host, "/blob/link/download", "");
        Assert.Equal((HttpStatusCode.NotFound, null, "{\n  \"error_msg\": \"blob: not found\"\n}"), await FollowAsync(host, early));

        await host.MustAsync("POST", "/blob", Odd, "0123456789");
        var link = await LinkAsync(host, "/blob/link/download", "&key=" + Uri.EscapeDataString(Odd));
        // A part was asked for; the whole is a right answer, too.
        Assert.Equal((HttpStatusCode.OK, "text/plain; charset=utf-8", "0123456789"), await FollowAsync(host, link, "bytes=2-3"));
        var prefix = "&prefix=" + Uri.EscapeDataString(Odd[..^3]);
        var zip = await Eventually.GetAsync("the zip", async () => (await host.CallAsync("POST", "/blob/download", "", query: prefix)).Body is var body && body.Contains("success", StringComparison.Ordinal) ? body : null);
        var zipLink = JsonDocument.Parse(zip).RootElement.GetProperty("link").GetString()!;
        var (status, type, _) = await FollowAsync(host, zipLink);
        Assert.Equal((HttpStatusCode.OK, "application/zip"), (status, type));
        // Another account's log under the same name, by the link of this one.
        Assert.Equal(HttpStatusCode.Forbidden, (await FollowAsync(host, zipLink.Replace("accountID=acc1", "accountID=acc2", StringComparison.Ordinal))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await FollowAsync(host, zipLink[..^1])).Status);

        // A zip that was deleted is made again, and no answer leads to where there is none.
        var key = System.Web.HttpUtility.ParseQueryString(new Uri(zipLink).Query)["key"]!;
        await host.MustAsync("DELETE", "/blob", key);
        var again = (await host.CallAsync("POST", "/blob/download", "", query: prefix)).Body;
        // It may be packed again before the answer is.
        if (again.Contains("success", StringComparison.Ordinal))
            Assert.Equal(HttpStatusCode.OK, (await FollowAsync(host, zipLink)).Status);
        await Eventually.TrueAsync("the zip again", async () => (await FollowAsync(host, zipLink)).Status == HttpStatusCode.OK);

        host.Time.Advance(TimeSpan.FromHours(168) - TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.Forbidden, (await FollowAsync(host, link)).Status);
        Assert.Equal(HttpStatusCode.OK, (await FollowAsync(host, zipLink)).Status);
        host.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.Forbidden, (await FollowAsync(host, zipLink)).Status);
    }

    [Fact]
    public async Task Deleted_by_prefix_with_the_global_token_only()
    {
        await using var host = await StartAsync();
        await host.MustAsync("POST", "/blob", Run + "step", "x");
        Assert.Equal(HttpStatusCode.BadRequest, (await host.CallAsync("DELETE", "/internal/blob", Run)).Status);
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"/internal/blob?accountID=acc1&key={Run}");
        request.Headers.Add("X-Harness-Token", LogHost.GlobalToken);
        using var response = await host.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        await Eventually.TrueAsync("the logs to be gone", async () => (await host.CallAsync("GET", "/blob/exists", Run)).Body == "false");
    }

    private static async Task<JsonElement> AskAsync(LogHost host, string prefix)
    {
        var (status, body) = await host.CallAsync("POST", "/blob/download", "", query: $"&prefix={prefix}");
        Assert.Equal(HttpStatusCode.OK, status);
        return JsonDocument.Parse(body).RootElement;
    }

    /// <summary>The gateway takes the prefix off before a request gets here.</summary>
    internal static Uri Here(string link) => new(new Uri(link).PathAndQuery["/log-service".Length..], UriKind.Relative);

    private static async Task<string> LinkAsync(LogHost host, string path, string query) =>
        JsonDocument.Parse((await host.CallAsync("POST", path, "", query: query)).Body).RootElement.GetProperty("link").GetString()!;

    private static async Task<(HttpStatusCode Status, string? Type, string Body)> FollowAsync(LogHost host, string link, string? range = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Here(link));
        if (range is not null)
            request.Headers.Add("Range", range);
        using var response = await host.Client.SendAsync(request);
        return (response.StatusCode, response.StatusCode == HttpStatusCode.OK ? response.Content.Headers.ContentType!.ToString() : null, await response.Content.ReadAsStringAsync());
    }

    private static async Task<HttpStatusCode> PutAsync(LogHost host, string link, string body)
    {
        using var content = new StringContent(body);
        using var response = await host.Client.PutAsync(Here(link), content);
        return response.StatusCode;
    }
}
