using Microsoft.Extensions.Logging;

namespace Gatehouse.LogService.Blobs;

/// <summary>Deletes what has been kept long enough, in the background; off unless the operator says how long.</summary>
internal sealed partial class BlobRetention(IBlobStore blobs, LogServiceOptions options, LogMetrics metrics, TimeProvider time, ILogger<BlobRetention> logger)
{
    /// <summary>Days count, not minutes; and with S3 a pass lists all there is.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromHours(6);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (options.BlobRetention is not { } kept)
            return;
        var deleted = await blobs.DeleteOlderAsync(time.GetUtcNow() - kept, cancellationToken);
        metrics.BlobsExpired(deleted);
        if (deleted > 0)
            Log.Deleted(logger, deleted, (int)kept.TotalDays);
    }

    private static partial class Log
    {
        [LoggerMessage(4032, LogLevel.Information, "{Count} logs were deleted: they had been kept for {Days} days", EventName = "BlobsExpired")]
        public static partial void Deleted(ILogger logger, long count, int days);
    }
}
