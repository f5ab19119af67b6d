namespace Gatehouse.Gateway.Tests.Forwarding;

/// <summary>What our own forwarder does besides.</summary>
public sealed class WhenServicesAnswerOurOwnForwarder(RecipePki pki) : WhenServicesAnswer(pki, own: true)
{
    private readonly RecipePki _pki = pki;

    // YARP's client wants to have sent all of the body first.
    [Fact]
    public async Task A_service_that_has_heard_enough_answers_before_the_body_is_over()
    {
        await using var service = RawService.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nno!");
            await connection.EndAsync();
        });
        await using var listener = await StartAsync(service);
        await using var client = await AgentClient.ConnectAsync(listener, _pki.Client);
        await client.SendAsync("POST /log-service/x HTTP/1.1\r\nHost: customer1.agent.test\r\nContent-Length: 1000000\r\n\r\nthe beginning");
        var head = await client.ReadHeadAsync();
        Assert.StartsWith("HTTP/1.1 413 ", head, StringComparison.Ordinal);
        Assert.Equal("no!", await client.ReadAsync(3));
    }

    /// <summary>The kernel keeps a part of it back for 200 ms at most, so a machine that is held up may make more of it, but not each time.</summary>
    [Theory]
    [InlineData("GET", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")]
    [InlineData("GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("GET", "HTTP/1.1 204 No Content\r\n\r\n")]
    [InlineData("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")]
    public async Task The_last_answer_and_the_end_are_one_packet(string method, string answer)
    {
        await using var service = RawService.Answering(answer);
        await using var listener = await StartAsync(service);
        var packets = new List<uint>();
        for (var i = 0; i < 20 && !packets.Contains(1); i++)
        {
            await using var client = await AgentClient.ConnectAsync(listener, _pki.Client);
            var before = client.PacketsReceived;
            await client.SendAsync($"{method} /log-service/x HTTP/1.1\r\nHost: customer1.agent.test\r\nConnection: close\r\n\r\n");
            var (text, inOrder) = await client.ReadToEndAsync();
            Assert.StartsWith("HTTP/1.1 20", text, StringComparison.Ordinal);
            Assert.Equal(method == "GET" && answer.Contains("hello", StringComparison.Ordinal), text.Contains("hello", StringComparison.Ordinal));
            Assert.True(inOrder);
            packets.Add(client.PacketsReceived - before);
        }
        Assert.Contains(1u, packets);
    }

    [Fact]
    public async Task Nothing_of_a_stream_waits_for_the_end_that_comes_after_it()
    {
        var read = new TaskCompletionSource();
        await using var service = RawService.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
            await read.Task.WaitAsync(RawService.Limit);
            await connection.SendAsync("4\r\nlast\r\n0\r\n\r\n");
        });
        await using var listener = await StartAsync(service);
        await using var client = await AgentClient.ConnectAsync(listener, _pki.Client);
        await client.GetAsync(headers: "Connection: close\r\n");
        await client.ReadToAsync("first");
        read.SetResult();
        Assert.Contains("last", (await client.ReadToEndAsync()).Text, StringComparison.Ordinal);
        Assert.Empty(service.Failures);
    }

    /// <summary>What is behind the last request is nobody's, and the answer must not be lost to a reset for it.</summary>
    [Fact]
    public async Task An_answer_that_is_the_last_arrives_whole_whatever_is_sent_behind_its_request_and_however_slowly_it_is_read()
    {
        const int Bytes = 3_000_000;
        await using var service = RawService.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {Bytes}\r\n\r\n" + new string('x', Bytes));
        });
        await using var listener = await StartAsync(service);
        await using var client = await AgentClient.ConnectAsync(listener, _pki.Client);
        await client.SendAsync("GET /log-service/x HTTP/1.1\r\nHost: customer1.agent.test\r\nConnection: close\r\n\r\nGET /log-service/y HTTP/1.1\r\n\0" + new string('z', 20_000));
        await client.ReadHeadAsync();
        var (text, _) = await client.ReadToEndAsync();
        Assert.Equal(Bytes, text.Length);
        Assert.Equal(1, service.Accepted);
    }
}
