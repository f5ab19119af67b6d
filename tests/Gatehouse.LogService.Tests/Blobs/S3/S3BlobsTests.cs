using System.IO.Compression;
using System.Net;
using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.LogService.Blobs;
using Gatehouse.LogService.Tests.Harness;
using Gatehouse.Testing;

namespace Gatehouse.LogService.Tests.Blobs.S3;

/// <summary>Blobs with an S3-compatible server.</summary>
[Collection("S3")]
public sealed class S3BlobsTests(S3Server s3) : BlobStoreContract
{
    private S3Options? _bucket;

    internal override async Task<LogHost> StartAsync(LogSettings? settings = null) =>
        await LogHost.StartAsync(settings: (settings ?? new LogSettings()) with { S3 = _bucket = await s3.NewBucketAsync() });

    internal override Task<LogHost> StartAgainAsync(LogHost before) => LogHost.StartAsync(before.Data, before.Time, new LogSettings { S3 = _bucket });

    internal override string[] Temporary(LogHost host) => Directory.GetFiles(Path.Combine(host.Data, "logs", "upload"));

    [Fact]
    public async Task Objects_are_named_so_that_people_find_them()
    {
        var bucket = await s3.NewBucketAsync("of/ours");
        await using var host = await LogHost.StartAsync(settings: new LogSettings { S3 = bucket });
        await host.MustAsync("POST", "/blob", "accountId:acc1/runSequence:7/a b", "text");
        using var client = s3.Client();
        var found = Assert.Single((await client.ListObjectsV2Async(new() { BucketName = bucket.Bucket })).S3Objects);
        Assert.Equal("of/ours/acc1/accountId:acc1/runSequence:7/a~20b", found.Key);
        using var read = await client.GetObjectAsync(bucket.Bucket, found.Key);
        using var text = new StreamReader(read.ResponseStream);
        Assert.Equal("text", await text.ReadToEndAsync());
    }

    [Fact]
    public async Task A_stream_that_is_closed_is_an_object_and_comes_back_by_link_and_in_a_zip()
    {
        const string Run = "accountId:acc1/pipelineId:p/runSequence:7/";
        var bucket = await s3.NewBucketAsync();
        await using var host = await LogHost.StartAsync(settings: new LogSettings { S3 = bucket });
        foreach (var step in new[] { "one step", "two" })
        {
            await host.OpenAsync(Run + step);
            await host.WriteAsync(Run + step, step, "\u00e4\u20ac\U0001F600");
        }
        await host.MustAsync("DELETE", "/stream", Run, query: "&snapshot=true&prefix=true");
        Assert.Empty(await host.OpenKeysAsync());
        using var client = s3.Client();
        using (var read = await client.GetObjectAsync(bucket.Bucket, "acc1/accountId:acc1/pipelineId:p/runSequence:7/one~20step"))
        using (var text = new StreamReader(read.ResponseStream))
            Assert.Equal(LogHost.Lines("one step", "\u00e4\u20ac\U0001F600"), await text.ReadToEndAsync());

        Assert.Equal(LogHost.Lines("two", "\u00e4\u20ac\U0001F600"), await host.BlobAsync(Run + "two"));
        var link = JsonDocument.Parse((await host.CallAsync("POST", "/blob/link/download", Run + "two")).Body).RootElement.GetProperty("link").GetString()!;
        Assert.Equal(LogHost.Lines("two", "\u00e4\u20ac\U0001F600"), await host.Client.GetStringAsync(Here(link)));
        var done = await Eventually.GetAsync("the zip", async () =>
            (await host.CallAsync("POST", "/blob/download", "", query: "&prefix=" + Run)).Body is var body && body.Contains("success", StringComparison.Ordinal) ? body : null);
        using var zip = new ZipArchive(await host.Client.GetStreamAsync(Here(JsonDocument.Parse(done).RootElement.GetProperty("link").GetString()!)), ZipArchiveMode.Read);
        Assert.Equal([Run + "one step.log", Run + "two.log"], zip.Entries.Select(entry => entry.FullName).Order(StringComparer.Ordinal));
        using var zipped = new StreamReader(zip.GetEntry(Run + "one step.log")!.Open());
        Assert.Equal(LogHost.Lines("one step", "\u00e4\u20ac\U0001F600"), await zipped.ReadToEndAsync());
    }

    [Fact]
    public async Task An_account_that_ends_while_it_is_away_is_cleared_when_it_is_back()
    {
        var bucket = await s3.NewBucketAsync();
        await using var well = await LogHost.StartAsync(settings: new LogSettings { S3 = bucket });
        await well.MustAsync("POST", "/blob", "k", "text");
        var refused = new S3Options { Endpoint = s3.Endpoint, Bucket = bucket.Bucket, AccessKeyId = "unknown", SecretAccessKey = "unknown" };
        await using var host = await LogHost.StartAsync(settings: new LogSettings { S3 = refused });
        await Assert.ThrowsAsync<StoreUnavailableException>(() => host.Get<IAccountData>().DeleteAsync("acc1", default));
        await host.StopAsync();
        await using var again = await LogHost.StartAsync(host.Data, host.Time, new LogSettings { S3 = bucket });
        await Eventually.TrueAsync("the blob to be gone", async () => await again.BlobAsync("k") is null);
    }

    [Fact]
    public async Task One_account_fills_its_own_share_and_no_more()
    {
        var half = new string('x', 512 * 1024);
        var settings = new LogSettings { S3 = await s3.NewBucketAsync("of/ours"), BlobQuota = 1024 * 1024 };
        await using (var host = await LogHost.StartAsync(settings: settings))
        {
            await host.MustAsync("POST", "/blob", "a", half);
            await host.MustAsync("POST", "/blob", "b", half);
            Assert.Equal(HttpStatusCode.TooManyRequests, (await host.CallAsync("POST", "/blob", "c", half)).Status);
            Assert.Null(await host.BlobAsync("c"));
            await host.MustAsync("POST", "/blob", "c", half, account: "acc2");
            // What is replaced or deleted counts no more.
            await host.MustAsync("DELETE", "/blob", "a");
            await host.MustAsync("POST", "/blob", "b", "short");
            await host.MustAsync("POST", "/blob", "c", half[10..]);
        }
        // Another process counts what is there, and what comes by other ways counts six hours later.
        await using var again = await LogHost.StartAsync(settings: settings);
        await again.MustAsync("POST", "/blob", "d", half);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await again.CallAsync("POST", "/blob", "e", half)).Status);
        using (var client = s3.Client())
            await client.DeleteObjectAsync(settings.S3.Bucket, "of/ours/acc1/d");
        Assert.Equal(HttpStatusCode.TooManyRequests, (await again.CallAsync("POST", "/blob", "e", half)).Status);
        again.Time.Advance(TimeSpan.FromHours(6));
        await again.MustAsync("POST", "/blob", "e", half);
        await again.Get<IAccountData>().DeleteAsync("acc1", default);
        await again.MustAsync("POST", "/blob", "a", half + half[1..]);
    }

    [Fact]
    public async Task No_number_of_uploads_at_once_gets_past_the_quota()
    {
        var half = new string('x', 512 * 1024);
        await using var host = await LogHost.StartAsync(settings: new LogSettings { S3 = await s3.NewBucketAsync(), BlobQuota = 1024 * 1024 });
        foreach (var _ in Enumerable.Range(0, 3))
        {
            // Also of one key at once, and while it is deleted.
            await Task.WhenAll(Enumerable.Range(0, 12).SelectMany(i => (Task[])[host.CallAsync("POST", "/blob", $"k{i % 6}", half), host.CallAsync("DELETE", "/blob", $"k{i % 6}")]));
            Assert.InRange((await host.Get<IBlobStore>().ListAsync("acc1", "", 100, default)).Sum(blob => blob.Size), 0, 1024 * 1024);
            host.Time.Advance(TimeSpan.FromMinutes(10));
        }
        await host.Get<IAccountData>().DeleteAsync("acc1", default);
        await host.MustAsync("POST", "/blob", "k", half + half);
    }

    [Fact]
    public async Task What_it_refuses_is_a_503_without_its_secrets_and_the_stream_stays_open()
    {
        var wrong = new S3Options { Endpoint = s3.Endpoint, Bucket = (await s3.NewBucketAsync()).Bucket, AccessKeyId = "unknown", SecretAccessKey = "a secret that no log may have" };
        await using var host = await LogHost.StartAsync(settings: new LogSettings { S3 = wrong });
        await host.OpenAsync("k");
        await host.WriteAsync("k", "a");
        var (status, body) = await host.CallAsync("DELETE", "/stream", "k", query: "&snapshot=true");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("cannot use its blob store (S3) now; send again later", body, StringComparison.Ordinal);
        await host.WriteAsync("k", "b");
        Assert.Equal(HttpStatusCode.InternalServerError, (await host.CallAsync("GET", "/ready/healthz", "")).Status);
        Assert.NotEmpty(host.Logs);
        Assert.DoesNotContain(host.Logs, line => line.Contains("a secret that no log", StringComparison.Ordinal));
    }
}
