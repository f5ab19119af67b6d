using System.Net;
using System.Net.Http.Json;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Tasks;
using Gatehouse.Manager.Tests.Harness;
using Microsoft.Data.Sqlite;

namespace Gatehouse.Manager.Tests.Tasks;

public sealed class TaskSecretTests
{
    private const string Value = "very-secret-4711";

    [Fact]
    public async Task The_delegate_gets_them_and_nobody_else_and_they_are_gone_with_the_task()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var worker = await TestDelegate.RegisteredAsync(host, "acme", await host.CreateTokenAsync("acme"));
        var task = await host.RunAsync("acme", Request(new() { ["PASSWORD"] = Value }));
        using var acquired = await worker.AcquireAsync(task.Id);
        var secret = Assert.Single((await acquired.JsonAsync()).GetProperty("secrets").EnumerateArray());
        Assert.Equal(("PASSWORD", Value), (secret.GetProperty("name").GetString(), secret.GetProperty("value").GetString()));
        using var again = await worker.AcquireAsync(task.Id);
        Assert.Equal(1, (await again.JsonAsync()).GetProperty("secrets").GetArrayLength());
        Assert.Equal(1, await StoredAsync(host));

        using var answered = await worker.RespondAsync(task.Id, "OK", """{"exitCode":0}""");
        foreach (var path in new[] { "tasks", $"tasks/{task.Id}" })
            Assert.DoesNotContain(Value, await host.Operator.GetStringAsync(new Uri($"/api/v1/accounts/acme/{path}", UriKind.Relative), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.DoesNotContain(Value, await host.Operator.GetStringAsync(new Uri("/api/v1/audit", UriKind.Relative), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(0, await StoredAsync(host));
        foreach (var file in Directory.GetFiles(host.Data, "*", SearchOption.AllDirectories))
            Assert.False((await ReadAsync(file)).AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(Value)) >= 0, file);
    }

    [Fact]
    public async Task A_task_that_nobody_took_leaves_none()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        _ = await TestDelegate.RegisteredAsync(host, "acme", await host.CreateTokenAsync("acme"));
        var task = await host.RunAsync("acme", Request(new() { ["PASSWORD"] = Value }));
        using var aborted = await host.Operator.PostAsync(new Uri($"/api/v1/accounts/acme/tasks/{task.Id}/abort", UriKind.Relative), null, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, aborted.StatusCode);
        Assert.Equal(0, await StoredAsync(host));
    }

    [Theory]
    [InlineData("PASSWORD", "ab", "could not be masked")]
    [InlineData("PASSWORD", " a\n\n b\n", "could not be masked")]
    [InlineData("PASSWORD", "very-\0secret", "NUL")]
    [InlineData("PASS=WORD", "very-secret", "without '='")]
    [InlineData("GREETING", "very-secret", "both an environment variable and a secret")]
    public async Task What_could_leak_is_refused_in_a_sentence_without_it(string name, string value, string sentence)
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        using var response = await host.Operator.PostAsJsonAsync(
            new Uri("/api/v1/accounts/acme/tasks", UriKind.Relative), Request(new() { [name] = value }), ContractsJson.Default.RunTaskRequest, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var detail = (await response.JsonAsync()).GetProperty("detail").GetString();
        Assert.Contains(sentence, detail, StringComparison.Ordinal);
        Assert.DoesNotContain("secret\"", detail, StringComparison.Ordinal);
        Assert.DoesNotContain("very-", detail, StringComparison.Ordinal);
    }

    private static RunTaskRequest Request(Dictionary<string, string> secrets) =>
        new() { Shell = new ShellScriptTask("echo hello", new Dictionary<string, string> { ["GREETING"] = "hi" }), Secrets = secrets };

    /// <summary>Rows that still have secrets.</summary>
    private static async Task<long> StoredAsync(ManagerHost host)
    {
        await using var connection = new SqliteConnection($"Data Source={Directory.GetFiles(host.Data, "*.db", SearchOption.AllDirectories).Single()};Mode=ReadOnly");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "select count(*) from tasks where ProtectedSecrets is not null";
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task<byte[]> ReadAsync(string file)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var content = new MemoryStream();
        await stream.CopyToAsync(content);
        return content.ToArray();
    }
}
