using System.Globalization;
using Gatehouse.Manager.Delegates;
using Gatehouse.Manager.Storage;

namespace Gatehouse.Manager.Tasks;

/// <summary>Looks for tasks whose time is up and for delegates that are lost (protocol sheet §6.5). All of it in memory until something is found.</summary>
internal sealed class TaskWatch(TaskBoard board, TaskLife life, DelegateDirectory delegates, ManagerOptions options, TimeProvider time)
{
    /// <summary>Since when silence counts: a server that was down must not blame the delegates for it.</summary>
    public DateTimeOffset ListeningSince { get; private set; } = time.GetUtcNow();

    public void ListeningNow() => ListeningSince = time.GetUtcNow();

    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        foreach (var task in board.Queued)
        {
            if (task.ExpiresAt <= now)
                await life.EndQueuedAsync(task, TaskState.FAILED, $"No delegate took it within its time limit of {Text(task.Timeout)}.", cancellationToken);
        }
        foreach (var task in board.Running)
        {
            if (task.AbortDeadline <= now)
                await life.EndStartedAsync(task, TaskState.ABORTED, $"It was aborted; delegate '{task.DelegateName}' did not confirm in time.", cancellationToken);
            else if (task.Deadline <= now)
                await life.EndStartedAsync(task, TaskState.FAILED, $"Delegate '{task.DelegateName}' did not answer within the task's time limit.", cancellationToken);
            else if (LostSince(task, now) is { } heard)
                await life.EndStartedAsync(task, TaskState.FAILED,
                    $"Delegate '{task.DelegateName}' was lost; it was last heard of at {heard.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)}.", cancellationToken);
        }
    }

    private DateTimeOffset? LostSince(RunningTask task, DateTimeOffset now)
    {
        var heard = delegates.Find(task.AccountId, task.DelegateId)?.LastHeartbeat ?? task.StartedAt;
        var silentSince = heard > ListeningSince ? heard : ListeningSince;
        return now - silentSince > options.ConnectedWithin ? heard : null;
    }

    private static string Text(TimeSpan span) => span < TimeSpan.FromMinutes(2)
        ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.###} s")
        : string.Create(CultureInfo.InvariantCulture, $"{span.TotalMinutes:0.#} min");
}
