using System.Buffers;
using Gatehouse.Client;
using Gatehouse.Contracts;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Delegate;

/// <summary>
/// Sends a task's output as it appears. The manager's receipt says where to go on, so a chunk may be sent twice and counts once, and a manager
/// that restarted gets what it lost again.
/// </summary>
internal sealed partial class OutputSender(DelegateClient client, string delegateId, string taskId, OutputSpool spool, RetryPace pace, TimeProvider time, ILogger log)
{
    /// <summary>Short enough to look live, long enough not to make a request of every line.</summary>
    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(80);

    /// <summary>A manager that answers, but takes nothing, is given this long after the task's end; its response matters more.</summary>
    private static readonly TimeSpan s_noProgress = TimeSpan.FromSeconds(30);

    /// <summary>Runs until all has been delivered, or the manager does not want it.</summary>
    internal async Task RunAsync(CancellationToken cancel)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Limits.MaxTaskOutputChunkBytes);
        try
        {
            await SendAllAsync(buffer.AsMemory(0, Limits.MaxTaskOutputChunkBytes), cancel);
        }
        catch (RequestRefusedException refused) when (refused.IsFinal)
        {
            Log.NotWanted(log, taskId, refused.Message);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task SendAllAsync(Memory<byte> buffer, CancellationToken cancel)
    {
        long offset = 0;
        long? stuckSince = null;
        while (true)
        {
            await spool.WaitBeyondAsync(offset, cancel);
            var length = spool.Read(offset, buffer.Span);
            if (length == 0 && spool.IsComplete && offset >= spool.Length)
                return;
            try
            {
                var receipt = await client.SendOutputAsync(delegateId, taskId, offset, buffer[..length], cancel);
                if (receipt.Truncated)
                    return;
                if (receipt.NextOffset > offset)
                    stuckSince = null;
                var hasMoved = receipt.NextOffset > offset;
                offset = Math.Clamp(receipt.NextOffset, 0, spool.Length);
                pace.Reset();
                if (hasMoved && !spool.IsComplete)
                    await Task.Delay(s_gather, time, cancel);
                else if (!hasMoved)
                    await Task.Delay(pace.Next(new IOException()), time, cancel);
            }
            catch (ConnectionFailedException away)
            {
                // Nobody can be told the result either: wait, and lose nothing.
                stuckSince = null;
                await Task.Delay(pace.Next(away), time, cancel);
                continue;
            }
            catch (RequestRefusedException refused) when (!refused.IsFinal)
            {
                await Task.Delay(pace.Next(refused), time, cancel);
            }

            if (!spool.IsComplete || offset >= spool.Length)
                continue;
            stuckSince ??= time.GetTimestamp();
            if (time.GetElapsedTime(stuckSince.Value) > s_noProgress)
            {
                Log.GivenUp(log, taskId, offset, spool.Length);
                return;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(8200, LogLevel.Warning, "Task {TaskId}: its output is not wanted: {Reason}")]
        public static partial void NotWanted(ILogger log, string taskId, string reason);

        [LoggerMessage(8201, LogLevel.Warning, "Task {TaskId}: the manager took {Sent} of {Length} bytes of output and no more; the rest is given up.")]
        public static partial void GivenUp(ILogger log, string taskId, long sent, long length);
    }
}
