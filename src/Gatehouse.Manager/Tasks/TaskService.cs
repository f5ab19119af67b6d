using Gatehouse.Contracts.Protocol;
using Gatehouse.Manager.Delegates;
using Gatehouse.Manager.Protocol;
using Gatehouse.Manager.Storage;
using Microsoft.AspNetCore.Http;

namespace Gatehouse.Manager.Tasks;

/// <summary>Tasks as delegates handle them: acquire and response. What is answered is committed before.</summary>
internal sealed class TaskService(
    ManagerDatabase database, TaskBoard board, TaskLife life, TaskDispatcher dispatcher, DelegateDirectory delegates,
    TaskPackages packages, Secrets secrets, ManagerMetrics metrics, TimeProvider time)
{
    public const string ResultSecret = "task-result";

    /// <summary>
    /// Gives the task to exactly one delegate. The same instance asking again gets the same package, for answers that were lost on the way; anyone
    /// else gets a 4xx, which public clients take as "not mine, carry on" (protocol sheet §6.3).
    /// </summary>
    public async Task<Outcome<DelegateTaskPackage>> AcquireAsync(AgentCaller caller, string delegateId, string taskId, string? instance, CancellationToken cancellationToken)
    {
        var instanceId = string.IsNullOrEmpty(instance) ? delegateId : instance;
        if (instanceId.Length > 128)
            return Fault.Of(ProtocolErrorCode.InvalidRequest, "delegateInstanceId is longer than 128 characters.");
        if (delegates.Find(caller.AccountId, delegateId) is not { } worker)
            return NotRegistered(delegateId);
        var queued = board.FindQueued(caller.AccountId, taskId);
        if (queued is not null && !TaskEligibility.Fits(queued, worker))
            return Fault.Of(ProtocolErrorCode.ResourceNotFound, $"Task '{taskId}' is not for delegate '{worker.Facts.Name}': {TaskEligibility.Lacks(queued, worker)}.");

        var now = time.GetUtcNow();
        var outcome = await database.WriteAsync<TaskRow>(async (db, ct) =>
        {
            var started = queued is not null && await TaskStore.StartAsync(db, caller.AccountId, taskId, delegateId, worker.Facts.Name, instanceId, now, ct);
            if (await TaskStore.FindAsync(db, caller.AccountId, taskId, ct) is not { IsFinished: false } row)
                return Fault.Of(ProtocolErrorCode.ResourceNotFound, $"Task '{Bounded.Text(taskId, 64)}' is over or was never there.");
            if (!started && (row.State != TaskState.STARTED || row.DelegateId != delegateId || row.InstanceId != instanceId))
                return new Fault(StatusCodes.Status409Conflict, ProtocolErrorCode.ResourceNotFound, $"Task '{taskId}' is taken by another delegate.");
            return row;
        }, row =>
        {
            if (board.FindRunning(taskId) is null)
            {
                board.Start(life.RunningOf(row));
                metrics.TaskBecame(TaskLife.NameOf(TaskState.STARTED));
                metrics.TaskWaited(now - row.CreatedAt);
            }
        }, cancellationToken);
        return outcome.Succeeded(out var taken, out var fault) ? packages.Of(taken, caller) : fault;
    }

    /// <summary>Takes an answer of the delegate that has the task; null: taken, or it was answered before.</summary>
    public async Task<Fault?> RespondAsync(AgentCaller caller, string delegateId, string taskId, TaskAnswer answer, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        QueuedTask? again = null;
        var outcome = await database.WriteAsync<Step>(async (db, ct) =>
        {
            if (await TaskStore.FindAsync(db, caller.AccountId, taskId, ct) is not { } row)
                return Fault.Of(ProtocolErrorCode.ResourceNotFound, $"There is no task '{Bounded.Text(taskId, 64)}'.");
            if (row.State == TaskState.QUEUED && TaskLife.ListOf(row.TriedBy).Contains(delegateId, StringComparer.Ordinal))
                return Step.None; // It handed the task back before and did not hear our answer.
            if (row.DelegateId != delegateId)
                return Fault.Of(ProtocolErrorCode.AccessDenied, $"Task '{taskId}' is not with delegate '{Bounded.Text(delegateId, 64)}', so it is not that delegate's to answer.");
            if (row.IsFinished)
                return Step.None; // Sent again because our answer was lost, or too late: the first end stands.
            if (answer.Verdict == TaskVerdict.TryAnother && row.AbortRequestedAt is null && Another(row, delegateId) is { } next)
            {
                again = next;
                await TaskStore.RequeueAsync(db, taskId, delegateId, next.TriedBy, ct);
                return Step.None;
            }
            var end = row.AbortRequestedAt is not null ? TaskState.ABORTED : answer.Verdict == TaskVerdict.Succeeded ? TaskState.SUCCEEDED : TaskState.FAILED;
            var result = answer.Result is { } plain ? secrets.Seal(ResultSecret, row.AccountId, row.Id, plain) : null;
            await TaskStore.FinishStartedAsync(db, taskId, delegateId, end, result, end == TaskState.ABORTED ? "It was aborted." : answer.Error, now, ct);
            return new Step(end);
        }, step =>
        {
            if (again is not null)
                board.Enqueue(again);
            else if (step.End is { } end)
                life.Ended(caller.AccountId, taskId, end);
        }, cancellationToken);
        if (outcome.Fault is null && again is not null)
            dispatcher.Offer(again);
        return outcome.Fault;
    }

    public static Fault NotRegistered(string delegateId) =>
        Fault.Of(ProtocolErrorCode.DelegateNotRegistered, $"There is no delegate '{Bounded.Text(delegateId, 64)}' in this account; register first.");

    /// <summary>The task as it waits again; null when nobody else could take it now.</summary>
    private QueuedTask? Another(TaskRow row, string delegateId)
    {
        var task = TaskLife.QueuedOf(row);
        task = task with { TriedBy = task.TriedBy.Add(delegateId) };
        return delegates.Of(row.AccountId).Any(worker => delegates.IsPresent(worker) && TaskEligibility.Fits(task, worker)) ? task : null;
    }

    /// <summary>How an answer ended the task, if it did.</summary>
    private sealed record Step(TaskState? End)
    {
        public static readonly Step None = new((TaskState?)null);
    }
}
