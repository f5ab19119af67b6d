using System.Net;
using System.Net.Http.Json;
using System.Text;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Manager.Tests.Harness;

namespace Gatehouse.Manager.Tests.Tasks;

public sealed class TaskQueueTests
{
    [Fact]
    public async Task Without_a_connected_delegate_nothing_is_stored()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        using var response = await PostAsync(host, """{"shell":{"script":"true"}}""");
        await response.IsProblemAsync(HttpStatusCode.NotFound, "no_connected_delegate");
        Assert.Empty((await host.Operator.GetFromJsonAsync("/api/v1/accounts/acme/tasks", ContractsJson.Default.IReadOnlyListTaskView))!);
    }

    [Fact]
    public async Task A_selector_that_no_delegate_has_is_named()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        await TestDelegate.RegisteredAsync(host, "acme", await host.CreateTokenAsync("acme"), null, "worker", "linux");
        using var response = await PostAsync(host, """{"shell":{"script":"true"},"selectors":["Linux","gpu"]}""");
        var text = await response.IsProblemAsync(HttpStatusCode.NotFound, "no_eligible_delegate");
        Assert.Contains("'worker' lacks gpu.", text, StringComparison.Ordinal);
        using var type = await PostAsync(host, """{"type":"OTHER","data":{}}""");
        Assert.Contains("does not run OTHER", await type.IsProblemAsync(HttpStatusCode.NotFound, "no_eligible_delegate"), StringComparison.Ordinal);
        Assert.Empty((await host.Operator.GetFromJsonAsync("/api/v1/accounts/acme/tasks", ContractsJson.Default.IReadOnlyListTaskView))!);
    }

    [Theory]
    [InlineData("linux")]
    [InlineData(" LINUX ")]
    [InlineData("worker")]
    [InlineData("host-worker")]
    public async Task Tags_name_and_host_are_selectors(string selector)
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var token = await host.CreateTokenAsync("acme");
        var fits = await TestDelegate.RegisteredAsync(host, "acme", token, null, "worker", "Linux");
        var other = await TestDelegate.RegisteredAsync(host, "acme", token, null, "other");
        var task = await host.RunAsync("acme", TaskLifeTests.Shell(selector));
        Assert.Empty(await other.PollAsync());
        using var refused = await other.AcquireAsync(task.Id);
        await refused.IsProtocolErrorAsync(HttpStatusCode.NotFound, ProtocolErrorCode.ResourceNotFound);
        Assert.Single(await fits.PollAsync());
    }

    [Fact]
    public async Task A_delegate_that_comes_later_may_take_it()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var token = await host.CreateTokenAsync("acme");
        await TestDelegate.RegisteredAsync(host, "acme", token, null, "first");
        var task = await host.RunAsync("acme", TaskLifeTests.Shell());
        var later = await TestDelegate.RegisteredAsync(host, "acme", token, null, "later");
        using var acquired = await later.AcquireAsync(task.Id);
        Assert.Equal(HttpStatusCode.OK, acquired.StatusCode);
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"shell":{"script":"true"},"http":{"url":"https://x"}}""")]
    [InlineData("""{"shell":{"script":""}}""")]
    [InlineData("""{"shell":{"script":"true","environment":{"A=B":"c"}}}""")]
    [InlineData("""{"http":{"url":"ftp://x"}}""")]
    [InlineData("""{"type":"X"}""")]
    [InlineData("""{"type":"X","data":7}""")]
    [InlineData("""{"type":"X Y","data":{}}""")]
    [InlineData("""{"shell":{"script":"true"},"timeoutMs":0}""")]
    [InlineData("""{"shell":{"script":"true"},"timeoutMs":86400001}""")]
    [InlineData("""{"shell":{"script":"true"},"selectors":[""]}""")]
    public async Task A_request_is_checked(string body)
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        await TestDelegate.RegisteredAsync(host, "acme", await host.CreateTokenAsync("acme"));
        using var response = await PostAsync(host, body);
        await response.IsProblemAsync(HttpStatusCode.BadRequest, "invalid_task");
    }

    [Fact]
    public async Task Secrets_of_a_task_are_nowhere_in_the_clear()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var worker = await TestDelegate.RegisteredAsync(host, "acme", await host.CreateTokenAsync("acme"));
        var task = await host.RunAsync("acme", TaskLifeTests.Shell());
        using var acquired = await worker.AcquireAsync(task.Id);
        using var answered = await worker.RespondAsync(task.Id, "OK", """{"value":"s3cr3t-result"}""");
        foreach (var file in Directory.EnumerateFiles(host.Data, "gatehouse.db*"))
        {
            var text = await File.ReadAllTextAsync(file, Encoding.Latin1);
            Assert.DoesNotContain("s3cr3t", text, StringComparison.Ordinal);
            Assert.Contains(task.Id, text + await File.ReadAllTextAsync(Path.Combine(host.Data, "gatehouse.db-wal"), Encoding.Latin1), StringComparison.Ordinal);
        }
        Assert.DoesNotContain(host.Log.All, line => line.Contains("s3cr3t", StringComparison.Ordinal));
        var audit = await host.Operator.GetStringAsync(new Uri("/api/v1/audit", UriKind.Relative));
        Assert.DoesNotContain("echo hello", audit, StringComparison.Ordinal);
        Assert.Contains("task.run", audit, StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> PostAsync(ManagerHost host, string body) =>
        host.Operator.PostAsync(new Uri("/api/v1/accounts/acme/tasks", UriKind.Relative), new StringContent(body, Encoding.UTF8, "application/json"));
}
