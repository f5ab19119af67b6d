using Gatehouse.LogService.Streams;

namespace Gatehouse.LogService.Blobs;

/// <summary>A blob store whose writes are measured.</summary>
internal static class MeasuredBlobs
{
    /// <summary><see cref="IBlobStore.WriteAsync"/>, counted.</summary>
    public static async Task WriteAsync(
        this IBlobStore blobs, LogMetrics metrics, TimeProvider time, StreamId id, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        try
        {
            await blobs.WriteAsync(id, write, cancellationToken);
            metrics.BlobWritten(time.GetElapsedTime(start));
        }
        catch (Exception e)
        {
            metrics.BlobFailed(time.GetElapsedTime(start), e is StoreUnavailableException ? "store_unavailable" : e is OutOfSpaceException ? "out_of_space" : cancellationToken.IsCancellationRequested ? "client_gone" : "io");
            throw;
        }
    }
}
