using System.Net;
using Gatehouse.LogService.Tests.Harness;

namespace Gatehouse.LogService.Tests.Blobs.S3;

/// <summary>Blobs with an S3-compatible server.</summary>
[Collection("S3")]
public sealed class S3BlobsTests(S3Server s3) : BlobStoreContract
{
    internal override async Task<LogHost> StartAsync(LogSettings? settings = null) =>
        await LogHost.StartAsync(settings: (settings ?? new LogSettings()) with { S3 = await s3.NewBucketAsync() });

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
