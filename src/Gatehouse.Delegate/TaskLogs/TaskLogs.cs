using Gatehouse.Client;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Delegate;

/// <summary>
/// The logs of all tasks. No task waits for the log service: what is not delivered when a task has ended is delivered behind its back, within bounds of time
/// and disk, from its spooled output.
/// </summary>
internal sealed partial class TaskLogs(LogServiceClient service, DelegateClient manager, LogServiceNotice notice, TimeProvider time, ILogger log)
{
    /// <summary>A service that keeps up gets so long for the last lines and the blob, so that they are there when the task is over.</summary>
    private static readonly TimeSpan s_lastLines = TimeSpan.FromSeconds(1);

    /// <summary>How long the rest is tried to be delivered after the task.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(30);

    /// <summary>A stream outlives the time limit of its task by this.</summary>
    private static readonly TimeSpan s_margin = TimeSpan.FromHours(1);

    /// <summary>Bytes of spooled output of tasks that are over, and open files; beyond, the oldest is given up.</summary>
    private const long MaxRestBytes = 256 * 1024 * 1024;
    private const int MaxRests = 256;

    private readonly Lock _lock = new();
    private readonly LinkedList<Rest> _rests = new();

    /// <summary>Begins to stream what comes into <paramref name="spool"/>, which is owned from here on. <see cref="EndAsync"/> must follow.</summary>
    internal Running Begin(string delegateId, DelegateTaskPackage package, TimeSpan limit, OutputSpool spool)
    {
        var end = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        if (package.Logging is not { } logging)
            return new Running(package.Id, spool, end, null, Task.CompletedTask);
        var key = TaskLogKey.Of(logging.Abstractions) ?? TaskLogKey.Of(service.AccountId, package.Id);
        var stream = new TaskLog(service, new LogToken(manager, delegateId, logging.Token ?? ""), key, limit + s_margin, spool, notice, new RetryPace(Random.Shared), time);
        return new Running(package.Id, spool, end, stream, RunAsync(package.Id, stream, spool, end.Token));
    }

    /// <summary>The task is over and its spool complete. Returns soon, whatever the service does.</summary>
    internal async Task EndAsync(Running running)
    {
        if (running.Log is { IsHeldUp: false })
            await Task.WhenAny(running.Work, Task.Delay(s_lastLines, time));
        if (running.Work.IsCompleted)
        {
            running.Dispose();
            return;
        }

        running.End.CancelAfter(s_patience);
        _ = FinishAsync(running);
    }

    /// <summary>Gives what is left so long, and then up.</summary>
    internal async Task StopAsync(TimeSpan limit)
    {
        Rest[] rests;
        lock (_lock)
            rests = [.. _rests];
        await Task.WhenAny(Task.WhenAll(rests.Select(rest => rest.Work)), Task.Delay(limit, time));
        lock (_lock)
        {
            foreach (var rest in _rests)
                GiveUp(rest);
        }

        await Task.WhenAll(rests.Select(rest => rest.Work));
    }

    private async Task FinishAsync(Running running)
    {
        LinkedListNode<Rest> node;
        lock (_lock)
        {
            node = _rests.AddLast(new Rest(running.End, running.Work, running.Spool.Length));
            var kept = _rests.Where(rest => !rest.End.IsCancellationRequested).ToList();
            var bytes = kept.Sum(rest => rest.Bytes);
            for (var i = 0; i < kept.Count - 1 && (bytes > MaxRestBytes || kept.Count - i > MaxRests); i++)
            {
                bytes -= kept[i].Bytes;
                GiveUp(kept[i]);
            }
        }

        await running.Work;
        lock (_lock)
            _rests.Remove(node);
        running.Dispose();
    }

    /// <summary>Under the lock: what is in the list is not disposed yet. Cancelling runs callbacks, which must not run here.</summary>
    private static void GiveUp(Rest rest) => _ = rest.End.CancelAsync();

    private async Task RunAsync(string taskId, TaskLog stream, OutputSpool spool, CancellationToken end)
    {
        try
        {
            await stream.RunAsync(end);
        }
        catch (RequestRefusedException refused)
        {
            notice.Report(refused);
        }
        catch (OperationCanceledException)
        {
            Log.GivenUp(log, taskId, stream.Sent, spool.Length);
        }
        catch (ObjectDisposedException)
        {
            // The delegate ends, and does not wait any longer.
        }
        catch (IOException failure)
        {
            Log.SpoolFailed(log, taskId, failure.Message);
        }
        catch (Exception failure)
        {
            // Nobody waits for it, so nobody else would tell.
            Log.Broke(log, failure, taskId);
        }
    }

    /// <summary>A task's log while it is written.</summary>
    internal sealed record Running(string TaskId, OutputSpool Spool, CancellationTokenSource End, TaskLog? Log, Task Work) : IDisposable
    {
        public void Dispose()
        {
            Spool.Dispose();
            End.Dispose();
        }
    }

    /// <summary>What is left of a task that is over.</summary>
    private sealed record Rest(CancellationTokenSource End, Task Work, long Bytes);

    private static partial class Log
    {
        [LoggerMessage(8255, LogLevel.Warning, "Task {TaskId}: the log service has {Sent} of {Length} bytes of its output; the rest is given up.")]
        public static partial void GivenUp(ILogger log, string taskId, long sent, long length);

        [LoggerMessage(8256, LogLevel.Error, "Task {TaskId}: its output cannot be read again for the log service: {Reason}")]
        public static partial void SpoolFailed(ILogger log, string taskId, string reason);

        [LoggerMessage(8257, LogLevel.Error, "Task {TaskId}: its log broke the delegate's own code.")]
        public static partial void Broke(ILogger log, Exception failure, string taskId);
    }
}
