using Gatehouse.Contracts;
using Gatehouse.Testing;

namespace Gatehouse.IntegrationTests;

/// <summary>kill -9 of the server while tasks are queued and running: what was acknowledged is there after the restart, nothing ran twice, delegates come back by themselves.</summary>
public sealed class WhenTheServerIsKilled : IAsyncLifetime
{
    private GatehouseSystem _system = null!;
    private string _token = "";

    public async ValueTask InitializeAsync()
    {
        _system = await GatehouseSystem.StartAsync();
        _token = await _system.CreateAccountAsync("acc1");
    }

    public async ValueTask DisposeAsync() => await _system.DisposeAsync();

    [Fact]
    public async Task Running_and_queued_tasks_end_once()
    {
        var marks = _system.Directory.File("marks");
        await File.WriteAllTextAsync(marks, "", TestContext.Current.CancellationToken);
        // One slot: of five tasks one runs and four wait.
        _system.StartDelegate("acc1", _token, "worker", "localhost", more: new Dictionary<string, string?> { ["DELEGATE_TASK_CAPACITY"] = "1" });
        await _system.ConnectedAsync("acc1", "worker");
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            ids.Add((await PostTaskAsync($"echo begin {i}; echo {i} >> {marks}; sleep 1; echo end {i}")).Id);
        }
        await Eventually.TrueAsync("the first to run", () => Task.FromResult(File.ReadAllLines(marks).Length > 0));

        await _system.Server.KillAsync();
        await _system.StartServerAsync();

        foreach (var id in ids)
        {
            var task = await Eventually.GetAsync($"task {id} finished", async () =>
                await TaskAsync(id) is { IsFinished: true } finished ? finished : null);
            Assert.Equal("SUCCEEDED", task.Status);
        }
        // Each ran once, and its output is whole.
        Assert.Equal(["0", "1", "2", "3", "4"], (await File.ReadAllLinesAsync(marks, TestContext.Current.CancellationToken)).Order());
        for (var i = 0; i < 5; i++)
            Assert.Equal($"begin {i}\nend {i}\n", await _system.Operator.GetStringAsync(new Uri($"/api/v1/accounts/acc1/tasks/{ids[i]}/output", UriKind.Relative), TestContext.Current.CancellationToken));
        Assert.DoesNotContain(" fail: ", _system.Server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_killed_delegates_task_fails_visibly_when_it_comes_back()
    {
        var first = _system.StartDelegate("acc1", _token, "worker", "localhost");
        await _system.ConnectedAsync("acc1", "worker");
        var task = await PostTaskAsync("sleep 600");
        await Eventually.TrueAsync("the task to run", async () => (await TaskAsync(task.Id)).Status == "STARTED");
        await first.KillAsync();
        _system.StartDelegate("acc1", _token, "worker", "localhost");
        var failed = await Eventually.GetAsync("the task to fail", async () => await TaskAsync(task.Id) is { Status: "FAILED" } t ? t : null);
        Assert.Contains("worker", failed.Error, StringComparison.Ordinal);
    }

    private async Task<TaskView> PostTaskAsync(string script)
    {
        var body = System.Text.Json.JsonSerializer.Serialize(new RunTaskRequest { Shell = new(script) }, ContractsJson.Default.RunTaskRequest);
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await _system.Operator.PostAsync(new Uri("/api/v1/accounts/acc1/tasks", UriKind.Relative), content);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return System.Text.Json.JsonSerializer.Deserialize(text, ContractsJson.Default.TaskView)!;
    }

    private Task<TaskView> TaskAsync(string id) => _system.GetAsync($"/api/v1/accounts/acc1/tasks/{id}", ContractsJson.Default.TaskView);
}
