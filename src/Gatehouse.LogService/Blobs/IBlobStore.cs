using Gatehouse.LogService.Streams;

namespace Gatehouse.LogService.Blobs;

/// <summary>Where finished logs are kept: in files, or with an S3-compatible service.</summary>
internal interface IBlobStore
{
    /// <summary>False when the key is longer than the store can hold.</summary>
    bool Takes(StreamId id);

    /// <summary>Replaces the blob as a whole, durably before it returns; when <paramref name="write"/> throws, nothing has changed.</summary>
    Task WriteAsync(StreamId id, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken);

    /// <summary>Null when there is none.</summary>
    Task<BlobContent?> ReadAsync(StreamId id, CancellationToken cancellationToken);

    /// <summary>Whether there is one, and how large; null when there is none.</summary>
    Task<long?> SizeAsync(StreamId id, CancellationToken cancellationToken);

    /// <summary>False when there was none.</summary>
    Task<bool> DeleteAsync(StreamId id, CancellationToken cancellationToken);

    /// <summary>The account's blobs whose key begins with <paramref name="prefix"/> (plain text), at most <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<BlobFacts>> ListAsync(string account, string prefix, int limit, CancellationToken cancellationToken);

    /// <summary>Deletes what was last written before that time; how many blobs it were.</summary>
    Task<long> DeleteOlderAsync(DateTimeOffset before, CancellationToken cancellationToken);

    /// <summary>Deletes all the account's blobs.</summary>
    Task DeleteAllAsync(string account, CancellationToken cancellationToken);

    /// <summary>Throws when the store cannot be used now.</summary>
    Task CheckAsync(CancellationToken cancellationToken);
}

/// <summary>A blob that is being read.</summary>
internal sealed record BlobContent(Stream Stream, long Length) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Stream.DisposeAsync();
}

/// <summary>One blob of a list.</summary>
internal readonly record struct BlobFacts(string Key, long Size);
