using System.Collections.Concurrent;

namespace Gatehouse.Manager.Tasks;

/// <summary>
/// Every unfinished task in memory, so that polls touch no database. Written after commits, one writer at a time
/// (<see cref="Storage.ManagerDatabase"/>); read by anyone without a lock.
/// </summary>
internal sealed class TaskBoard
{
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, QueuedTask>> _queued = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, RunningTask> _running = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, RunningTask>> _byDelegate = new(StringComparer.Ordinal);

    public IEnumerable<QueuedTask> Queued => _queued.SelectMany(account => account.Value.Select(pair => pair.Value));

    public IEnumerable<RunningTask> Running => _running.Select(pair => pair.Value);

    /// <summary>Tasks of one account that wait, in no order.</summary>
    public IEnumerable<QueuedTask> QueuedOf(string accountId) =>
        _queued.TryGetValue(accountId, out var tasks) && !tasks.IsEmpty ? tasks.Select(pair => pair.Value) : [];

    public int QueuedCount(string accountId) => _queued.TryGetValue(accountId, out var tasks) ? tasks.Count : 0;

    public QueuedTask? FindQueued(string accountId, string id) => _queued.TryGetValue(accountId, out var tasks) ? tasks.GetValueOrDefault(id) : null;

    public RunningTask? FindRunning(string id) => _running.GetValueOrDefault(id);

    public IReadOnlyList<RunningTask> RunningOn(string delegateId) =>
        _byDelegate.TryGetValue(delegateId, out var tasks) ? [.. tasks.Values] : [];

    public int RunningCount(string delegateId) => _byDelegate.TryGetValue(delegateId, out var tasks) ? tasks.Count : 0;

    public void Enqueue(QueuedTask task)
    {
        DropRunning(task.Id);
        _queued.GetOrAdd(task.AccountId, _ => new(StringComparer.Ordinal))[task.Id] = task;
    }

    public void Start(RunningTask task)
    {
        if (_queued.TryGetValue(task.AccountId, out var tasks))
            tasks.TryRemove(task.Id, out _);
        _running[task.Id] = task;
        _byDelegate.GetOrAdd(task.DelegateId, _ => new(StringComparer.Ordinal))[task.Id] = task;
    }

    public void Drop(string accountId, string id)
    {
        if (_queued.TryGetValue(accountId, out var tasks))
            tasks.TryRemove(id, out _);
        DropRunning(id);
    }

    private void DropRunning(string id)
    {
        if (_running.TryRemove(id, out var task) && _byDelegate.TryGetValue(task.DelegateId, out var tasks))
        {
            tasks.TryRemove(id, out _);
            if (tasks.IsEmpty) // One writer at a time, so nothing comes in between.
                _byDelegate.TryRemove(task.DelegateId, out _);
        }
    }
}
