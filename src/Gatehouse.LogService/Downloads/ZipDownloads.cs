using System.Collections.Concurrent;
using System.Threading.Channels;
using Gatehouse.LogService.Blobs;
using Gatehouse.LogService.Streams;
using Microsoft.Extensions.Logging;

namespace Gatehouse.LogService.Downloads;

/// <summary>Puts all logs below a prefix into one zip, one at a time and by turns of their accounts, in the background (sheet §6). What is known of them is the account's own.</summary>
internal sealed partial class ZipDownloads(IBlobStore blobs, TimeProvider time, ILogger<ZipDownloads> logger)
{
    public const string FileName = "/logs.zip";

    /// <summary>More logs than this are refused (sheet §6).</summary>
    public const int MaxLogs = 1_500;

    /// <summary>Bytes of the logs of one zip; more are refused: others wait for it.</summary>
    public const long MaxBytes = 2L * 1024 * 1024 * 1024;

    /// <summary>How long an answer is remembered, and its link good (sheet §6).</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(168);

    private const int MaxWaiting = 1_000;

    /// <summary>Of one account: waiting at once, and remembered.</summary>
    private const int MaxWaitingOfAccount = 8, MaxOfAccount = 200;

    private readonly ConcurrentDictionary<StreamId, ZipDownload> _known = new();
    private readonly ConcurrentDictionary<string, long> _lastServed = new(StringComparer.Ordinal);
    private readonly Channel<ZipDownload> _queue = Channel.CreateBounded<ZipDownload>(MaxWaiting);
    private long _served;

    /// <summary>The download of that prefix as it stands, if it was asked for before. One that failed is forgotten by being told.</summary>
    public ZipDownload? Find(StreamId prefix)
    {
        if (!_known.TryGetValue(prefix, out var known))
            return null;
        if (known.Status == ZipStatus.error || known.AskedAt + Lifetime <= time.GetUtcNow())
            _known.TryRemove(new(prefix, known));
        return known.AskedAt + Lifetime <= time.GetUtcNow() ? null : known;
    }

    /// <summary>It is no more what it was: the next who asks starts anew.</summary>
    public void Forget(ZipDownload known) => _known.TryRemove(new(known.Prefix, known));

    /// <summary>Queues the download; null when too many wait.</summary>
    public ZipDownload? Start(StreamId prefix, IReadOnlyList<BlobFacts> logs)
    {
        var own = _known.Where(known => known.Key.Account == prefix.Account).Select(known => known.Value).ToList();
        if (own.Count(IsWaiting) >= MaxWaitingOfAccount)
            return null;
        foreach (var old in own.Where(known => !IsWaiting(known)).OrderBy(known => known.AskedAt).Take(own.Count - MaxOfAccount + 1))
            _known.TryRemove(new(old.Prefix, old));
        var download = new ZipDownload(prefix, new StreamId(prefix.Account, prefix.Key.TrimEnd('/') + FileName), logs, time.GetUtcNow());
        if (!_known.TryAdd(prefix, download))
            return _known.GetValueOrDefault(prefix, download);
        if (_queue.Writer.TryWrite(download))
            return download;
        _known.TryRemove(new(prefix, download));
        return null;
    }

    /// <summary>Forgets the account's downloads; none of them is being made any more when it returns.</summary>
    public async Task ForgetAsync(string account, CancellationToken cancellationToken)
    {
        foreach (var known in _known.Where(known => known.Key.Account == account))
        {
            _known.TryRemove(known);
            if (known.Value.Forget())
                await known.Value.Ended.WaitAsync(cancellationToken);
        }
    }

    private static bool IsWaiting(ZipDownload download) => download.Status is ZipStatus.queued or ZipStatus.in_progress;

    /// <summary>Works until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (var queued in _queue.Reader.ReadAllAsync(cancellationToken))
        {
            // One was queued; whose turn it is, is told by who was served longest ago.
            var download = _known.Values.Where(known => known.Status == ZipStatus.queued)
                .OrderBy(known => _lastServed.GetValueOrDefault(known.Prefix.Account)).ThenBy(known => known.AskedAt).FirstOrDefault(queued);
            _lastServed[download.Prefix.Account] = ++_served;
            download.Status = ZipStatus.in_progress;
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            try
            {
                download.BeginWith(stop);
                await blobs.WriteAsync(download.Zip, (file, cancel) => LogZip.WriteAsync(file, blobs, download.Prefix.Account, download.Logs, cancel), stop.Token);
                download.Status = ZipStatus.success;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                download.Status = ZipStatus.error; // Its account ended; nobody asks.
            }
            catch (OutOfSpaceException e)
            {
                (download.Message, download.Status) = (e.Message, ZipStatus.error);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Log.Failed(logger, download.Prefix.Account, e);
                (download.Message, download.Status) = ("The logs could not be put together; ask again to have it tried again.", ZipStatus.error);
            }
            finally
            {
                download.End();
            }
            download.Logs = []; // Fifteen hundred keys, which nobody needs any more.
            foreach (var (prefix, old) in _known.Where(one => one.Value.AskedAt + Lifetime <= time.GetUtcNow()))
                _known.TryRemove(new(prefix, old));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4040, LogLevel.Error, "A download of logs of account {Account} could not be put together", EventName = "ZipFailed")]
        public static partial void Failed(ILogger logger, string account, Exception e);
    }
}

#pragma warning disable IDE1006 // Names of the wire.
/// <summary>Words of the wire.</summary>
internal enum ZipStatus
{
    queued,
    in_progress,
    success,
    error,
}
#pragma warning restore IDE1006

/// <summary>One download.</summary>
internal sealed class ZipDownload(StreamId prefix, StreamId zip, IReadOnlyList<BlobFacts> logs, DateTimeOffset askedAt)
{
    private readonly Lock _lock = new();
    private CancellationTokenSource? _making;
    private bool _isForgotten;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile ZipStatus _status;

    public StreamId Prefix => prefix;

    public StreamId Zip => zip;

    /// <summary>What goes in; empty once it is done.</summary>
    public IReadOnlyList<BlobFacts> Logs { get; set; } = logs;

    public DateTimeOffset AskedAt => askedAt;

    public ZipStatus Status
    {
        get => _status;
        set => _status = value;
    }

    /// <summary>Over when nothing is written for it any more.</summary>
    public Task Ended => _ended.Task;

    /// <summary>It is being made from now on, until that is cancelled or it ends.</summary>
    public void BeginWith(CancellationTokenSource making)
    {
        lock (_lock)
        {
            _making = making;
            if (_isForgotten)
                making.Cancel();
        }
        making.Token.ThrowIfCancellationRequested();
    }

    public void End()
    {
        lock (_lock)
            _making = null;
        _ended.TrySetResult();
    }

    /// <summary>Nobody wants it any more. False: it is not being made.</summary>
    public bool Forget()
    {
        lock (_lock)
        {
            _isForgotten = true;
            _making?.Cancel();
            return _making is not null;
        }
    }

    /// <summary>Why it failed.</summary>
    public string? Message { get; set; }
}
