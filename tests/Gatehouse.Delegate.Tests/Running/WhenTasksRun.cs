using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Testing;

namespace Gatehouse.Delegate.Tests;

public sealed class WhenTasksRun : IAsyncLifetime
{
    private FakeManager _manager = null!;
    private DelegateProcess _delegate = null!;

    public async ValueTask InitializeAsync()
    {
        _manager = await FakeManager.StartAsync();
        _delegate = DelegateProcess.Start(_manager.Url, new() { ["PROXY_PASSWORD"] = "hush", ["VISIBLE"] = "yes", ["DELEGATE_TAGS"] = "linux, big" });
        await Eventually.TrueAsync("the stream is open", () => Task.FromResult(_manager.StreamIsOpen));
    }

    public async ValueTask DisposeAsync()
    {
        Assert.DoesNotContain("ERROR", _delegate.Output, StringComparison.Ordinal);
        await _delegate.DisposeAsync();
        await _manager.DisposeAsync();
    }

    [Fact]
    public async Task A_script_runs_and_its_output_is_there_before_its_answer()
    {
        var task = await _manager.RunScriptAsync("t1", "echo out; echo err >&2; echo more; exit 3");
        var response = await task.ResponseAsync();
        Assert.Equal("FAILED", response.Code);
        Assert.Equal(3, (await task.ResultAsync()).ExitCode);
        Assert.Equal("out\nerr\nmore\n", System.Text.Encoding.UTF8.GetString(task.OutputWhenAnswered));
        Assert.Equal(13, (await task.ResultAsync()).OutputBytes);
        Assert.Contains(_manager.Registrations, r => r.Tags is ["linux", "big"] && r.SupportedTaskTypes!.Contains("SHELL_SCRIPT") && r.HostName == Environment.MachineName);
    }

    [Fact]
    public async Task Output_appears_while_the_script_runs()
    {
        using var gate = new TemporaryDirectory();
        var task = await _manager.RunScriptAsync("t1", $"echo one; while [ ! -e {gate.File("go")} ]; do sleep 0.02; done; echo two");
        await Eventually.TrueAsync("the first line", () => Task.FromResult(task.Output == "one\n"));
        File.WriteAllText(gate.File("go"), "");
        Assert.Equal("OK", (await task.ResponseAsync()).Code);
        Assert.Equal("one\ntwo\n", task.Output);
    }

    [Fact]
    public async Task The_environment_has_the_task_and_no_secret_of_the_delegate()
    {
        var task = await _manager.RunScriptAsync(
            "t1", "env; echo \"pwd=$PWD\"; [ -t 0 ] || cat; tr '\\0' '\\n' < /proc/$PPID/environ || true", environment: new() { ["GREETING"] = "hi there" });
        Assert.Equal(0, (await task.ResultAsync()).ExitCode);
        Assert.Contains("GREETING=hi there", task.Output, StringComparison.Ordinal);
        Assert.Contains("VISIBLE=yes", task.Output, StringComparison.Ordinal);
        Assert.Contains("GATEHOUSE_TASK_ID=t1", task.Output, StringComparison.Ordinal);
        Assert.Contains("ACCOUNT_ID=acme", task.Output, StringComparison.Ordinal);
        Assert.Contains($"pwd={_delegate.WorkFolder}/", task.Output, StringComparison.Ordinal);
        if (Environment.UserName != "root")
            Assert.DoesNotContain(FakeManager.Token, task.Output, StringComparison.Ordinal);
        var ownEnvironment = task.Output[..task.Output.IndexOf("pwd=", StringComparison.Ordinal)];
        Assert.DoesNotContain(FakeManager.Token, ownEnvironment, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", ownEnvironment, StringComparison.Ordinal);
        Assert.DoesNotContain(FakeManager.Token, _delegate.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_folder_is_private_and_gone_afterwards()
    {
        var task = await _manager.RunScriptAsync("t1", "stat -c %a .. ../..; mkdir keep; touch keep/x; chmod 500 keep; touch $TMPDIR/y; pwd");
        Assert.Equal("OK", (await task.ResponseAsync()).Code);
        var lines = task.Output.Split('\n');
        Assert.Equal(["700", "700"], lines[..2]);
        Assert.StartsWith(_delegate.WorkFolder, lines[2], StringComparison.Ordinal);
        await Eventually.TrueAsync("the folder is gone", () => Task.FromResult(!Directory.Exists(Path.GetDirectoryName(lines[2]))));
    }

    [Fact]
    public async Task A_time_limit_ends_a_double_fork_with_setsid_too()
    {
        var task = await _manager.RunScriptAsync(
            "t1", "trap '' TERM; (setsid sh -c 'echo $$; trap \"\" TERM; sleep 1000 & sleep 1000' &) ; (env -i setsid sh -c 'echo $$; sleep 1000' &); sleep 1000", TimeSpan.FromSeconds(3));
        var result = await task.ResultAsync();
        Assert.True(result.TimedOut);
        Assert.Null(result.ExitCode);
        var pids = task.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => int.TryParse(line, out _)).ToList();
        Assert.Equal(2, pids.Count);
        Assert.All(pids, pid => Assert.False(Directory.Exists($"/proc/{pid}"), $"{pid} lives"));
        Assert.Contains("stopped at its time limit of 3 s", task.Output, StringComparison.Ordinal);
        await Eventually.TrueAsync("no child of the delegate is left", () => Task.FromResult(!ProcEntry.All().Any(entry => entry.Parent == _delegate.Id)));
    }

    [Fact]
    public async Task What_a_script_leaves_running_is_stopped_and_named()
    {
        var task = await _manager.RunScriptAsync("t1", "sleep 1000 & echo done");
        var result = await task.ResultAsync();
        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("done\ngatehouse: the script ended and left processes running; they were stopped: sleep (", task.Output, StringComparison.Ordinal);
        Assert.Equal(5, result.OutputBytes);
    }

    [Fact]
    public async Task Another_tasks_orphans_are_left_alone()
    {
        using var gate = new TemporaryDirectory();
        var first = await _manager.RunScriptAsync("t1", $"(env -i setsid sleep 1000 &); echo started; while [ ! -e {gate.File("go")} ]; do sleep 0.02; done; pgrep -x -c sleep");
        await Eventually.TrueAsync("the first has started", () => Task.FromResult(first.Output == "started\n"));
        var second = await _manager.RunScriptAsync("t2", "echo hi");
        await second.ResponseAsync();
        Assert.Equal("hi\n", second.Output);
        File.WriteAllText(gate.File("go"), "");
        await first.ResponseAsync();
        Assert.Contains("they were stopped: sleep (", first.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_abort_ends_it()
    {
        var task = await _manager.RunScriptAsync("t1", "echo started; sleep 1000");
        await Eventually.TrueAsync("it has started", () => Task.FromResult(task.Output.Length > 0));
        await _manager.AbortAsync("t1");
        var response = await task.ResponseAsync();
        Assert.Equal("FAILED", response.Code);
        Assert.True((await task.ResultAsync()).Aborted);
    }

    [Fact]
    public async Task A_task_offered_many_times_runs_once()
    {
        using var folder = new TemporaryDirectory();
        var task = await _manager.RunScriptAsync("t1", $"echo run >> {folder.File("runs")}; sleep 0.1");
        for (var i = 0; i < 20; i++)
            await _manager.PushAsync(FakeManager.Offer(DelegateTaskEvent.Task, "t1"));
        await task.ResponseAsync();
        await _manager.PushAsync(FakeManager.Offer(DelegateTaskEvent.Task, "t1"));
        var after = await _manager.RunScriptAsync("t2", "true");
        await after.ResponseAsync();
        Assert.Equal("run\n", File.ReadAllText(folder.File("runs")));
        Assert.Equal(1, task.Responses);
    }

    [Fact]
    public async Task Large_output_arrives_whole_and_the_signal_that_ended_it_is_told()
    {
        var task = await _manager.RunScriptAsync("t1", "head -c 3000000 /dev/zero | tr '\\0' x; kill -9 $$");
        var result = await task.ResultAsync();
        Assert.Equal(137, result.ExitCode);
        Assert.Equal(3_000_000, task.OutputWhenAnswered.Length);
    }

    [Fact]
    public async Task What_cannot_be_run_is_said()
    {
        var nul = await _manager.RunScriptAsync("t1", "true", environment: new() { ["BAD=NAME"] = "x" });
        Assert.Contains("“BAD=NAME”", (await nul.ResultAsync()).Error, StringComparison.Ordinal);
        var noScript = _manager.Queue("t2", "SHELL_SCRIPT", new { text = "x" });
        await _manager.PushAsync(FakeManager.Offer(DelegateTaskEvent.Task, "t2"));
        Assert.Contains("holds no script", (await noScript.ResultAsync()).Error, StringComparison.Ordinal);
        var huge = await _manager.RunScriptAsync("t3", "true", environment: new() { ["HUGE"] = new string('x', 300_000) });
        Assert.Contains("could not be started", (await huge.ResultAsync()).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_newer_response_shape_is_used_when_asked_for()
    {
        var task = _manager.Queue("t1", "SHELL_SCRIPT", new { script = "sleep 100" }, TimeSpan.FromMilliseconds(200), runnerResponse: true);
        await _manager.PushAsync(FakeManager.Offer(DelegateTaskEvent.Task, "t1"));
        Assert.Equal("TIMEOUT", (await task.ResponseAsync()).Code);
        Assert.True((await task.ResultAsync()).TimedOut);
    }

    [Fact]
    public async Task An_http_call_is_made_and_its_answer_told()
    {
        var url = $"http://127.0.0.1:{_delegate.Port}/api/metrics";
        var task = _manager.Queue("t1", "HTTP_CALL", new { url, expectedStatus = 200 });
        await _manager.PushAsync(FakeManager.Offer(DelegateTaskEvent.Task, "t1"));
        var response = await task.ResponseAsync();
        var result = response.Data!.Value.Deserialize(ContractsJson.Default.HttpCallResult)!;
        Assert.Equal("OK", response.Code);
        Assert.Equal(200, result.StatusCode);
        Assert.Contains("tasks_currently_executing{delegate_name=\"tester\"} 1", result.Body, StringComparison.Ordinal);

        var refused = _manager.Queue("t2", "HTTP_CALL", new { url = "http://127.0.0.1:1/" });
        await _manager.PushAsync(FakeManager.Offer(DelegateTaskEvent.Task, "t2"));
        var failure = await refused.ResponseAsync();
        Assert.Equal("FAILED", failure.Code);
        Assert.Contains("Nothing listens at http://127.0.0.1:1", failure.Data!.Value.GetProperty("error").GetString(), StringComparison.Ordinal);
    }
}
