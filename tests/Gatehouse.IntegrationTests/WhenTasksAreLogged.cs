using System.Text;
using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.Testing;

namespace Gatehouse.IntegrationTests;

/// <summary>A task's output on its way to the log service, through the gateway with the client certificate, while the server is killed and started again.</summary>
public sealed class WhenTasksAreLogged : IAsyncLifetime
{
    private const string Secret = "correct-horse-battery-staple";
    private const string KeyLine = "only-line-of-this-tests-key-4711";
    private GatehouseSystem _system = null!;
    private RunningProgram _delegate = null!;

    public async ValueTask InitializeAsync()
    {
        _system = await GatehouseSystem.StartAsync();
        var token = await _system.CreateAccountAsync("acc1");
        var ca = await _system.OpenSsl.CreateCaAsync("ca1");
        var client = await _system.OpenSsl.CreateClientAsync(ca, "client1");
        await _system.EnableMtlsAsync("acc1", "customer1", ca, MtlsMode.STRICT);
        _delegate = _system.StartDelegate("acc1", token, "worker", "customer1.agent.localhost", client, new Dictionary<string, string?> { ["DELEGATE_WORKING_DIR"] = Directory.CreateDirectory(_system.Directory.File("work")).FullName });
        await _system.ConnectedAsync("acc1", "worker", mtls: true);
    }

    public async ValueTask DisposeAsync() => await _system.DisposeAsync();

    [Fact]
    public async Task Each_line_is_there_once_although_the_server_is_killed_and_no_secret_is_anywhere()
    {
        var go = _system.Directory.File("go");
        var id = await RunAsync($$"""
            i=0
            while [ ! -e {{go}} ]; do i=$((i+1)); echo "line $i $PASSWORD"; sleep 0.05; done
            printf '%s' "${PASSWORD:0:9}"; sleep 0.05; printf '%s\n' "${PASSWORD:9}"
            echo "$KEY"
            printf 'last %s' "$i"
            """);
        await Eventually.TrueAsync("lines in the log", async () => (await LogAsync(id)).Contains("line 10 ", StringComparison.Ordinal));

        await _system.Server.KillAsync();
        await IsNowhereAsync(Secret);
        await _system.StartServerAsync();
        await Eventually.TrueAsync("lines after the restart", async () => (await LogAsync(id)).Split('\n').Length > 20);
        await File.WriteAllTextAsync(go, "", TestContext.Current.CancellationToken);
        var tail = await _system.CliAsync("logs", "tail", "--account", "acc1", "--task", id);
        var task = await Eventually.GetAsync("the task's end", async () =>
            await _system.GetAsync($"/api/v1/accounts/acc1/tasks/{id}", ContractsJson.Default.TaskView) is { IsFinished: true } finished ? finished : null);

        Assert.Equal("SUCCEEDED", task.Status);
        var log = await _system.MustAsync("logs", "get", "--account", "acc1", "--task", id);
        var count = int.Parse(log.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture);
        const string Mask = "**************";
        var expected = string.Concat(Enumerable.Range(1, count).Select(i => $"line {i} {Mask}\n")) + $"{Mask}\n-----BEGIN-----\n{Mask}\n-----END-----\n\nlast {count}";
        expected = expected.Replace("-----BEGIN-----", Mask, StringComparison.Ordinal).Replace("-----END-----", Mask, StringComparison.Ordinal);
        Assert.Equal(expected, log);
        Assert.Equal((0, expected), (tail.ExitCode, tail.Output));
        Assert.Equal(expected, await _system.Operator.GetStringAsync(new Uri($"/api/v1/accounts/acc1/tasks/{id}/output", UriKind.Relative), TestContext.Current.CancellationToken));

        var zipped = _system.Directory.File("logs.zip");
        await _system.MustAsync("logs", "download", "--account", "acc1", "--prefix", "accountId:acc1/taskId:", "--to", zipped);
        await using (var zip = await System.IO.Compression.ZipFile.OpenReadAsync(zipped, TestContext.Current.CancellationToken))
        {
            var entry = Assert.Single(zip.Entries);
            Assert.Equal($"accountId:acc1/taskId:{id}.log", entry.FullName);
            using var lines = new StreamReader(await entry.OpenAsync(TestContext.Current.CancellationToken));
            Assert.Equal(expected, string.Concat((await lines.ReadToEndAsync(TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("out").GetString())));
        }

        foreach (var secret in new[] { Secret, KeyLine })
        {
            await IsNowhereAsync(secret);
            Assert.DoesNotContain(secret, _system.Server.Output + _delegate.Output, StringComparison.Ordinal);
        }
        Assert.DoesNotContain("ERROR", _delegate.Output, StringComparison.Ordinal);

        // It goes with its account, and a new one of the same id does not see it.
        Assert.Equal(expected, await LogAsync(id));
        using var deleted = await _system.Operator.DeleteAsync(new Uri("/api/v1/accounts/acc1", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.NoContent, deleted.StatusCode);
        await _system.CreateAccountAsync("acc1");
        Assert.Equal("", await LogAsync(id));
    }

    /// <summary>Insists that no file of server and delegate holds the text, as grep sees it.</summary>
    private async Task IsNowhereAsync(string secret)
    {
        var found = await CommandLine.RunAsync("grep", ["--recursive", "--text", "--fixed-strings", "--files-with-matches", "--", secret, _system.Directory.Path], input: "");
        // Files come and go meanwhile.
        Assert.True(found.Output == "" && found.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).All(line => line.EndsWith("No such file or directory", StringComparison.Ordinal)), $"{secret} is in {found.All}");
    }

    /// <summary>The log's text so far; empty when there is none.</summary>
    private async Task<string> LogAsync(string id)
    {
        using var response = await _system.Operator.GetAsync(new Uri($"/api/v1/accounts/acc1/logs?key=accountId:acc1/taskId:{id}", UriKind.Relative));
        return !response.IsSuccessStatusCode ? "" : string.Concat((await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement.TryGetProperty("out", out var text) ? text.GetString() : ""));
    }

    private async Task<string> RunAsync(string script)
    {
        var request = new RunTaskRequest
        {
            Shell = new(script),
            Secrets = new Dictionary<string, string> { ["PASSWORD"] = Secret, ["KEY"] = $"-----BEGIN-----\n{KeyLine}\n-----END-----\n" },
        };
        using var content = new StringContent(JsonSerializer.Serialize(request, ContractsJson.Default.RunTaskRequest), Encoding.UTF8, "application/json");
        using var response = await _system.Operator.PostAsync(new Uri("/api/v1/accounts/acc1/tasks", UriKind.Relative), content);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonSerializer.Deserialize(text, ContractsJson.Default.TaskView)!.Id;
    }
}
