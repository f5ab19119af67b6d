using System.Threading.Channels;
using Gatehouse.LogService.Streams;
using Microsoft.Extensions.Logging;

namespace Gatehouse.LogService.Blobs;

/// <summary>Deletes blobs by prefix in the background.</summary>
internal sealed partial class BlobRemover(IBlobStore blobs, ILogger<BlobRemover> logger)
{
    private const int AtOnce = 1_000;
    private readonly Channel<StreamId> _queue = Channel.CreateBounded<StreamId>(1_000);

    /// <summary>False when too many wait.</summary>
    public bool Start(StreamId prefix) => _queue.Writer.TryWrite(prefix);

    /// <summary>Works until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (var prefix in _queue.Reader.ReadAllAsync(cancellationToken))
        {
            try
            {
                while (await blobs.ListAsync(prefix.Account, prefix.Key, AtOnce, cancellationToken) is { Count: > 0 } found)
                {
                    foreach (var blob in found)
                        await blobs.DeleteAsync(new StreamId(prefix.Account, blob.Key), cancellationToken);
                }
            }
            catch (IOException e)
            {
                Log.Failed(logger, prefix.Account, e);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4031, LogLevel.Error, "Logs of account {Account} could not all be deleted; ask for it again when the store is well", EventName = "BlobRemovalFailed")]
        public static partial void Failed(ILogger logger, string account, Exception e);
    }
}
