using Gatehouse.Testing;

namespace Gatehouse.Delegate.Tests;

public sealed class WhenItIsToStop
{
    [Fact]
    public async Task It_finishes_its_task_takes_no_other_and_says_goodbye()
    {
        using var gate = new TemporaryDirectory();
        await using var manager = await FakeManager.StartAsync();
        await using var it = DelegateProcess.Start(manager.Url);
        await Eventually.TrueAsync("the stream is open", () => Task.FromResult(manager.StreamIsOpen));
        var task = await manager.RunScriptAsync("t1", $"echo started; while [ ! -e {gate.File("go")} ]; do sleep 0.02; done; echo finished");
        await Eventually.TrueAsync("it has started", () => Task.FromResult(task.Output.Length > 0));
        it.Terminate();
        await it.WaitForOutputAsync("Stopping: no new tasks; 1 running");
        var late = await manager.RunScriptAsync("t2", "true");
        File.WriteAllText(gate.File("go"), "");
        Assert.Equal("OK", (await task.ResponseAsync()).Code);
        Assert.Equal("started\nfinished\n", task.Output);
        Assert.Equal(0, await it.ExitCodeAsync());
        Assert.Null(late.InstanceId);
        Assert.Equal(FakeManager.DelegateId, Assert.Single(manager.Goodbyes).DelegateId);
        Assert.Empty(Directory.EnumerateFileSystemEntries(it.WorkFolder));
    }

    [Fact]
    public async Task A_second_signal_stops_the_task_and_tells_the_manager()
    {
        await using var manager = await FakeManager.StartAsync();
        await using var it = DelegateProcess.Start(manager.Url);
        await Eventually.TrueAsync("the stream is open", () => Task.FromResult(manager.StreamIsOpen));
        var task = await manager.RunScriptAsync("t1", "echo started; sleep 1000");
        await Eventually.TrueAsync("it has started", () => Task.FromResult(task.Output.Length > 0));
        it.Terminate();
        await it.WaitForOutputAsync("Stopping:");
        it.Terminate();
        Assert.True((await task.ResultAsync()).Aborted);
        Assert.Equal(0, await it.ExitCodeAsync());
    }

    [Fact]
    public async Task Before_it_has_got_in_it_goes_at_once()
    {
        await using var manager = await FakeManager.StartAsync();
        await manager.StopListeningAsync();
        await using var it = DelegateProcess.Start(manager.Url);
        await it.WaitForOutputAsync("Nothing listens at");
        it.Terminate();
        Assert.Equal(0, await it.ExitCodeAsync());
    }
}
