using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Manager.Delegates;

namespace Gatehouse.Manager.Tasks;

/// <summary>
/// Tells delegates of tasks: at once to one on its stream, then every few seconds to more of them while nobody took it. Polling delegates
/// need no telling. Upstream gives up after three rounds; here the caller's time limit alone decides.
/// </summary>
internal sealed class TaskDispatcher(TaskBoard board, DelegateDirectory delegates, ManagerOptions options, TimeProvider time)
{
    private const int OffersPerRound = 10;
    private const int MaxEventsPerPoll = 100;

    /// <summary>Offers a task that was just queued to the one delegate with a stream that has the least to do.</summary>
    public void Offer(QueuedTask task) => Offer(task, 1);

    /// <summary>Offers every waiting task that is due again.</summary>
    public void Rebroadcast()
    {
        var now = time.GetUtcNow();
        foreach (var task in board.Queued)
        {
            if (task.NextOffer <= now)
                Offer(task, OffersPerRound);
        }
    }

    /// <summary>What a delegate that polls may take, and what it shall stop (protocol sheet §5.6).</summary>
    public IReadOnlyList<DelegateTaskEvent> EventsFor(DelegateState worker)
    {
        List<DelegateTaskEvent>? events = null;
        foreach (var task in board.QueuedOf(worker.AccountId))
        {
            if (!TaskEligibility.Fits(task, worker))
                continue;
            (events ??= []).Add(EventOf(task));
            if (events.Count == MaxEventsPerPoll)
                break;
        }
        while (worker.HasAborts && worker.TryTakeAbort(out var taskId))
            (events ??= []).Add(AbortOf(worker.AccountId, taskId!));
        return events ?? (IReadOnlyList<DelegateTaskEvent>)[];
    }

    /// <summary>A stream opened: what waits and fits goes out at once.</summary>
    public void Greet(DelegateState worker, DelegateStream stream)
    {
        foreach (var task in EventsFor(worker))
            stream.TrySend(Frame(task));
    }

    /// <summary>Tells the delegate that has the task to stop it: on its stream and at its next poll, since a stream may be dead without knowing.</summary>
    public void Abort(RunningTask task)
    {
        if (delegates.Find(task.AccountId, task.DelegateId) is not { } worker)
            return;
        worker.QueueAbort(task.Id);
        worker.Stream?.TrySend(Frame(AbortOf(task.AccountId, task.Id)));
    }

    private void Offer(QueuedTask task, int most)
    {
        lock (task)
        {
            task.NextOffer = time.GetUtcNow() + options.RebroadcastInterval;
            var streaming = delegates.Of(task.AccountId)
                .Where(worker => worker.Stream is not null && delegates.IsPresent(worker) && TaskEligibility.Fits(task, worker)).ToList();
            if (streaming.Count == 0)
                return;
            if (streaming.TrueForAll(worker => task.Offered.Contains(worker.Id)))
                task.Offered.Clear(); // All had it: begin the round again.
            var next = streaming.Where(worker => !task.Offered.Contains(worker.Id))
                .OrderBy(worker => board.RunningCount(worker.Id)).ThenBy(_ => Random.Shared.Next()).Take(most);
            var frame = Frame(EventOf(task));
            foreach (var worker in next)
            {
                task.Offered.Add(worker.Id);
                worker.Stream?.TrySend(frame);
            }
        }
    }

    private static DelegateTaskEvent EventOf(QueuedTask task) =>
        new() { EventType = DelegateTaskEvent.Task, AccountId = task.AccountId, DelegateTaskId = task.Id, TaskType = task.Type };

    private static DelegateTaskEvent AbortOf(string accountId, string taskId) =>
        new() { EventType = DelegateTaskEvent.Abort, AccountId = accountId, DelegateTaskId = taskId };

    private static byte[] Frame(DelegateTaskEvent task) => JsonSerializer.SerializeToUtf8Bytes(task, ContractsJson.Default.DelegateTaskEvent);
}
