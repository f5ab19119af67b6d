using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Manager.Tests.Harness;
using Gatehouse.Manager.Tests.Tasks;

namespace Gatehouse.Manager.Tests.Delegates;

public sealed class StreamTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Tasks_and_aborts_come_at_once_compact_with_eventType_first(bool credentialInQuery)
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var worker = await TestDelegate.RegisteredAsync(host, "acme", await host.CreateTokenAsync("acme"));
        using var stream = await worker.OpenStreamAsync(credentialInQuery);
        await stream.SendAsync(worker.HeartbeatFrame());
        Assert.StartsWith("""{"eventType":"DelegateHeartbeatResponseStreaming",""", await stream.NextAsync(), StringComparison.Ordinal);
        Assert.True((await host.DelegatesAsync("acme"))[0].StreamOpen);

        var task = await host.RunAsync("acme", TaskLifeTests.Shell());
        Assert.Equal($$"""{"eventType":"DelegateTaskEvent","accountId":"acme","delegateTaskId":"{{task.Id}}","sync":false,"taskType":"SHELL_SCRIPT"}""", await stream.NextAsync());
        using var acquired = await worker.AcquireAsync(task.Id);
        using var abort = await host.Operator.PostAsync(new Uri($"/api/v1/accounts/acme/tasks/{task.Id}/abort", UriKind.Relative), null);
        Assert.StartsWith($$"""{"eventType":"DelegateTaskAbortEvent","accountId":"acme","delegateTaskId":"{{task.Id}}",""", await stream.NextAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(host.Log.All, line => line.Contains(worker.Credential.Split('.')[0], StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_task_that_waits_is_told_to_the_delegate_that_connects()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var worker = await TestDelegate.RegisteredAsync(host, "acme", await host.CreateTokenAsync("acme"));
        var task = await host.RunAsync("acme", TaskLifeTests.Shell());
        using var stream = await worker.OpenStreamAsync();
        Assert.Contains(task.Id, await stream.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_delegate_is_told_first_and_the_others_while_nobody_takes_it()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var token = await host.CreateTokenAsync("acme");
        var busy = await TestDelegate.RegisteredAsync(host, "acme", token, null, "busy");
        using var busyStream = await ReadyStreamAsync(busy);
        var first = await host.RunAsync("acme", TaskLifeTests.Shell());
        await busyStream.NextAsync();
        using var acquired = await busy.AcquireAsync(first.Id);
        var idle = await TestDelegate.RegisteredAsync(host, "acme", token, null, "idle");
        using var idleStream = await ReadyStreamAsync(idle);

        var task = await host.RunAsync("acme", TaskLifeTests.Shell());
        Assert.Contains(task.Id, await idleStream.NextAsync(), StringComparison.Ordinal); // It has the least to do.
        host.Time.Advance(Limits.RebroadcastInterval);
        await host.RunJobsAsync();
        Assert.Contains(task.Id, await busyStream.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_trust_is_taken_back_the_stream_says_why_and_closes()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        await host.EnableMtlsAsync("acme", "customer1");
        using var origin = FakeOrigin.PlainAt("acme", "customer1.agent.localhost");
        var worker = await TestDelegate.RegisteredAsync(host, "acme", await host.CreateTokenAsync("acme"), origin);
        using var stream = await ReadyStreamAsync(worker);
        origin.Revoke(new Refusal(RefusalCode.ClientCertificateRequired, "The endpoint is STRICT.", "Give it a certificate."));
        var last = Assert.Single(await stream.RestAsync());
        Assert.Equal("INVALID_AGENT_MTLS_AUTHORITY", JsonDocument.Parse(last).RootElement.GetProperty("code").GetString());
        Assert.Contains("client_certificate_required", last, StringComparison.Ordinal);
        Assert.Equal((WebSocketCloseStatus.PolicyViolation, "client_certificate_required"), (stream.CloseStatus, stream.CloseReason));
    }

    [Fact]
    public async Task Every_frame_is_judged_by_the_mode_of_now()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        await host.EnableMtlsAsync("acme", "customer1");
        var worker = await TestDelegate.RegisteredAsync(host, "acme", await host.CreateTokenAsync("acme"));
        using var stream = await ReadyStreamAsync(worker);
        using var strict = await host.SetModeAsync("acme", "STRICT");
        await stream.SendAsync(worker.HeartbeatFrame());
        await stream.RestAsync();
        Assert.Equal("mtls_required", stream.CloseReason);
        Assert.False((await host.DelegatesAsync("acme"))[0].Connected);
    }

    [Theory]
    [InlineData("no token", "INVALID_REQUEST")]
    [InlineData("garbage", "INVALID_TOKEN")]
    [InlineData("not json", "INVALID_REQUEST")]
    [InlineData("another delegate", "INVALID_REQUEST")]
    [InlineData("huge", "a frame has more than 65536 bytes")]
    public async Task A_bad_frame_ends_the_stream(string kind, string reason)
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var worker = await TestDelegate.RegisteredAsync(host, "acme", await host.CreateTokenAsync("acme"));
        using var stream = await ReadyStreamAsync(worker);
        await stream.SendAsync(kind switch
        {
            "no token" => worker.HeartbeatFrame(null),
            "garbage" => worker.HeartbeatFrame("garbage"),
            "not json" => "hello"u8.ToArray(),
            "huge" => new byte[100_000],
            _ => Encoding.UTF8.GetBytes($$"""{"delegateId":"other","token":"{{worker.Credential}}"}"""),
        });
        await stream.RestAsync();
        Assert.Equal(reason, stream.CloseReason);
    }

    [Fact]
    public async Task A_newer_stream_replaces_the_older()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var worker = await TestDelegate.RegisteredAsync(host, "acme", await host.CreateTokenAsync("acme"));
        using var older = await ReadyStreamAsync(worker);
        using var newer = await ReadyStreamAsync(worker);
        await older.RestAsync();
        Assert.Equal("replaced by a newer stream", older.CloseReason);
        var task = await host.RunAsync("acme", TaskLifeTests.Shell());
        Assert.Contains(task.Id, await newer.NextAsync(), StringComparison.Ordinal);
        Assert.True((await host.DelegatesAsync("acme"))[0].StreamOpen);
    }

    [Fact]
    public async Task The_handshake_is_refused_like_any_request()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var worker = await TestDelegate.RegisteredAsync(host, "acme", await host.CreateTokenAsync("acme"));
        using var plain = await worker.SendAsync(HttpMethod.Get, "/stream/delegate/acme");
        await plain.IsProtocolErrorAsync(HttpStatusCode.BadRequest, ProtocolErrorCode.InvalidRequest);
        await host.EnableMtlsAsync("acme", "customer1", "STRICT");
        var e = await Assert.ThrowsAsync<WebSocketException>(() => worker.OpenStreamAsync());
        Assert.Contains("401", e.Message, StringComparison.Ordinal);
    }

    private static async Task<TestStream> ReadyStreamAsync(TestDelegate worker)
    {
        var stream = await worker.OpenStreamAsync();
        await stream.SendAsync(worker.HeartbeatFrame());
        Assert.Contains("HeartbeatResponse", await stream.NextAsync(), StringComparison.Ordinal);
        return stream;
    }
}
