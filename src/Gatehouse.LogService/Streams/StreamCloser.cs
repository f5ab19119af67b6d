using Gatehouse.LogService.Blobs;
using Microsoft.Extensions.Logging;

namespace Gatehouse.LogService.Streams;

/// <summary>Ends streams (sheet §4, §8). What is worth keeping is a durable blob before a stream goes. When one of several fails, none goes.</summary>
internal sealed partial class StreamCloser(ILiveStore streams, IBlobStore blobs, LineKeeper keeper, LogMetrics metrics, ILogger<StreamCloser> logger)
{
    private const int AtOnce = 32;

    /// <summary>Closes the streams. False when one of them is unknown and left no blob either: then nothing has happened.</summary>
    public async Task<bool> CloseAsync(string account, IReadOnlyCollection<string> keys, bool snapshot, CancellationToken cancellationToken)
    {
        var sealedStreams = new List<(StreamId Id, StreamLines Lines)>(keys.Count);
        var isDone = false;
        try
        {
            foreach (var id in keys.Distinct(StringComparer.Ordinal).Select(key => new StreamId(account, key)))
            {
                if (await streams.LinesAsync(id, seal: true, cancellationToken) is { } lines)
                    sealedStreams.Add((id, lines));
                // Closed before, and the client did not hear our answer.
                else if (await blobs.SizeAsync(id, cancellationToken) is null)
                    return false;
            }
            await Parallel.ForEachAsync(sealedStreams, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
                async (stream, cancel) => await keeper.KeepAsync(stream.Id, stream.Lines, snapshot, cancel));
            isDone = true;
        }
        finally
        {
            foreach (var (id, _) in isDone ? [] : sealedStreams)
                await streams.UnsealAsync(id);
        }
        foreach (var (id, _) in sealedStreams)
            await streams.RemoveAsync(id);
        metrics.StreamsBecame("closed", sealedStreams.Count);
        return true;
    }

    /// <summary>Closes the streams whose lifetime is over.</summary>
    public async Task CloseExpiredAsync(CancellationToken cancellationToken)
    {
        foreach (var id in await streams.ExpiredAsync(cancellationToken))
        {
            try
            {
                await CloseAsync(id.Account, [id.Key], snapshot: false, cancellationToken);
                metrics.StreamsBecame("expired");
                Log.Expired(logger, id.Account);
            }
            catch (OutOfSpaceException e) when (e.IsAccounts)
            {
                // Its account's own room is used up, which it was told: waiting would not make any.
                await streams.LinesAsync(id, seal: true, cancellationToken);
                await streams.RemoveAsync(id);
                metrics.StreamsBecame("expired");
            }
            catch (IOException e)
            {
                Log.NotKept(logger, id.Account, e);
                if (e is StoreUnavailableException or OutOfSpaceException)
                    return; // Nor will the others be kept now.
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4020, LogLevel.Debug, "A log stream of account {Account} was left open beyond its lifetime; it was closed and kept as a blob", EventName = "StreamExpired")]
        public static partial void Expired(ILogger logger, string account);

        [LoggerMessage(4021, LogLevel.Error, "A log stream of account {Account} is beyond its lifetime and cannot be kept as a blob; it stays open. Mend the blob store", EventName = "StreamNotKept")]
        public static partial void NotKept(ILogger logger, string account, Exception e);
    }
}
