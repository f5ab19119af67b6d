using Gatehouse.Contracts.Protocol;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gatehouse.Delegate.Tests;

public sealed class TaskBoardTests
{
    private readonly List<string> _ran = [];
    private readonly DelegateMetrics _metrics = new();
    private int _freed;

    [Fact]
    public async Task Ids_that_could_leave_the_folder_are_never_taken()
    {
        var board = Board(10, (_, _) => Task.FromResult(true));
        foreach (var id in new[] { "../x", "a/b", "", "a b", "a\0b", new string('x', 129), "." })
            board.Offer("d", FakeManager.Offer(DelegateTaskEvent.Task, id));
        board.Offer("d", FakeManager.Offer(DelegateTaskEvent.Task, "Ab_9-"));
        await board.WhenIdle;
        Assert.Equal(["Ab_9-"], _ran);
    }

    [Fact]
    public async Task A_task_that_was_not_ours_may_be_taken_later_one_that_was_may_not()
    {
        var board = Board(10, (id, _) => Task.FromResult(id == "ours"));
        foreach (var id in new[] { "ours", "theirs", "ours", "theirs" })
        {
            board.Offer("d", FakeManager.Offer(DelegateTaskEvent.Task, id));
            await board.WhenIdle;
        }

        Assert.Equal(["ours", "theirs", "theirs"], _ran);
    }

    [Fact]
    public async Task Left_offers_are_counted_and_lead_to_a_poll()
    {
        var gate = new TaskCompletionSource<bool>();
        var board = Board(1, (_, _) => gate.Task);
        board.Offer("d", FakeManager.Offer(DelegateTaskEvent.Task, "a"));
        board.Offer("d", FakeManager.Offer(DelegateTaskEvent.Task, "b"));
        Assert.Equal(["a"], board.Running);
        Assert.Equal(1, _metrics.RejectedTotal);
        gate.SetResult(true);
        await board.WhenIdle;
        await Gatehouse.Testing.Eventually.TrueAsync("a poll is asked for", () => Task.FromResult(_freed == 1));
    }

    [Fact]
    public async Task Stopping_it_takes_nothing_and_still_aborts()
    {
        var board = Board(10, async (_, abort) =>
        {
            await Task.Delay(Timeout.Infinite, abort).ContinueWith(_ => { }, TaskScheduler.Default);
            return true;
        });
        board.Offer("d", FakeManager.Offer(DelegateTaskEvent.Task, "a"));
        board.StopTaking();
        board.Offer("d", FakeManager.Offer(DelegateTaskEvent.Task, "b"));
        board.Offer("d", FakeManager.Offer(DelegateTaskEvent.Abort, "a"));
        await board.WhenIdle;
        Assert.Equal(["a"], _ran);
    }

    private TaskBoard Board(int capacity, Func<string, CancellationToken, Task<bool>> run) => new(
        capacity,
        (_, id, abort) =>
        {
            lock (_ran)
                _ran.Add(id);
            return run(id, abort);
        },
        () => Interlocked.Increment(ref _freed), _metrics, NullLogger.Instance);
}
