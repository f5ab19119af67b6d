using System.Net;
using System.Net.Http.Json;
using Gatehouse.Contracts;
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
}
