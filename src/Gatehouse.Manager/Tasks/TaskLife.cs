using System.Collections.Immutable;
using System.Text.Json;
using Gatehouse.Manager.Accounts;
using Gatehouse.Manager.Storage;
using Gatehouse.Manager.TaskOutput;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Manager.Tasks;

/// <summary>Ends tasks that do not end by themselves, keeps the board in step with the table, and brings it back after a restart.</summary>
internal sealed partial class TaskLife(
    ManagerDatabase database, TaskBoard board, OutputStore outputs, TaskDispatcher dispatcher, ManagerOptions options,
    ManagerMetrics metrics, TimeProvider time, ILogger<TaskLife> logger) : IAccountPart
{
    public int Order => 5;

    /// <summary>A started task fails, or is aborted, because of what happened to its delegate. Nothing happens when it ended meanwhile.</summary>
    public Task EndStartedAsync(RunningTask task, TaskState end, string reason, CancellationToken cancellationToken) =>
        EndAsync(task.Id, task.AccountId, end, reason,
            (db, ct) => TaskStore.FinishStartedAsync(db, task.Id, task.DelegateId, end, null, reason, time.GetUtcNow(), ct), cancellationToken);

    public Task EndQueuedAsync(QueuedTask task, TaskState end, string reason, CancellationToken cancellationToken) =>
        EndAsync(task.Id, task.AccountId, end, reason,
            (db, ct) => TaskStore.FinishQueuedAsync(db, task.Id, end, reason, time.GetUtcNow(), ct), cancellationToken);

    /// <summary>After a commit that ended a task: off the board, its followers told.</summary>
    public void Ended(string accountId, string taskId, TaskState end)
    {
        board.Drop(accountId, taskId);
        outputs.Complete(taskId);
        metrics.TaskBecame(NameOf(end));
    }

    public static string NameOf(TaskState state) => state.ToString().ToLowerInvariant();

    /// <summary>A started task as the board keeps it.</summary>
    public RunningTask RunningOf(TaskRow row) => new(
        row.Id, row.AccountId, row.DelegateId!, row.DelegateName ?? row.DelegateId!, row.StartedAt!.Value,
        row.StartedAt.Value + TimeSpan.FromMilliseconds(row.Timeout) + options.TaskGrace, row.AbortRequestedAt + options.AbortGrace);

    public static QueuedTask QueuedOf(TaskRow row) => new(
        row.Id, row.AccountId, row.Type, TaskRequests.Normalize(ListOf(row.Selectors)), row.CreatedAt, TimeSpan.FromMilliseconds(row.Timeout),
        [.. ListOf(row.TriedBy)]);

    public static string[] ListOf(string json) => JsonSerializer.Deserialize(json, ManagerJson.Default.StringArray) ?? [];

    public void Load(StoredRows stored)
    {
        const string Sql = """
            SELECT "Id", "AccountId", "Type", "State", "Selectors", "ProtectedData", "DelegateId", "DelegateName", "TriedBy", "Timeout", "CreatedAt", "StartedAt", "AbortRequestedAt"
            FROM "tasks" WHERE "State" IN ('QUEUED', 'STARTED')
            """;
        foreach (var row in stored.Read(Sql, RowOf))
        {
            if (row.State == TaskState.QUEUED)
            {
                board.Enqueue(QueuedOf(row));
                continue;
            }
            var running = RunningOf(row);
            board.Start(running);
            if (row.AbortRequestedAt is not null)
                dispatcher.Abort(running); // It may never have heard of it.
        }
    }

    // Without what only the end of a task writes.
    private static TaskRow RowOf(StoredRow row) => new()
    {
        Id = row.Text(0),
        AccountId = row.Text(1),
        Type = row.Text(2),
        State = row.Name<TaskState>(3),
        Selectors = row.Text(4),
        ProtectedData = row.Bytes(5),
        DelegateId = row.TextOrNull(6),
        DelegateName = row.TextOrNull(7),
        TriedBy = row.Text(8),
        Timeout = row.Number(9),
        CreatedAt = row.Time(10),
        StartedAt = row.TimeOrNull(11),
        AbortRequestedAt = row.TimeOrNull(12),
    };

    public async Task RemoveRowsAsync(ManagerDbContext db, string accountId, CancellationToken cancellationToken)
    {
        _ending = [.. await db.Tasks.Where(row => row.AccountId == accountId).Select(row => row.Id).ToListAsync(cancellationToken)];
        await db.Tasks.Where(row => row.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
    }

    public void Forget(string accountId)
    {
        foreach (var id in _ending)
        {
            board.Drop(accountId, id);
            outputs.Complete(id);
            outputs.Delete(id);
        }
        _ending = [];
    }

    /// <summary>Tasks of the account that is being deleted, between the transaction and its commit (one writer at a time).</summary>
    private ImmutableArray<string> _ending = [];

    private async Task EndAsync(
        string taskId, string accountId, TaskState end, string reason, Func<ManagerDbContext, CancellationToken, Task<bool>> update, CancellationToken cancellationToken)
    {
        await database.WriteAsync<TaskEnding>(async (db, ct) => new TaskEnding(await update(db, ct)), ending =>
        {
            if (!ending.Happened)
                return;
            Ended(accountId, taskId, end);
            Log.Ended(logger, taskId, accountId, end, reason);
        }, cancellationToken);
    }

    private sealed record TaskEnding(bool Happened);

    private static partial class Log
    {
        [LoggerMessage(3050, LogLevel.Information, "Task {Task} of account {Account} became {State}: {Reason}", EventName = "TaskEnded")]
        public static partial void Ended(ILogger logger, string task, string account, TaskState state, string reason);
    }
}
