using System.Text.Json;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Testing;

namespace Gatehouse.Delegate.Tests;

public sealed class WhenOutputIsLogged : IAsyncLifetime
{
    private const string Password = "correct horse";
    private const string PrivateKey = "-----BEGIN KEY-----\n  MIIEvQIBADAN\nBgkqhkiG9w0B\n-----END KEY-----\n";
    private FakeManager _manager = null!;
    private FakeLogService _logs = null!;
    private DelegateProcess _delegate = null!;

    public async ValueTask InitializeAsync()
    {
        _manager = await FakeManager.StartAsync();
        _logs = await FakeLogService.StartAsync();
        _delegate = DelegateProcess.Start(_manager.Url, new() { ["LOG_STREAMING_SERVICE_URL"] = _logs.Address.ToString().TrimEnd('/') });
        await Eventually.TrueAsync("the stream is open", () => Task.FromResult(_manager.StreamIsOpen));
    }

    public async ValueTask DisposeAsync()
    {
        Assert.DoesNotContain("ERROR", _delegate.Output, StringComparison.Ordinal);
        foreach (var secret in new[] { Password, "MIIEvQIBADAN", "BgkqhkiG9w0B" })
        {
            Assert.DoesNotContain(secret, _delegate.Output, StringComparison.Ordinal);
            Assert.All(_logs.Requests, request => Assert.DoesNotContain(secret, request, StringComparison.Ordinal));
        }

        await _delegate.DisposeAsync();
        await _manager.DisposeAsync();
        await _logs.DisposeAsync();
    }

    [Fact]
    public async Task Lines_arrive_while_the_script_runs_and_are_kept_when_it_has_ended()
    {
        using var gate = new TemporaryDirectory();
        var task = await RunAsync("t1", $"echo one; while [ ! -e {gate.File("go")} ]; do sleep 0.02; done; echo two; printf three", "a-token");
        await Eventually.TrueAsync("the first line", () => Task.FromResult(_logs.Stream(KeyOf(task)) is ["one\n"]));
        File.WriteAllText(gate.File("go"), "");
        Assert.Equal("OK", (await task.ResponseAsync()).Code);
        Assert.Equal(["one\n", "two\n", "three"], await BlobAsync(task));
        Assert.Equal(["a-token"], _logs.Tokens.Distinct());
        Assert.Equal("one\ntwo\nthree", task.Output);
    }

    [Fact]
    public async Task Secrets_are_in_the_environment_and_nowhere_else()
    {
        using var gate = new TemporaryDirectory();
        var task = await RunAsync("t1", $$"""
            printf '%s\n' "a $PASSWORD z"
            printf '%s' "${PASSWORD:0:5}"; sleep 0.1; printf '%s\n' "${PASSWORD:5}"
            printf '%s' "$PRIVATE_KEY"
            [ "$PASSWORD" = "correct horse" ] && echo equal
            echo "MARK"
            while [ ! -e {{gate.File("go")}} ]; do sleep 0.02; done
            """, "a-token", ("PASSWORD", Password), ("PRIVATE_KEY", PrivateKey));
        await Eventually.TrueAsync("the last line", () => Task.FromResult(_logs.Stream(KeyOf(task)).Contains("MARK\n")));
        var spool = Assert.Single(Directory.GetFiles(_delegate.WorkFolder, "output", SearchOption.AllDirectories));
        var spooled = await File.ReadAllTextAsync(spool, TestContext.Current.CancellationToken);
        File.WriteAllText(gate.File("go"), "");
        Assert.Equal("OK", (await task.ResponseAsync()).Code);
        var mask = SecretPatterns.Mask;
        Assert.Equal($"a {mask} z\n{mask}\n{mask}\n  {mask}\n{mask}\n{mask}\nequal\nMARK\n", task.Output);
        Assert.Equal(task.Output, string.Concat(await BlobAsync(task)));
        Assert.Equal(task.Output, spooled);
    }

    [Fact]
    public async Task What_a_call_brings_back_is_without_secrets_too()
    {
        var task = _manager.Queue("t1", "HTTP_CALL", new { url = $"{_manager.Url}/api/{Password}/status", expectedStatus = 299 });
        task.Secrets["PASSWORD"] = Password;
        await _manager.PushAsync(FakeManager.Offer(DelegateTaskEvent.Task, "t1"));
        var response = await task.ResponseAsync();
        Assert.Equal("FAILED", response.Code);
        Assert.DoesNotContain(Password, JsonSerializer.Serialize(response.Data), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_that_cannot_be_read_is_not_risked()
    {
        var task = _manager.Queue("t1", "SHELL_SCRIPT", new { script = "echo ran" });
        task.Secrets[""] = Password;
        await _manager.PushAsync(FakeManager.Offer(DelegateTaskEvent.Task, "t1"));
        Assert.Contains("could not be kept out of the output", (await task.ResultAsync()).Error, StringComparison.Ordinal);
        Assert.Equal("", task.Output);
    }

    [Fact]
    public async Task Tasks_end_without_the_log_service_and_their_logs_come_when_it_is_back()
    {
        await _logs.StopListeningAsync();
        var first = await RunAsync("t1", "echo one", "a-token");
        Assert.Equal("OK", (await first.ResponseAsync()).Code);
        var second = await RunAsync("t2", "echo two", "a-token");
        Assert.Equal("OK", (await second.ResponseAsync()).Code);
        Assert.Equal("one\ntwo\n", first.Output + second.Output);
        await _delegate.WaitForOutputAsync("takes no output now");
        await _logs.StartListeningAsync();
        await Eventually.TrueAsync("both logs", () => Task.FromResult(_logs.Blob(KeyOf(first)) is ["one\n"] && _logs.Blob(KeyOf(second)) is ["two\n"]));
        await _delegate.WaitForOutputAsync("takes output again");
        Assert.Equal(2, _delegate.Output.Split("takes no output now").Length);
    }

    [Fact]
    public async Task Without_a_token_in_the_package_the_manager_is_asked_for_one()
    {
        var task = await RunAsync("t1", "echo one", "");
        Assert.Equal("OK", (await task.ResponseAsync()).Code);
        Assert.Equal(["one\n"], await BlobAsync(task));
        Assert.Equal(["fresh-token"], _logs.Tokens.Distinct());
    }

    private async Task<FakeTask> RunAsync(string id, string script, string token, params (string Name, string Value)[] secrets)
    {
        var task = _manager.Queue(id, "SHELL_SCRIPT", new { script });
        task.LogToken = token;
        foreach (var (name, value) in secrets)
            task.Secrets[name] = value;
        await _manager.PushAsync(FakeManager.Offer(DelegateTaskEvent.Task, id));
        return task;
    }

    /// <summary>The log that was kept: no task waits for the log service longer than a moment.</summary>
    private Task<IReadOnlyList<string>> BlobAsync(FakeTask task) => Eventually.GetAsync("the log", () => Task.FromResult(_logs.Blob(KeyOf(task))));

    private static string KeyOf(FakeTask task) => $"accountId:{FakeManager.Account}/taskId:{task.Id}";
}
