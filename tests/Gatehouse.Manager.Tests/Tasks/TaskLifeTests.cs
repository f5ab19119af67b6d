using System.Net;
using System.Net.Http.Json;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Contracts.Tasks;
using Gatehouse.Manager.Tests.Harness;

namespace Gatehouse.Manager.Tests.Tasks;

public sealed class TaskLifeTests
{
    internal static RunTaskRequest Shell(params string[] selectors) =>
        new() { Shell = new ShellScriptTask("echo hello", new Dictionary<string, string> { ["SECRET"] = "s3cr3t-value" }), Selectors = selectors };

    [Fact]
    public async Task A_task_is_queued_polled_acquired_and_answered()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var worker = await TestDelegate.RegisteredAsync(host, "acme", await host.CreateTokenAsync("acme"));

        var task = await host.RunAsync("acme", Shell());
        Assert.Equal("QUEUED", task.Status);
        var polled = Assert.Single(await worker.PollAsync());
        Assert.Equal((task.Id, "DelegateTaskEvent", "SHELL_SCRIPT"), (polled.DelegateTaskId, polled.EventType, polled.TaskType));

        using var acquired = await worker.AcquireAsync(task.Id);
        var package = (await acquired.Content.ReadFromJsonAsync(ContractsJson.Default.DelegateTaskPackage))!;
        Assert.Equal("echo hello", package.Data.GetProperty("script").GetString());
        Assert.Equal("s3cr3t-value", package.Data.GetProperty("environment").GetProperty("SECRET").GetString());
        Assert.Equal((worker.Id, worker.Id, 600_000), (package.Delegate!.Id, package.Delegate.InstanceId, package.Timeout));
        Assert.Empty(await worker.PollAsync());

        using var answered = await worker.RespondAsync(task.Id, "OK", """{"exitCode":0}""");
        Assert.Equal(HttpStatusCode.NoContent, answered.StatusCode);
        var done = await host.TaskAsync("acme", task.Id);
        Assert.Equal(("SUCCEEDED", worker.Id, "worker"), (done.Status, done.DelegateId, done.DelegateName));
        Assert.Equal(0, done.Result!.Value.GetProperty("exitCode").GetInt32());
        using var again = await worker.RespondAsync(task.Id, "FAILED");
        Assert.Equal(HttpStatusCode.NoContent, again.StatusCode);
        Assert.Equal("SUCCEEDED", (await host.TaskAsync("acme", task.Id)).Status);
    }

    [Fact]
    public async Task Of_twenty_delegates_that_ask_at_once_one_gets_it()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var token = await host.CreateTokenAsync("acme");
        var workers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => TestDelegate.RegisteredAsync(host, "acme", token, null, $"w{i}")));
        for (var round = 0; round < 3; round++)
        {
            var task = await host.RunAsync("acme", Shell());
            var answers = await Task.WhenAll(workers.Select(worker => worker.AcquireAsync(task.Id)));
            Assert.Equal(1, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
            Assert.All(answers.Where(answer => answer.StatusCode != HttpStatusCode.OK), answer => Assert.InRange((int)answer.StatusCode, 404, 409));
            var winner = workers[Array.FindIndex(answers, answer => answer.StatusCode == HttpStatusCode.OK)];
            Assert.Equal(winner.Id, (await host.TaskAsync("acme", task.Id)).DelegateId);
            using var again = await winner.AcquireAsync(task.Id);
            Assert.Equal(HttpStatusCode.OK, again.StatusCode); // The answer may have been lost on the way.
            using var otherInstance = await winner.AcquireAsync(task.Id, "another-instance");
            await otherInstance.IsProtocolErrorAsync(HttpStatusCode.Conflict, ProtocolErrorCode.ResourceNotFound);
        }
    }

    [Fact]
    public async Task Only_the_assignee_answers()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var token = await host.CreateTokenAsync("acme");
        var worker = await TestDelegate.RegisteredAsync(host, "acme", token);
        var other = await TestDelegate.RegisteredAsync(host, "acme", token, null, "other");
        var task = await host.RunAsync("acme", Shell());
        using var early = await worker.RespondAsync(task.Id, "OK");
        await early.IsProtocolErrorAsync(HttpStatusCode.Forbidden, ProtocolErrorCode.AccessDenied);
        using var acquired = await worker.AcquireAsync(task.Id);
        using var forged = await other.RespondAsync(task.Id, "OK");
        await forged.IsProtocolErrorAsync(HttpStatusCode.Forbidden, ProtocolErrorCode.AccessDenied);
        using var unknown = await worker.RespondAsync("0123", "OK");
        await unknown.IsProtocolErrorAsync(HttpStatusCode.NotFound, ProtocolErrorCode.ResourceNotFound);
        using var code = await worker.RespondAsync(task.Id, "MAYBE");
        await code.IsProtocolErrorAsync(HttpStatusCode.BadRequest, ProtocolErrorCode.InvalidRequest);
        using var broken = await worker.RespondAsync(task.Id, "OK", "{");
        await broken.IsProtocolErrorAsync(HttpStatusCode.BadRequest, ProtocolErrorCode.InvalidRequest);
        Assert.Equal("STARTED", (await host.TaskAsync("acme", task.Id)).Status);
    }

    [Theory]
    [InlineData("response?delegateId=", "OK", "SUCCEEDED", null)]
    [InlineData("task-response?runnerId=", "FAILED", "FAILED", "it broke")]
    [InlineData("response?delegateId=", "TIMEOUT", "FAILED", "it broke")]
    public async Task The_runner_shape_is_understood(string path, string code, string status, string? error)
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var worker = await TestDelegate.RegisteredAsync(host, "acme", await host.CreateTokenAsync("acme"));
        var task = await host.RunAsync("acme", Shell() with { RunnerResponse = true });
        using var acquired = await worker.AcquireAsync(task.Id);
        Assert.True((await acquired.JsonAsync()).GetProperty("runnerResponse").GetBoolean());
        var (name, query) = (path.Split('?')[0], path.Split('?')[1]);
        var body = $$"""{"id":"{{task.Id}}","type":"X","code":"{{code}}","error":"{{error}}","data":"{{Convert.ToBase64String("""{"a":1}"""u8)}}"}""";
        using var answered = await worker.SendAsync(HttpMethod.Post, $"/api/executions/{task.Id}/{name}", new StringContent(body), $"&{query}{worker.Id}");
        Assert.Equal(HttpStatusCode.NoContent, answered.StatusCode);
        var done = await host.TaskAsync("acme", task.Id);
        Assert.Equal((status, error, 1), (done.Status, done.Error, done.Result!.Value.GetProperty("a").GetInt32()));
    }

    [Fact]
    public async Task A_task_that_one_delegate_cannot_do_goes_to_another_once()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var token = await host.CreateTokenAsync("acme");
        var one = await TestDelegate.RegisteredAsync(host, "acme", token, null, "one");
        var two = await TestDelegate.RegisteredAsync(host, "acme", token, null, "two");
        var task = await host.RunAsync("acme", Shell());
        using var first = await one.AcquireAsync(task.Id);
        using var handedBack = await one.RespondAsync(task.Id, "RETRY_ON_OTHER_DELEGATE");
        using var repeated = await one.RespondAsync(task.Id, "RETRY_ON_OTHER_DELEGATE");
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NoContent), (handedBack.StatusCode, repeated.StatusCode));
        Assert.Empty(await one.PollAsync());
        Assert.Single(await two.PollAsync());
        using var second = await two.AcquireAsync(task.Id);
        using var last = await two.RespondAsync(task.Id, "RETRY_ON_OTHER_DELEGATE");
        Assert.Equal("FAILED", (await host.TaskAsync("acme", task.Id)).Status); // There is nobody else.
    }

    [Fact]
    public async Task Time_limits_end_tasks()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var worker = await TestDelegate.RegisteredAsync(host, "acme", await host.CreateTokenAsync("acme"));
        var waiting = await host.RunAsync("acme", Shell() with { TimeoutMs = 20_000 });
        var running = await host.RunAsync("acme", Shell() with { TimeoutMs = 20_000 });
        using var acquired = await worker.AcquireAsync(running.Id);
        host.Time.Advance(TimeSpan.FromSeconds(20));
        await host.RunJobsAsync();
        var untaken = await host.TaskAsync("acme", waiting.Id);
        Assert.Equal("FAILED", untaken.Status);
        Assert.Contains("No delegate took it", untaken.Error, StringComparison.Ordinal);
        Assert.Equal("STARTED", (await host.TaskAsync("acme", running.Id)).Status);
        host.Time.Advance(TimeSpan.FromSeconds(30));
        await host.RunJobsAsync();
        var late = await host.TaskAsync("acme", running.Id);
        Assert.Equal("FAILED", late.Status);
        using var answered = await worker.RespondAsync(running.Id, "OK");
        Assert.Equal(HttpStatusCode.NoContent, answered.StatusCode);
        Assert.Equal("FAILED", (await host.TaskAsync("acme", running.Id)).Status); // The first end stands.
    }

    [Fact]
    public async Task A_lost_delegates_task_fails_and_names_it()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var worker = await TestDelegate.RegisteredAsync(host, "acme", await host.CreateTokenAsync("acme"));
        var task = await host.RunAsync("acme", Shell() with { TimeoutMs = 3_600_000 });
        using var acquired = await worker.AcquireAsync(task.Id);
        host.Time.Advance(Limits.ConnectedWithin);
        await host.RunJobsAsync();
        Assert.Equal("STARTED", (await host.TaskAsync("acme", task.Id)).Status);
        host.Time.Advance(TimeSpan.FromSeconds(1));
        await host.RunJobsAsync();
        var lost = await host.TaskAsync("acme", task.Id);
        Assert.Equal(("FAILED", "Delegate 'worker' was lost; it was last heard of at 2026-11-24 12:00:00Z."), (lost.Status, lost.Error));
    }

    [Fact]
    public async Task A_delegate_that_registers_again_keeps_the_tasks_it_lists_and_no_others()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var worker = await TestDelegate.RegisteredAsync(host, "acme", await host.CreateTokenAsync("acme"));
        var kept = await host.RunAsync("acme", Shell());
        var forgotten = await host.RunAsync("acme", Shell());
        using var one = await worker.AcquireAsync(kept.Id);
        using var two = await worker.AcquireAsync(forgotten.Id);
        worker.Params = worker.Params with { KeepAlivePacket = true };
        using var alive = await worker.RegisterAsync(); // No restart: nothing happens.
        Assert.Equal("STARTED", (await host.TaskAsync("acme", forgotten.Id)).Status);
        worker.Params = worker.Params with { KeepAlivePacket = false, CurrentlyExecutingDelegateTasks = [kept.Id] };
        using var back = await worker.RegisterAsync();
        Assert.Equal("STARTED", (await host.TaskAsync("acme", kept.Id)).Status);
        Assert.Contains("restarted", (await host.TaskAsync("acme", forgotten.Id)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Aborting_ends_a_waiting_task_at_once_and_a_running_one_when_its_delegate_says_so_or_the_grace_is_over()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var worker = await TestDelegate.RegisteredAsync(host, "acme", await host.CreateTokenAsync("acme"));
        var waiting = await host.RunAsync("acme", Shell());
        Assert.Equal("ABORTED", (await AbortAsync(host, waiting.Id)).Status);
        Assert.Empty(await worker.PollAsync());

        var obedient = await host.RunAsync("acme", Shell());
        var deaf = await host.RunAsync("acme", Shell());
        using var one = await worker.AcquireAsync(obedient.Id);
        using var two = await worker.AcquireAsync(deaf.Id);
        Assert.Equal("STARTED", (await AbortAsync(host, obedient.Id)).Status);
        Assert.Equal("STARTED", (await AbortAsync(host, deaf.Id)).Status);
        Assert.Equal(["DelegateTaskAbortEvent", "DelegateTaskAbortEvent"], (await worker.PollAsync()).Select(task => task.EventType));
        Assert.Empty(await worker.PollAsync()); // Listed once.
        using var answered = await worker.RespondAsync(obedient.Id, "FAILED", """{"exitCode":143,"aborted":true}""");
        Assert.Equal("ABORTED", (await host.TaskAsync("acme", obedient.Id)).Status);
        host.Time.Advance(TimeSpan.FromSeconds(30));
        await host.RunJobsAsync();
        Assert.Equal("ABORTED", (await host.TaskAsync("acme", deaf.Id)).Status);
    }

    [Fact]
    public async Task After_a_kill_nothing_acknowledged_is_gone_and_nothing_runs_twice()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var token = await host.CreateTokenAsync("acme");
        var worker = await TestDelegate.RegisteredAsync(host, "acme", token);
        var queued = await host.RunAsync("acme", Shell());
        var running = await host.RunAsync("acme", Shell());
        var done = await host.RunAsync("acme", Shell());
        using var one = await worker.AcquireAsync(running.Id);
        using var two = await worker.AcquireAsync(done.Id);
        using var three = await worker.RespondAsync(done.Id, "OK", """{"exitCode":0}""");
        await worker.WriteAsync(running.Id, 0, "half a ");
        await host.KillAsync();
        host.Time.Advance(TimeSpan.FromMinutes(6)); // Down for longer than a delegate may be silent.

        await using var again = await ManagerHost.StartAsync(Path.GetDirectoryName(host.Data), host.Time);
        await again.RunJobsAsync();
        Assert.Equal("QUEUED", (await again.TaskAsync("acme", queued.Id)).Status);
        Assert.Equal("STARTED", (await again.TaskAsync("acme", running.Id)).Status); // The silence was ours.
        Assert.Equal(0, (await again.TaskAsync("acme", done.Id)).Result!.Value.GetProperty("exitCode").GetInt32());

        var back = new TestDelegate(again, "acme", token) { Params = worker.Params with { CurrentlyExecutingDelegateTasks = [running.Id] } };
        using var registered = await back.RegisterAsync();
        Assert.Equal(worker.Id, back.Id);
        Assert.Equal([queued.Id], (await back.PollAsync()).Select(task => task.DelegateTaskId));
        Assert.Equal(7, (await back.WriteAsync(running.Id, 9, "gap")).NextOffset);
        Assert.Equal(11, (await back.WriteAsync(running.Id, 7, "word")).NextOffset);
        using var answered = await back.RespondAsync(running.Id, "OK", """{"exitCode":0}""");
        Assert.Equal("SUCCEEDED", (await again.TaskAsync("acme", running.Id)).Status);
        Assert.Equal("half a word", await again.Operator.GetStringAsync(new Uri($"/api/v1/accounts/acme/tasks/{running.Id}/output", UriKind.Relative)));
    }

    [Fact]
    public async Task Finished_tasks_and_their_output_are_kept_for_a_while_only()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var worker = await TestDelegate.RegisteredAsync(host, "acme", await host.CreateTokenAsync("acme"));
        var task = await host.RunAsync("acme", Shell());
        using var acquired = await worker.AcquireAsync(task.Id);
        await worker.WriteAsync(task.Id, 0, "text");
        using var answered = await worker.RespondAsync(task.Id, "OK");
        host.Time.Advance(Limits.TaskRetention);
        await host.RunJobsAsync();
        Assert.Equal("SUCCEEDED", (await host.TaskAsync("acme", task.Id)).Status);
        host.Time.Advance(TimeSpan.FromHours(1));
        await host.RunJobsAsync();
        using var gone = await host.Operator.GetAsync(new Uri($"/api/v1/accounts/acme/tasks/{task.Id}", UriKind.Relative));
        await gone.IsProblemAsync(HttpStatusCode.NotFound, "task_not_found");
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(host.Data, "task-output"), "*", SearchOption.AllDirectories));
    }

    private static async Task<TaskView> AbortAsync(ManagerHost host, string id)
    {
        using var response = await host.Operator.PostAsync(new Uri($"/api/v1/accounts/acme/tasks/{id}/abort", UriKind.Relative), null);
        return (await response.Content.ReadFromJsonAsync(ContractsJson.Default.TaskView))!;
    }
}
