using System.Net.WebSockets;
using System.Text;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Microsoft.AspNetCore.Http;

namespace Gatehouse.Client.Tests;

public sealed class DelegateClientTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_carry_what_the_protocol_wants()
    {
        var seen = "";
        string[] headers = [];
        await using var server = await TestServer.StartAsync(context =>
        {
            seen = context.Request.Path + context.Request.QueryString;
            headers = [.. new[] { "Authorization", "accountId", "delegateId", "User-Agent", "Content-Length" }.Select(name => context.Request.Headers[name].ToString())];
            return context.Response.WriteAsJsonAsync(new { resource = new { delegateId = "d1" } }, Cancel);
        });
        using var client = Client(server);
        var answer = await client.RegisterAsync(new DelegateParams { HostName = "box" }, Cancel);
        Assert.Equal("d1", answer.DelegateId);
        Assert.Equal("/api/agent/delegates/register?accountId=acme", seen);
        Assert.StartsWith("Delegate ey", headers[0], StringComparison.Ordinal);
        Assert.Equal(["acme", "Unregistered", "delegate/9.9"], headers[1..4]);
        Assert.NotEqual("", headers[4]);
    }

    [Theory]
    [InlineData(404, "")]
    [InlineData(409, """{"responseMessages":[]}""")]
    [InlineData(200, "{}")]
    [InlineData(204, "")]
    public async Task A_task_that_is_not_to_be_had_is_nothing(int status, string body)
    {
        await using var server = await TestServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return body.Length == 0 ? Task.CompletedTask : context.Response.WriteAsync(body, Cancel);
        });
        using var client = Client(server);
        Assert.Null(await client.AcquireAsync("d", "t", "i", Cancel));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(403)]
    public async Task One_that_may_be_had_later_is_thrown(int status)
    {
        await using var server = await TestServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        using var client = Client(server);
        await Assert.ThrowsAsync<RequestRefusedException>(() => client.AcquireAsync("d", "t", "i", Cancel));
    }

    [Fact]
    public async Task A_refused_stream_says_why()
    {
        var refusal = new Refusal(RefusalCode.MtlsRequired, "A certificate is needed.", "Get one.");
        await using var server = await TestServer.StartAsync(context =>
        {
            context.Response.StatusCode = 403;
            return context.Response.WriteAsJsonAsync(RefusalBody.Of(refusal), ContractsJson.Default.RefusalBody, cancellationToken: Cancel);
        });
        using var client = Client(server);
        var refused = await Assert.ThrowsAsync<RequestRefusedException>(() => client.OpenStreamAsync("d", "c", Cancel));
        Assert.Equal(("mtls_required", "A certificate is needed.", "Get one."), (refused.Code, refused.Message, refused.NextStep));
    }

    [Fact]
    public async Task An_answer_that_is_no_upgrade_is_no_stream()
    {
        await using var server = await TestServer.StartAsync(context => context.Response.WriteAsync("hello", Cancel));
        using var client = Client(server);
        await Assert.ThrowsAsync<ConnectionFailedException>(() => client.OpenStreamAsync("d", "c", Cancel));
    }

    [Fact]
    public async Task Frames_come_whole_and_the_closing_has_its_reason()
    {
        var frame = new string('x', 20_000) + "ü";
        await using var server = await TestServer.StartAsync(async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var bytes = Encoding.UTF8.GetBytes(frame);
            await socket.SendAsync(bytes.AsMemory(0, 7), WebSocketMessageType.Text, endOfMessage: false, Cancel);
            await socket.SendAsync(bytes.AsMemory(7), WebSocketMessageType.Text, endOfMessage: true, Cancel);
            await socket.CloseOutputAsync(WebSocketCloseStatus.PolicyViolation, "mtls_required", Cancel);
            await socket.ReceiveAsync(new byte[100], Cancel);
        });
        using var client = Client(server);
        await using var stream = await client.OpenStreamAsync("d", "c", Cancel);
        Assert.Equal(frame, await stream.ReceiveAsync(Cancel));
        Assert.Null(await stream.ReceiveAsync(Cancel));
        Assert.Equal("mtls_required", stream.CloseReason);
    }

    [Fact]
    public async Task A_frame_beyond_the_bound_breaks_the_stream()
    {
        await using var server = await TestServer.StartAsync(async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            await socket.SendAsync(new byte[2 * 1024 * 1024], WebSocketMessageType.Text, endOfMessage: true, Cancel);
        });
        using var client = Client(server);
        await using var stream = await client.OpenStreamAsync("d", "c", Cancel);
        await Assert.ThrowsAsync<ConnectionFailedException>(() => stream.ReceiveAsync(Cancel));
    }

    [Fact]
    public async Task An_answer_beyond_the_bound_is_not_read()
    {
        await using var server = await TestServer.StartAsync(async context =>
        {
            var chunk = new byte[1024 * 1024];
            for (var i = 0; i < 20; i++)
                await context.Response.Body.WriteAsync(chunk, Cancel);
        });
        using var client = Client(server);
        var failure = await Assert.ThrowsAsync<ConnectionFailedException>(() => client.TaskEventsAsync("d", Cancel));
        Assert.Equal(ConnectionFaultKind.Interrupted, failure.Kind);
    }

    [Fact]
    public async Task The_managers_clock_is_taken_over()
    {
        await using var server = await TestServer.StartAsync(context =>
        {
            context.Response.Headers.Date = TimeProvider.System.GetUtcNow().AddHours(1).ToString("R");
            context.Response.StatusCode = 401;
            return Task.CompletedTask;
        });
        using var client = Client(server);
        await Assert.ThrowsAsync<RequestRefusedException>(() => client.TaskEventsAsync("d", Cancel));
        Assert.InRange(client.ManagerClockAhead.TotalMinutes, 59, 61);
    }

    private static DelegateClient Client(TestServer server)
    {
        Assert.True(DelegateToken.TryParse("00112233445566778899aabbccddeeff", out var token));
        Assert.True(ManagerAddress.TryParse(server.Address.AbsoluteUri, out var manager, out _));
        return new DelegateClient(new AgentHttp(new AgentHttpOptions()), manager, new DelegateCredential(token, "acme", "box", "x", TimeProvider.System), "acme", "9.9", TimeProvider.System);
    }
}
