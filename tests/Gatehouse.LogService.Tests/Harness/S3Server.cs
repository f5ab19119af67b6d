using System.Globalization;
using Amazon.Runtime;
using Amazon.S3;
using Gatehouse.Testing;

namespace Gatehouse.LogService.Tests.Harness;

/// <summary>An S3-compatible server from the npm registry (s3rver), which checks who asks, if not each signature; each test takes a bucket of its own.</summary>
public sealed class S3Server : IAsyncLifetime
{
    private const string Key = "S3RVER";
    private readonly TemporaryDirectory _directory = new();
    private readonly int _port = FreePorts.Next();
    private ForeignServer? _server;
    private int _buckets;

    public Uri Endpoint => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}/"));

    public async ValueTask InitializeAsync() => _server = await ForeignServer.StartAsync(_directory.Path, _port, "node", "--openssl-legacy-provider", // Its continuation tokens are in a cipher that OpenSSL 3 calls legacy.
        Path.Combine(SourceTree.Root, "artifacts", "npm", "node_modules", "s3rver", "bin", "s3rver.js"),
        "--directory", _directory.Path, "--address", "127.0.0.1", "--port", _port.ToString(CultureInfo.InvariantCulture), "--no-vhost-buckets");

    public AmazonS3Client Client() => new(new BasicAWSCredentials(Key, Key), new AmazonS3Config { ServiceURL = Endpoint.AbsoluteUri, ForcePathStyle = true, AuthenticationRegion = "us-east-1" });

    public async Task<S3Options> NewBucketAsync(string prefix = "")
    {
        var bucket = string.Create(CultureInfo.InvariantCulture, $"logs-{Interlocked.Increment(ref _buckets)}");
        using var client = Client();
        await client.PutBucketAsync(bucket);
        return new S3Options { Endpoint = Endpoint, Bucket = bucket, Prefix = prefix, AccessKeyId = Key, SecretAccessKey = Key };
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _directory.Dispose();
    }
}

/// <summary>One server for all tests of S3.</summary>
[CollectionDefinition("S3")]
public sealed class S3Collection : ICollectionFixture<S3Server>;
