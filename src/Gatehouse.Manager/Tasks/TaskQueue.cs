using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.Manager.Audit;
using Gatehouse.Manager.Delegates;
using Gatehouse.Manager.Protocol;
using Gatehouse.Manager.Storage;
using Microsoft.AspNetCore.Http;

namespace Gatehouse.Manager.Tasks;

/// <summary>Tasks as operators handle them: queue and abort.</summary>
internal sealed class TaskQueue(
    ManagerDatabase database, TaskBoard board, TaskLife life, TaskDispatcher dispatcher, DelegateDirectory delegates,
    Secrets secrets, ManagerOptions options, ManagerMetrics metrics, TimeProvider time)
{
    private const int MaxQueuedPerAccount = 10_000;
    private const int MaxExplained = 5;

    /// <summary>Stores the task and tells a delegate. Refused, and nothing stored, when no connected delegate could run it.</summary>
    public async Task<Outcome<TaskRow>> QueueAsync(string accountId, RunTaskRequest request, CancellationToken cancellationToken)
    {
        if (!TaskRequests.Check(request).Succeeded(out var wish, out var fault))
            return fault;
        if (board.QueuedCount(accountId) >= MaxQueuedPerAccount)
            return new Fault(StatusCodes.Status429TooManyRequests, "too_many_tasks", $"Account '{accountId}' has {MaxQueuedPerAccount} tasks waiting, which is the limit.");
        var now = time.GetUtcNow();
        var id = Ids.Ordered(now);
        var queued = new QueuedTask(id, accountId, wish.Type, wish.NormalizedSelectors, now, wish.Timeout, []);
        if (WhyNobody(queued) is { } nobody)
            return nobody;

        var row = new TaskRow
        {
            Id = id,
            AccountId = accountId,
            Type = wish.Type,
            State = TaskState.QUEUED,
            Selectors = JsonSerializer.Serialize(wish.Selectors, ManagerJson.Default.StringArray),
            ProtectedData = secrets.Seal(TaskPackages.DataSecret, accountId, id, wish.Data),
            ProtectedSecrets = wish.Secrets is { } values ? secrets.Seal(TaskPackages.SecretsSecret, accountId, id, values) : null,
            RunnerResponse = wish.RunnerResponse,
            Timeout = (long)wish.Timeout.TotalMilliseconds,
            CreatedAt = now,
        };
        var outcome = await database.WriteAsync<TaskRow>(async (db, ct) =>
        {
            if (await db.Accounts.FindAsync([accountId], ct) is null)
                return Accounts.AccountService.NotFound(accountId);
            db.Tasks.Add(row);
            // Type and selectors, never the script: it may hold secrets.
            await AuditChain.AppendAsync(db, now, "task.run", accountId, new() { ["task"] = id, ["type"] = wish.Type, ["selectors"] = string.Join(',', wish.Selectors) }, ct);
            return row;
        }, _ => board.Enqueue(queued), cancellationToken);
        if (outcome.Fault is null)
        {
            dispatcher.Offer(queued);
            metrics.TaskBecame(TaskLife.NameOf(TaskState.QUEUED));
        }
        return outcome;
    }

    /// <summary>A waiting task ends at once; a running one is told to, and ends when its delegate says so or the grace is over.</summary>
    public async Task<Outcome<TaskRow>> AbortAsync(string accountId, string taskId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        RunningTask? told = null;
        var outcome = await database.WriteAsync<TaskRow>(async (db, ct) =>
        {
            if (await TaskStore.FindAsync(db, accountId, taskId, ct) is not { } row)
                return NotFound(taskId);
            if (row.IsFinished || row.AbortRequestedAt is not null)
                return row;
            if (row.State == TaskState.QUEUED)
                await TaskStore.FinishQueuedAsync(db, taskId, TaskState.ABORTED, "It was aborted before a delegate took it.", now, ct);
            else
                await TaskStore.RequestAbortAsync(db, taskId, now, ct);
            await AuditChain.AppendAsync(db, now, "task.abort", accountId, new() { ["task"] = taskId }, ct);
            return (await TaskStore.FindAsync(db, accountId, taskId, ct))!;
        }, row =>
        {
            if (row.State == TaskState.ABORTED && board.FindQueued(accountId, taskId) is not null)
                life.Ended(accountId, taskId, row.State);
            else if (board.FindRunning(taskId) is { AbortDeadline: null } running)
                board.Start(told = running with { AbortDeadline = now + options.AbortGrace });
        }, cancellationToken);
        if (told is not null)
            dispatcher.Abort(told);
        return outcome;
    }

    public static Fault NotFound(string taskId) =>
        new(StatusCodes.Status404NotFound, "task_not_found", $"There is no task '{Bounded.Text(taskId, 64)}' in this account; finished ones are kept for {Limits.TaskRetention.TotalDays} days.");

    private Fault? WhyNobody(QueuedTask task)
    {
        var present = delegates.Of(task.AccountId).Where(delegates.IsPresent).ToList();
        if (present.Count == 0)
            return new Fault(StatusCodes.Status404NotFound, "no_connected_delegate",
                $"Account '{task.AccountId}' has no connected delegate. Start one, then look with 'gatehouse delegates --account {task.AccountId}'.");
        if (present.Exists(worker => TaskEligibility.Fits(task, worker)))
            return null;
        var lacks = string.Join("; ", present.Take(MaxExplained).Select(worker => TaskEligibility.Lacks(task, worker)));
        var more = present.Count > MaxExplained ? $"; and {present.Count - MaxExplained} more" : "";
        var wanted = task.Selectors.IsEmpty ? "" : $" with the selectors {string.Join(", ", task.Selectors)}";
        return new Fault(StatusCodes.Status404NotFound, "no_eligible_delegate", $"No connected delegate can run {task.Type}{wanted}: {lacks}{more}.");
    }
}
