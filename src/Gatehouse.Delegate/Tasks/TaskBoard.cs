using Gatehouse.Contracts.Protocol;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Delegate;

/// <summary>
/// Decides which of the offered tasks are taken, and knows those in work. Offers come from stream and poll at once and many times over;
/// a task is taken once. Beyond the capacity offers are left: they come again (protocol sheet §6.6).
/// </summary>
internal sealed partial class TaskBoard(int capacity, Func<string, string, CancellationToken, Task<bool>> run, Action slotFreed, DelegateMetrics metrics, ILogger log)
{
    private const int MaxIdLength = 128;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, CancellationTokenSource> _active = new(StringComparer.Ordinal);
    private readonly FinishedTasks _finished = new();
    private TaskCompletionSource _idle = NewIdle(isIdle: true);
    private bool _isStopping;
    private bool _hasLeft;

    /// <summary>Ids of the tasks in work.</summary>
    internal IReadOnlyList<string> Running
    {
        get
        {
            lock (_lock)
                return [.. _active.Keys];
        }
    }

    /// <summary>Completes when no task is in work.</summary>
    internal Task WhenIdle
    {
        get
        {
            lock (_lock)
                return _idle.Task;
        }
    }

    /// <summary>Takes, leaves or aborts; returns at once.</summary>
    internal void Offer(string delegateId, DelegateTaskEvent offer)
    {
        if (!IsLegal(offer.DelegateTaskId))
            return;
        if (offer.EventType == DelegateTaskEvent.Abort)
            Abort(offer.DelegateTaskId);
        else if (offer.EventType == DelegateTaskEvent.Task && Reserve(offer.DelegateTaskId) is { } abort)
            _ = RunAsync(delegateId, offer.DelegateTaskId, abort);
    }

    /// <summary>From here on every offer is left.</summary>
    internal void StopTaking()
    {
        lock (_lock)
            _isStopping = true;
    }

    /// <summary>Ends all tasks in work.</summary>
    internal void AbortAll()
    {
        foreach (var id in Running)
            Abort(id);
    }

    private void Abort(string taskId)
    {
        lock (_lock)
        {
            if (!_active.TryGetValue(taskId, out var abort) || abort.IsCancellationRequested)
                return;

            // Cancelling runs callbacks; they must not run under the lock.
            _ = abort.CancelAsync();
        }

        Log.Aborting(log, taskId);
    }

    private CancellationTokenSource? Reserve(string taskId)
    {
        lock (_lock)
        {
            if (_active.ContainsKey(taskId) || _finished.Contains(taskId) || _isStopping)
                return null;
            if (_active.Count >= capacity)
            {
                _hasLeft = true;
                metrics.Rejected();
                return null;
            }

            if (_active.Count == 0)
                _idle = NewIdle(isIdle: false);
            var abort = new CancellationTokenSource();
            _active[taskId] = abort;
            return abort;
        }
    }

    private async Task RunAsync(string delegateId, string taskId, CancellationTokenSource abort)
    {
        var wasOurs = true;
        try
        {
            // The caller reads the stream: it must not wait for a request.
            await Task.Yield();
            wasOurs = await run(delegateId, taskId, abort.Token);
        }
        catch (Exception failure)
        {
            Log.Broke(log, failure, taskId);
        }

        bool wantsPoll;
        lock (_lock)
        {
            _active.Remove(taskId);

            // A task that another delegate had taken may come to us later (RETRY_ON_OTHER_DELEGATE).
            if (wasOurs)
                _finished.Add(taskId);
            if (_active.Count == 0)
                _idle.TrySetResult();
            wantsPoll = _hasLeft;
            _hasLeft = false;
        }

        abort.Dispose();
        if (wantsPoll)
            slotFreed();
    }

    /// <summary>Ids become file names and environment values.</summary>
    private static bool IsLegal(string? taskId) =>
        taskId is { Length: > 0 and <= MaxIdLength } && taskId.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private static TaskCompletionSource NewIdle(bool isIdle)
    {
        var idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (isIdle)
            idle.SetResult();
        return idle;
    }

    private static partial class Log
    {
        [LoggerMessage(8230, LogLevel.Information, "Task {TaskId} is to be stopped.")]
        public static partial void Aborting(ILogger log, string taskId);

        [LoggerMessage(8231, LogLevel.Error, "Task {TaskId} broke the delegate's own code.")]
        public static partial void Broke(ILogger log, Exception failure, string taskId);
    }
}
