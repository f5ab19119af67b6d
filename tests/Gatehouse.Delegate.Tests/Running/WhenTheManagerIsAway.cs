using Gatehouse.Testing;

namespace Gatehouse.Delegate.Tests;

public sealed class WhenTheManagerIsAway
{
    [Fact]
    public async Task A_restart_in_the_middle_of_a_task_loses_and_doubles_nothing()
    {
        using var gate = new TemporaryDirectory();
        await using var manager = await FakeManager.StartAsync();
        await using var it = DelegateProcess.Start(manager.Url);
        await Eventually.TrueAsync("the stream is open", () => Task.FromResult(manager.StreamIsOpen));
        var task = await manager.RunScriptAsync("t1", $"""
            echo run >> {gate.File("runs")}
            i=0; while [ ! -e {gate.File("go")} ]; do i=$((i+1)); echo line $i; sleep 0.01; done
            echo $i > {gate.File("lines")}
            """);
        await Eventually.TrueAsync("some output", () => Task.FromResult(task.Output.Length > 50));
        await manager.StopListeningAsync();
        await it.WaitForOutputAsync("Nothing listens at http://localhost:");
        File.WriteAllText(gate.File("go"), "");
        await Eventually.TrueAsync("the script ended while nobody listened", () => Task.FromResult(File.Exists(gate.File("lines"))));
        await manager.StartListeningAsync();

        Assert.Equal(0, (await task.ResultAsync()).ExitCode);
        var expected = string.Concat(Enumerable.Range(1, int.Parse(File.ReadAllText(gate.File("lines")), System.Globalization.CultureInfo.InvariantCulture)).Select(i => $"line {i}\n"));
        Assert.Equal(expected, System.Text.Encoding.UTF8.GetString(task.OutputWhenAnswered));
        Assert.Equal("run\n", File.ReadAllText(gate.File("runs")));
        await Eventually.TrueAsync("the stream is open again", () => Task.FromResult(manager.StreamIsOpen));
        Assert.Single(manager.Registrations);
        Assert.DoesNotContain("ERROR", it.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_comes_in_by_itself_when_the_manager_comes_up_later()
    {
        await using var manager = await FakeManager.StartAsync();
        await manager.StopListeningAsync();
        await using var it = DelegateProcess.Start(manager.Url);
        await it.WaitForOutputAsync("Nothing listens at");
        var (status, body) = await it.HealthAsync();
        Assert.Equal(503, status);
        Assert.Contains("Nothing listens", body.GetProperty("reason").GetString(), StringComparison.Ordinal);
        await manager.StartListeningAsync();
        await Eventually.TrueAsync("the stream is open", () => Task.FromResult(manager.StreamIsOpen));
        await Eventually.TrueAsync("it is well", async () => (await it.HealthAsync()).Status == 200);
    }

    [Fact]
    public async Task Tasks_are_polled_for_while_there_is_no_stream()
    {
        await using var manager = await FakeManager.StartAsync();
        manager.StreamsAllowed = false;
        manager.Queue("t1", "SHELL_SCRIPT", new { script = "echo polled" });
        await using var it = DelegateProcess.Start(manager.Url);
        var task = manager.Queue("t2", "SHELL_SCRIPT", new { script = "echo polled" });
        Assert.Equal("OK", (await task.ResponseAsync()).Code);
        Assert.Equal("polled\n", task.Output);
        Assert.False(manager.StreamIsOpen);
    }

    [Fact]
    public async Task Beyond_its_capacity_offers_are_left_and_found_again()
    {
        await using var manager = await FakeManager.StartAsync();
        await using var it = DelegateProcess.Start(manager.Url, new() { ["DELEGATE_TASK_CAPACITY"] = "1" });
        await Eventually.TrueAsync("the stream is open", () => Task.FromResult(manager.StreamIsOpen));
        // A folder that only one can make at a time: counting processes would count those of other tests, too.
        var alone = Path.Combine(Path.GetTempPath(), $"gatehouse-alone-{Guid.NewGuid():N}");
        var tasks = new List<FakeTask>();
        for (var i = 0; i < 3; i++)
            tasks.Add(await manager.RunScriptAsync($"t{i}", $"mkdir {alone} && sleep 0.2 && rmdir {alone} && echo alone"));
        foreach (var task in tasks)
            Assert.Equal("alone\n", await task.ResponseAsync() is null ? "" : task.Output);
        Assert.Contains("task_rejected_total{delegate_name=\"tester\"}", await it.MetricsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_delegate_that_was_forgotten_registers_again()
    {
        await using var manager = await FakeManager.StartAsync();
        manager.HeartbeatStatus = "DELETED";
        await using var it = DelegateProcess.Start(manager.Url);
        await it.WaitForOutputAsync("Accepted by the manager");
        await manager.StopListeningAsync();
        await manager.StartListeningAsync();
        await Eventually.TrueAsync("a second registration", () => Task.FromResult(manager.Registrations.Count >= 2));
        await it.WaitForOutputAsync("does not know delegate delegate-1 any more");
    }
}
