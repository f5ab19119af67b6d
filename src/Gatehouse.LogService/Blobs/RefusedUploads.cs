using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gatehouse.LogService.Blobs;

/// <summary>Marks a route that takes a log.</summary>
internal sealed class UploadRoute
{
    public static readonly UploadRoute Mark = new();

    public static bool Is(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<UploadRoute>() is not null;
}

/// <summary>
/// Runners take an upload that is refused for one that went well (sheet §8); here is where it is seen. Each counts; the log has some a minute, so that
/// who is refused cannot fill it.
/// </summary>
internal sealed partial class RefusedUploads(LogMetrics metrics, TimeProvider time, ILogger<RefusedUploads> logger)
{
    private const int MostAMinute = 20;
    private readonly Lock _lock = new();
    private long _minute;
    private int _told;

    /// <param name="reason"><c>link</c>, <c>account</c>, <c>admission</c>, <c>token</c>, <c>key</c> or <c>size</c>.</param>
    /// <param name="account">Whose log it was; null when that is not certain.</param>
    /// <param name="remoteAddress">Who sent it.</param>
    public void Add(string reason, string? account, string? remoteAddress)
    {
        metrics.UploadRefused(reason);
        lock (_lock)
        {
            var minute = time.GetUtcNow().Ticks / TimeSpan.TicksPerMinute;
            (_minute, _told) = (minute, minute == _minute ? _told + 1 : 1);
            if (_told > MostAMinute)
                return;
        }
        Log.Refused(logger, account ?? "-", remoteAddress ?? "", reason);
    }

    private static partial class Log
    {
        [LoggerMessage(4030, LogLevel.Warning, "An upload of a log of account {Account} from {RemoteAddress} was refused ({Reason}); the runner will not have noticed", EventName = "UploadRefused")]
        public static partial void Refused(ILogger logger, string account, string remoteAddress, string reason);
    }
}
