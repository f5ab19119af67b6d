using System.Collections.Concurrent;
using System.Net;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Gatehouse.LogService.Streams;
using Microsoft.Extensions.Logging;

namespace Gatehouse.LogService.Blobs.S3;

/// <summary>
/// Blobs with an S3-compatible service. What is written goes to a file of this machine first: a client that breaks off changes nothing, the service is told a
/// length, and a request that failed can be sent again. A blob is replaced as a whole when the service has it.
/// </summary>
internal sealed partial class S3Blobs : IBlobStore, IDisposable
{
    /// <summary>What is larger goes in parts of this size.</summary>
    private const int PartBytes = 16 * 1024 * 1024;

    /// <summary>Objects of one page, and of one request to delete: S3's own limit.</summary>
    private const int PageSize = 1_000;

    private const string ContentType = "text/plain; charset=utf-8";
    private readonly string _bucket, _temporary;
    private readonly S3Names _names;
    private readonly AmazonS3Client _client;
    private readonly ILogger<S3Blobs> _logger;
    private readonly BlobSpace _space;

    /// <summary>Objects that are being written or deleted: what each of several at once replaces, nobody knows.</summary>
    private readonly ConcurrentDictionary<string, bool> _changing = new(StringComparer.Ordinal);
    private int _isDown;

    public S3Blobs(LogServiceOptions options, TimeProvider time, ILogger<S3Blobs> logger)
    {
        var s3 = options.S3!;
        _space = new BlobSpace(options, _ => 0, time, logger);
        (_bucket, _names, _logger) = (s3.Bucket, new S3Names(s3.Prefix), logger);
        _temporary = Path.Combine(options.Directory, "upload");
        PrivateFolder.Make(options.Directory);
        PrivateFolder.Make(_temporary);
        // What a killed process was writing.
        foreach (var left in Directory.GetFiles(_temporary))
            File.Delete(left);
        var config = new AmazonS3Config
        {
            ForcePathStyle = s3.PathStyle,
            AuthenticationRegion = s3.Region,
            // Not every service that is compatible knows the newer checksums; the signature covers the content as it is.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            Timeout = TimeSpan.FromMinutes(5),
            ConnectTimeout = TimeSpan.FromSeconds(5),
        };
        if (s3.Endpoint is { } endpoint)
            config.ServiceURL = endpoint.AbsoluteUri;
        else
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(s3.Region);
        _client = s3.AccessKeyId is null ? new AmazonS3Client(config) : new AmazonS3Client(new BasicAWSCredentials(s3.AccessKeyId, s3.SecretAccessKey), config);
    }

    public void Dispose() => _client.Dispose();

    public bool Takes(StreamId id) => _names.Takes(id);

    public async Task WriteAsync(StreamId id, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        var path = Path.Combine(_temporary, Guid.NewGuid().ToString("N"));
        MeteredStream? metered = null;
        var isKept = false;
        try
        {
            await _space.CountAsync(id.Account, () => CountAsync(id.Account));
            _space.Take(id.Account, 0);
            await using (var file = new FileStream(PrivateFolder.OpenFile(path), FileAccess.Write, bufferSize: 64 * 1024))
            {
                metered = new MeteredStream(file, _space, id.Account);
                await write(metered, cancellationToken);
            }
            await using var content = new FileStream(path, FileMode.Open, FileAccess.Read);
            await ChangeAsync(id, () => SendAsync(_names.Of(id), content, cancellationToken), cancellationToken);
            isKept = true;
        }
        finally
        {
            metered?.Settle(all: !isKept);
            File.Delete(path);
        }
    }

    public async Task<BlobContent?> ReadAsync(StreamId id, CancellationToken cancellationToken)
    {
        var found = await FindAsync(() => _client.GetObjectAsync(_bucket, _names.Of(id), cancellationToken));
        return found is null ? null : new BlobContent(found.ResponseStream, found.ContentLength);
    }

    public async Task<long?> SizeAsync(StreamId id, CancellationToken cancellationToken) =>
        (await FindAsync(() => _client.GetObjectMetadataAsync(_bucket, _names.Of(id), cancellationToken)))?.ContentLength;

    public async Task<bool> DeleteAsync(StreamId id, CancellationToken cancellationToken)
    {
        // The service does not say whether there was one.
        if (await SizeAsync(id, cancellationToken) is null)
            return false;
        await ChangeAsync(id, () => UseAsync(() => _client.DeleteObjectAsync(_bucket, _names.Of(id), cancellationToken)), cancellationToken);
        return true;
    }

    public async Task<IReadOnlyList<BlobFacts>> ListAsync(string account, string prefix, int limit, CancellationToken cancellationToken)
    {
        var found = new List<BlobFacts>();
        await foreach (var page in PagesAsync(_names.Of(new StreamId(account, prefix)), Math.Min(limit, PageSize), cancellationToken))
        {
            found.AddRange(page.Select(one => new BlobFacts(_names.KeyOf(account, one.Key), one.Size ?? 0)).Take(limit - found.Count));
            if (found.Count == limit)
                break;
        }
        return found;
    }

    public async Task<long> DeleteOlderAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var deleted = 0L;
        await foreach (var page in PagesAsync(_names.All, PageSize, cancellationToken))
        {
            var old = page.Where(one => one.LastModified?.ToUniversalTime() < before.UtcDateTime).Select(one => new KeyVersion { Key = one.Key }).ToList();
            if (old.Count == 0)
                continue;
            await DeleteAsync(old, cancellationToken);
            deleted += old.Count;
            foreach (var account in old.Select(one => _names.AccountOf(one.Key)).Distinct())
                _space.Doubt(account);
        }
        return deleted;
    }

    public async Task DeleteAllAsync(string account, CancellationToken cancellationToken)
    {
        await foreach (var page in PagesAsync(_names.Of(new StreamId(account, "")), PageSize, cancellationToken))
        {
            if (page.Count > 0)
                await DeleteAsync(page.ConvertAll(one => new KeyVersion { Key = one.Key }), cancellationToken);
        }
        _space.Forget(account);
    }

    private async Task<long> CountAsync(string account)
    {
        var bytes = 0L;
        await foreach (var page in PagesAsync(_names.Of(new StreamId(account, "")), PageSize, CancellationToken.None))
            bytes += page.Sum(one => one.Size ?? 0);
        return bytes;
    }

    /// <summary>Replaces or deletes a blob, and gives back what it took. Of several at once only the first does: rather too much is known to be used than too little.</summary>
    private async Task ChangeAsync(StreamId id, Func<Task> change, CancellationToken cancellationToken)
    {
        var name = _names.Of(id);
        if (!_space.IsBounded)
        {
            await change();
            return;
        }
        if (!_changing.TryAdd(name, true))
        {
            _space.Doubt(id.Account);
            await change();
            return;
        }
        try
        {
            var before = await SizeAsync(id, cancellationToken) ?? 0;
            await change();
            _space.GiveBack(id.Account, before);
        }
        finally
        {
            _changing.TryRemove(name, out var _);
        }
    }

    public Task CheckAsync(CancellationToken cancellationToken) =>
        UseAsync(() => _client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = _bucket, MaxKeys = 1 }, cancellationToken));

    private Task<DeleteObjectsResponse> DeleteAsync(List<KeyVersion> objects, CancellationToken cancellationToken) =>
        UseAsync(() => _client.DeleteObjectsAsync(new DeleteObjectsRequest { BucketName = _bucket, Objects = objects, Quiet = true }, cancellationToken));

    private async Task SendAsync(string name, FileStream content, CancellationToken cancellationToken)
    {
        if (content.Length <= PartBytes)
        {
            await UseAsync(() => _client.PutObjectAsync(new PutObjectRequest
            {
                BucketName = _bucket,
                Key = name,
                ContentType = ContentType,
                InputStream = content,
                AutoCloseStream = false,
                UseChunkEncoding = false,
            }, cancellationToken));
            return;
        }
        var upload = await UseAsync(() => _client.InitiateMultipartUploadAsync(
            new InitiateMultipartUploadRequest { BucketName = _bucket, Key = name, ContentType = ContentType }, cancellationToken));
        try
        {
            var parts = new List<PartETag>();
            for (var number = 1; content.Position < content.Length; number++)
            {
                var part = await UseAsync(() => _client.UploadPartAsync(new UploadPartRequest
                {
                    BucketName = _bucket,
                    Key = name,
                    UploadId = upload.UploadId,
                    PartNumber = number,
                    PartSize = Math.Min(PartBytes, content.Length - content.Position),
                    InputStream = content,
                    UseChunkEncoding = false,
                }, cancellationToken));
                parts.Add(new PartETag(number, part.ETag));
            }
            await UseAsync(() => _client.CompleteMultipartUploadAsync(
                new CompleteMultipartUploadRequest { BucketName = _bucket, Key = name, UploadId = upload.UploadId, PartETags = parts }, cancellationToken));
        }
        catch
        {
            // Parts that nobody completes are kept, and paid for, until somebody lets them go.
            await _client.AbortMultipartUploadAsync(_bucket, name, upload.UploadId, CancellationToken.None).ContinueWith(_ => { }, TaskScheduler.Default);
            throw;
        }
    }

    private async IAsyncEnumerable<List<S3Object>> PagesAsync(string prefix, int size, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? from = null;
        do
        {
            var page = await UseAsync(() => _client.ListObjectsV2Async(
                new ListObjectsV2Request { BucketName = _bucket, Prefix = prefix, MaxKeys = size, ContinuationToken = from }, cancellationToken));
            yield return page.S3Objects ?? [];
            from = page.NextContinuationToken;
        }
        while (from is not null);
    }

    /// <summary>Null when the service has no such object.</summary>
    /// <exception cref="StoreUnavailableException">It cannot be reached, or refuses.</exception>
    private async Task<T?> FindAsync<T>(Func<Task<T>> find)
        where T : class
    {
        try
        {
            return await UseAsync(find);
        }
        catch (StoreUnavailableException e) when (e.InnerException is AmazonServiceException { StatusCode: HttpStatusCode.NotFound, ErrorCode: not "NoSuchBucket" })
        {
            return null;
        }
    }

    /// <exception cref="StoreUnavailableException">The service cannot be reached, or refuses.</exception>
    private async Task<T> UseAsync<T>(Func<Task<T>> use)
    {
        try
        {
            var answer = await use();
            if (Interlocked.Exchange(ref _isDown, 0) == 1)
                Log.Back(_logger);
            return answer;
        }
        catch (Exception e) when (e is AmazonServiceException or AmazonClientException or HttpRequestException or TimeoutException)
        {
            // What the service says of its refusal: no credentials in it.
            if (e is not AmazonServiceException { StatusCode: HttpStatusCode.NotFound, ErrorCode: not "NoSuchBucket" } && Interlocked.Exchange(ref _isDown, 1) == 0)
                Log.Lost(_logger, _bucket, (e as AmazonServiceException)?.ErrorCode ?? e.GetType().Name, e.Message);
            throw new StoreUnavailableException("The log service cannot use its blob store (S3) now; send again later.", e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4060, LogLevel.Error, "The blob store (S3, bucket {Bucket}) cannot be used ({Code}): {Message} Streams stay open until it can. Check blobs.s3.* and the service", EventName = "S3Lost")]
        public static partial void Lost(ILogger logger, string bucket, string code, string message);

        [LoggerMessage(4061, LogLevel.Information, "The blob store (S3) can be used again", EventName = "S3Back")]
        public static partial void Back(ILogger logger);
    }
}
