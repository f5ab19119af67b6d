using System.Text.Json;
using Gatehouse.Manager.Storage;
using Microsoft.EntityFrameworkCore;

namespace Gatehouse.Manager.Tasks;

/// <summary>
/// The statements that move a task. Each is one conditional update: it says which state the task must be in, and answers whether it was.
/// <code>
///   QUEUED ──acquire──▶ STARTED ──response──▶ SUCCEEDED | FAILED | ABORTED
///      ▲                   │ └── time limit, delegate lost or restarted ──▶ FAILED
///      └──another may try──┘
///      └── time limit ──▶ FAILED      └── abort ──▶ ABORTED
/// </code>
/// </summary>
internal static class TaskStore
{
    /// <summary>QUEUED → STARTED for one delegate. False: somebody was quicker, or it is over.</summary>
    public static async Task<bool> StartAsync(
        ManagerDbContext db, string accountId, string taskId, string delegateId, string delegateName, string instanceId, DateTimeOffset now, CancellationToken cancellationToken) =>
        await db.Tasks.Where(row => row.Id == taskId && row.AccountId == accountId && row.State == TaskState.QUEUED)
            .ExecuteUpdateAsync(set => set
                .SetProperty(row => row.State, TaskState.STARTED)
                .SetProperty(row => row.DelegateId, delegateId)
                .SetProperty(row => row.DelegateName, delegateName)
                .SetProperty(row => row.InstanceId, instanceId)
                .SetProperty(row => row.StartedAt, now), cancellationToken) == 1;

    /// <summary>STARTED on that delegate → an end.</summary>
    public static async Task<bool> FinishStartedAsync(
        ManagerDbContext db, string taskId, string delegateId, TaskState end, byte[]? result, string? error, DateTimeOffset now, CancellationToken cancellationToken) =>
        await db.Tasks.Where(row => row.Id == taskId && row.State == TaskState.STARTED && row.DelegateId == delegateId)
            .ExecuteUpdateAsync(set => set
                .SetProperty(row => row.State, end)
                .SetProperty(row => row.ProtectedSecrets, (byte[]?)null)
                .SetProperty(row => row.ProtectedResult, result)
                .SetProperty(row => row.Error, error)
                .SetProperty(row => row.FinishedAt, now), cancellationToken) == 1;

    /// <summary>QUEUED → an end.</summary>
    public static async Task<bool> FinishQueuedAsync(
        ManagerDbContext db, string taskId, TaskState end, string? error, DateTimeOffset now, CancellationToken cancellationToken) =>
        await db.Tasks.Where(row => row.Id == taskId && row.State == TaskState.QUEUED)
            .ExecuteUpdateAsync(set => set
                .SetProperty(row => row.State, end)
                .SetProperty(row => row.ProtectedSecrets, (byte[]?)null)
                .SetProperty(row => row.Error, error)
                .SetProperty(row => row.FinishedAt, now), cancellationToken) == 1;

    /// <summary>STARTED on that delegate → QUEUED, remembering who handed it back.</summary>
    public static async Task<bool> RequeueAsync(
        ManagerDbContext db, string taskId, string delegateId, IEnumerable<string> triedBy, CancellationToken cancellationToken)
    {
        var tried = JsonSerializer.Serialize([.. triedBy], ManagerJson.Default.StringArray);
        return await db.Tasks.Where(row => row.Id == taskId && row.State == TaskState.STARTED && row.DelegateId == delegateId)
            .ExecuteUpdateAsync(set => set
                .SetProperty(row => row.State, TaskState.QUEUED)
                .SetProperty(row => row.DelegateId, (string?)null)
                .SetProperty(row => row.DelegateName, (string?)null)
                .SetProperty(row => row.InstanceId, (string?)null)
                .SetProperty(row => row.StartedAt, (DateTimeOffset?)null)
                .SetProperty(row => row.TriedBy, tried), cancellationToken) == 1;
    }

    public static async Task<bool> RequestAbortAsync(ManagerDbContext db, string taskId, DateTimeOffset now, CancellationToken cancellationToken) =>
        await db.Tasks.Where(row => row.Id == taskId && row.State == TaskState.STARTED && row.AbortRequestedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.AbortRequestedAt, now), cancellationToken) == 1;

    public static Task<TaskRow?> FindAsync(ManagerDbContext db, string accountId, string taskId, CancellationToken cancellationToken) =>
        db.Tasks.AsNoTracking().FirstOrDefaultAsync(row => row.Id == taskId && row.AccountId == accountId, cancellationToken);
}
