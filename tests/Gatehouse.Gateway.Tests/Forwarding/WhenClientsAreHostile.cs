using Gatehouse.Contracts;

namespace Gatehouse.Gateway.Tests.Forwarding;

/// <summary>What a client sends to make a service do, or tell, what the gateway never saw. Our own forwarder.</summary>
public sealed class WhenClientsAreHostile(RecipePki pki)
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    [Theory]
    [InlineData("/%61/b", "/a/b")]
    [InlineData("/%2561/b", "/%2561/b")]
    [InlineData("/%252e%252e/b", "/%252e%252e/b")]
    [InlineData("/100%25", "/100%25")]
    [InlineData("/%25%61", "/%25a")]
    [InlineData("/%25%32%35", "/%2525")]
    [InlineData("/a%2fb", "/a%2fb")]
    [InlineData("/%252Fb", "/%252Fb")]
    [InlineData("/b?c=%2561%2f", "/b?c=%2561%2f")]
    public async Task A_path_is_decoded_once_and_not_again_by_the_service(string sent, string received)
    {
        var line = "";
        await using var service = RawService.Start(async connection =>
        {
            while (await connection.ReadHeadAsync() is { Length: > 0 } head)
            {
                line = head[..head.IndexOf("\r\n", StringComparison.Ordinal)];
                await connection.SendAsync(Ok);
            }
        });
        await using var listener = await ForwardingListener.StartAsync(service.Address, pki.Ca);
        await using var client = await AgentClient.ConnectAsync(listener, pki.Client);
        await client.GetAsync(sent);
        Assert.StartsWith("HTTP/1.1 200", await client.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.Equal($"GET {received} HTTP/1.1", line);
    }

    [Theory]
    [InlineData("/%2F%2561")]
    [InlineData("/%252F%2f")]
    public async Task A_path_that_two_readers_could_take_for_different_ones_is_refused(string sent)
    {
        await using var service = RawService.Answering(Ok);
        await using var listener = await ForwardingListener.StartAsync(service.Address, pki.Ca);
        await using var client = await AgentClient.ConnectAsync(listener, pki.Client);
        await client.GetAsync(sent);
        Assert.StartsWith("HTTP/1.1 400", await client.ReadHeadAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TRACE", true)]
    [InlineData("TRACK", true)]
    [InlineData("TRACE", false)]
    public async Task Nobody_is_shown_what_the_gateway_tells_the_service(string method, bool own)
    {
        await using var service = RawService.Answering(Ok);
        await using var listener = await ForwardingListener.StartAsync(service.Address, pki.Ca, own);
        await using var client = await AgentClient.ConnectAsync(listener, pki.Client);
        await client.SendAsync($"{method} /log-service/x HTTP/1.1\r\nHost: customer1.agent.test\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 405", await client.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.Equal(0, service.Accepted);
    }

    [Theory]
    [InlineData("HTTP/1.1 204 No Content\r\nContent-Length: 40\r\n\r\n")]
    [InlineData("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("HTTP/1.1 205 Reset Content\r\n\r\n")]
    public async Task A_body_that_may_still_come_is_not_the_next_requests_answer(string answer)
    {
        await using var service = RawService.Answering(answer);
        await using var listener = await ForwardingListener.StartAsync(service.Address, pki.Ca);
        await using var client = await AgentClient.ConnectAsync(listener, pki.Client);
        for (var i = 0; i < 2; i++)
        {
            await client.GetAsync();
            Assert.StartsWith(answer[..12], await client.ReadHeadAsync(), StringComparison.Ordinal);
        }
        Assert.Equal(2, service.Accepted);
    }

    [Fact]
    public async Task One_account_cannot_take_all_connections_to_a_service()
    {
        const int share = 16;
        var hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var service = RawService.Start(async connection =>
        {
            while (await connection.ReadHeadAsync() is { Length: > 0 } head)
            {
                if (head.Contains("/slow", StringComparison.Ordinal))
                    await hold.Task.WaitAsync(RawService.Limit);
                await connection.SendAsync(Ok);
            }
        });
        await using var listener = await ForwardingListener.StartAsync(service.Address, pki.Ca, maxConnections: 4 * share);
        await listener.SetAsync("acc2", "customer2", MtlsMode.LOOSE, pki.Ca.CertificatePem);
        var clients = new List<AgentClient>();
        try
        {
            for (var i = 0; i < share; i++)
            {
                clients.Add(await AgentClient.ConnectAsync(listener, pki.Client));
                await clients[i].GetAsync("/slow");
            }
            await Testing.Eventually.TrueAsync("all are at the service", () => Task.FromResult(service.Accepted == share));
            await using var more = await AgentClient.ConnectAsync(listener, pki.Client);
            await more.GetAsync();
            Assert.StartsWith("HTTP/1.1 503", await more.ReadHeadAsync(), StringComparison.Ordinal);
            Assert.Equal(200, (await listener.Curl.GetAsync("customer2.agent.test", "/log-service/x", pki.Client)).Status);
            hold.SetResult();
            foreach (var client in clients)
                Assert.StartsWith("HTTP/1.1 200", await client.ReadHeadAsync(), StringComparison.Ordinal);
            await using var last = await AgentClient.ConnectAsync(listener, pki.Client);
            await last.GetAsync();
            Assert.StartsWith("HTTP/1.1 200", await last.ReadHeadAsync(), StringComparison.Ordinal);
        }
        finally
        {
            foreach (var client in clients)
                await client.DisposeAsync();
        }
    }
}
