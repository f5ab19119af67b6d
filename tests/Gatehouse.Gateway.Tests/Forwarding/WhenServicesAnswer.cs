using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Gatehouse.Contracts;

namespace Gatehouse.Gateway.Tests.Forwarding;

/// <summary>HTTP/1.1 through the gateway, byte for byte at both ends. The two forwarders differ in cost, never in what arrives.</summary>
public abstract class WhenServicesAnswer(RecipePki pki, bool own)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_what_is_for_the_service_reaches_it_and_the_gateways_word_comes_last()
    {
        string? seen = null;
        await using var service = RawService.Start(async connection =>
        {
            seen = await connection.ReadHeadAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        });
        await using var listener = await StartAsync(service);
        await using var client = await AgentClient.ConnectAsync(listener, pki.Client);
        await client.SendAsync("GET /log-service/a%20b/%c3%a4?q=%2F&accountID=acc1 HTTP/1.1\r\nHost: Customer1.agent.test:8443\r\n"
            + "agent-mtls-authority: evil\r\nAgent_Mtls_Authority: evil\r\nX-Forwarded-For: 6.6.6.6\r\ngatehouse-cluster-credential: evil\r\nClient-Cert: :AAAA:\r\n"
            + "X-Private: 1\r\nKeep-Alive: timeout=5\r\nTE: trailers\r\nProxy-Authorization: Basic x\r\n"
            + "Connection: X-Private, agent-mtls-authority, gatehouse-cluster-credential, client-cert\r\nX-Public: 1\r\nCookie: a=1; b=2\r\nX-Utf8: \u00c3\u00a4\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", await client.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.Equal("ok", await client.ReadAsync(2));

        Assert.StartsWith("GET /a%20b/%C3%A4?q=%2F&accountID=acc1 HTTP/1.1\r\n", seen, StringComparison.Ordinal);
        Assert.Contains("\r\nHost: Customer1.agent.test:8443\r\n", seen, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(["customer1.agent.test"], Values(seen!, "agent-mtls-authority"));
        Assert.Equal([ForwardingListener.Secret], Values(seen!, "gatehouse-cluster-credential"));
        Assert.Equal(["127.0.0.1"], Values(seen!, "x-forwarded-for"));
        Assert.Equal(["https"], Values(seen!, "x-forwarded-proto"));
        Assert.Single(Values(seen!, "client-cert"), value => value.Length > 100);
        Assert.Equal(["1"], Values(seen!, "x-public"));
        Assert.Equal(["a=1; b=2"], Values(seen!, "cookie"));
        Assert.Equal(["\u00c3\u00a4"], Values(seen!, "x-utf8"));
        foreach (var gone in (string[])["x-private", "keep-alive", "te", "proxy-authorization", "agent_mtls_authority", "upgrade", "transfer-encoding", "content-length"])
            Assert.Empty(Values(seen!, gone));
        Assert.DoesNotContain("evil", seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello")]
    [InlineData("GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nX-Trailer: 1\r\n\r\n", "hello")]
    [InlineData("GET", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello")]
    [InlineData("GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "")]
    [InlineData("GET", "HTTP/1.1 204 No Content\r\n\r\n", "")]
    [InlineData("GET", "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\nContent-Length: 5\r\n\r\n", "")]
    [InlineData("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "")]
    [InlineData("HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "")]
    public async Task Answers_of_every_shape_arrive_and_both_connections_stay(string method, string answer, string body)
    {
        await using var service = RawService.Answering(answer);
        await using var listener = await StartAsync(service);
        await using var client = await AgentClient.ConnectAsync(listener, pki.Client);
        for (var i = 0; i < 3; i++)
        {
            await client.SendAsync($"{method} /log-service/x HTTP/1.1\r\nHost: customer1.agent.test\r\n\r\n");
            var head = await client.ReadHeadAsync();
            Assert.StartsWith(answer.Split("\r\n\r\n").First(h => h.StartsWith("HTTP/1.1 2", StringComparison.Ordinal) || h.StartsWith("HTTP/1.1 3", StringComparison.Ordinal)).Split("\r\n")[0], head, StringComparison.Ordinal);
            Assert.Equal(body, await ReadBodyAsync(client, head, method));
        }
        Assert.Equal(1, service.Accepted);
        Assert.Empty(service.Failures);
    }

    [Theory]
    [InlineData("HTTP/1.0 200 OK\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello")]
    public async Task A_service_that_closes_after_its_answer_costs_the_client_nothing(string answer)
    {
        await using var service = RawService.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync(answer);
        });
        await using var listener = await StartAsync(service);
        await using var client = await AgentClient.ConnectAsync(listener, pki.Client);
        for (var i = 0; i < 3; i++)
        {
            await client.GetAsync();
            var head = await client.ReadHeadAsync();
            Assert.Equal("hello", await ReadBodyAsync(client, head));
        }
        Assert.Equal(3, service.Accepted);
    }

    [Theory]
    [InlineData("Content-Length: 11\r\n\r\nhello world", "Content-Length: 11", "hello world")]
    [InlineData("Content-Length: 0\r\n\r\n", "Content-Length: 0", "")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\nX-Trailer: 1\r\n\r\n", "Transfer-Encoding: chunked", "hello world")]
    public async Task Bodies_of_requests_arrive_with_one_framing(string request, string framing, string body)
    {
        var seen = new List<(string Head, string Body)>();
        await using var service = RawService.Start(async connection =>
        {
            while (await connection.ReadHeadAsync() is { Length: > 0 } head)
            {
                seen.Add((head, await ReadBodyAsync(connection, head)));
                await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            }
        });
        await using var listener = await StartAsync(service);
        await using var client = await AgentClient.ConnectAsync(listener, pki.Client);
        for (var i = 0; i < 2; i++)
        {
            await client.SendAsync($"POST /log-service/x HTTP/1.1\r\nHost: customer1.agent.test\r\n{request}");
            Assert.Equal("ok", await ReadBodyAsync(client, await client.ReadHeadAsync()));
        }
        Assert.Equal(2, seen.Count);
        Assert.All(seen, s =>
        {
            Assert.Contains($"\r\n{framing}\r\n", s.Head, StringComparison.OrdinalIgnoreCase);
            Assert.Single(Values(s.Head, "content-length").Concat(Values(s.Head, "transfer-encoding")));
            Assert.Equal(body, s.Body);
        });
        Assert.Empty(service.Failures);
    }

    [Fact]
    public async Task Events_come_when_they_are_sent()
    {
        var next = new SemaphoreSlim(0);
        await using var service = RawService.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (var i = 0; i < 3; i++)
            {
                Assert.True(await next.WaitAsync(RawService.Limit));
                await connection.SendAsync($"9\r\ndata: {i}\n\n\r\n");
            }
            await connection.SendAsync("0\r\n\r\n");
        });
        await using var listener = await StartAsync(service);
        await using var client = await AgentClient.ConnectAsync(listener, pki.Client);
        await client.GetAsync();
        // Ours sends the head before there is an event.
        if (own)
            Assert.Contains("text/event-stream", await client.ReadHeadAsync(), StringComparison.Ordinal);
        for (var i = 0; i < 3; i++)
        {
            next.Release();
            Assert.EndsWith($"data: {i}\n\n", await client.ReadToAsync("\n\n"), StringComparison.Ordinal);
        }
        await client.ReadToAsync("0\r\n\r\n");
        Assert.Empty(service.Failures);
    }

    [Fact]
    public async Task A_client_that_waits_for_100_sends_its_body_when_the_service_wants_it()
    {
        await using var service = RawService.Start(async connection =>
        {
            var head = await connection.ReadHeadAsync();
            Assert.Equal(["100-continue"], Values(head, "expect"));
            await connection.SendAsync("HTTP/1.1 100 Continue\r\n\r\n");
            Assert.Equal("hello", await connection.ReadAsync(5));
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        });
        await using var listener = await StartAsync(service);
        await using var client = await AgentClient.ConnectAsync(listener, pki.Client);
        await client.SendAsync("PUT /log-service/x HTTP/1.1\r\nHost: customer1.agent.test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 100 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        await client.SendAsync("hello");
        Assert.StartsWith("HTTP/1.1 200 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.Empty(service.Failures);
    }

    [Fact]
    public async Task Large_bodies_arrive_whole_both_ways_and_other_clients_do_not_wait()
    {
        const int Size = 24 * 1024 * 1024;
        var body = RandomNumberGenerator.GetBytes(Size);
        var hash = "";
        await using var service = RawService.Start(async connection =>
        {
            while (await connection.ReadHeadAsync() is { Length: > 0 } head)
            {
                if (head.StartsWith("GET", StringComparison.Ordinal))
                {
                    await connection.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {Size}\r\n\r\n");
                    await connection.SendAsync(body);
                    continue;
                }
                hash = Convert.ToHexString(SHA256.HashData(Encoding.Latin1.GetBytes(await ReadBodyAsync(connection, head))));
                await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            }
        });
        await using var listener = await StartAsync(service);
        await using var client = await AgentClient.ConnectAsync(listener, pki.Client);
        await client.GetAsync();
        await client.ReadHeadAsync();
        Assert.Equal(Convert.ToHexString(SHA256.HashData(body)), Convert.ToHexString(SHA256.HashData(Encoding.Latin1.GetBytes(await client.ReadAsync(Size)))));

        await client.SendAsync($"POST /log-service/x HTTP/1.1\r\nHost: customer1.agent.test\r\nContent-Length: {Size}\r\n\r\n");
        await client.SendAsync(body);
        await client.ReadHeadAsync();
        Assert.Equal("ok", await client.ReadAsync(2));
        Assert.Equal(Convert.ToHexString(SHA256.HashData(body)), hash);
        Assert.Empty(service.Failures);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", false)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", true)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", false)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nhello", true)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", false)]
    public async Task An_answer_that_breaks_off_never_looks_whole(string answer, bool reset)
    {
        await using var service = RawService.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync(answer);
            if (reset)
                connection.Reset();
        });
        await using var listener = await StartAsync(service);
        await using var client = await AgentClient.ConnectAsync(listener, pki.Client);
        await client.GetAsync();
        var (text, inOrder) = await client.ReadToEndAsync();
        Assert.False(inOrder && text.Contains("hello", StringComparison.Ordinal) && !IsCutShort(text), text);
        Assert.DoesNotContain("\r\n0\r\n\r\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_goes_takes_its_request_with_it()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var service = RawService.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            begun.TrySetResult();
            await connection.EndAsync();
            ended.TrySetResult();
        });
        await using var listener = await StartAsync(service);
        var client = await AgentClient.ConnectAsync(listener, pki.Client);
        await client.GetAsync();
        await begun.Task.WaitAsync(RawService.Limit, Cancel);
        client.Reset();
        await ended.Task.WaitAsync(RawService.Limit, Cancel);
    }

    [Fact]
    public async Task A_client_that_goes_in_the_middle_of_its_body_never_leaves_a_whole_one_behind()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var service = RawService.Start(async connection =>
        {
            var head = await connection.ReadHeadAsync();
            begun.TrySetResult();
            try
            {
                seen.TrySetResult(await ReadBodyAsync(connection, head));
            }
            catch (Exception e)
            {
                seen.TrySetResult($"broken: {e.GetType().Name}");
            }
        });
        await using var listener = await StartAsync(service);
        var client = await AgentClient.ConnectAsync(listener, pki.Client);
        await client.SendAsync("POST /log-service/x HTTP/1.1\r\nHost: customer1.agent.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
        await begun.Task.WaitAsync(RawService.Limit, Cancel);
        client.Reset();
        Assert.StartsWith("broken", await seen.Task.WaitAsync(RawService.Limit, Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_says_nothing_and_goes_is_a_problem_in_words()
    {
        await using var service = RawService.Start(async connection => await connection.ReadHeadAsync());
        await using var listener = await StartAsync(service);
        await using var client = await AgentClient.ConnectAsync(listener, pki.Client);
        for (var i = 0; i < 2; i++)
        {
            await client.GetAsync();
            var head = await client.ReadHeadAsync();
            Assert.StartsWith("HTTP/1.1 502 ", head, StringComparison.Ordinal);
            Assert.Contains("application/problem+json", head, StringComparison.Ordinal);
            Assert.Contains("\"code\":\"service_unavailable\"", await ReadBodyAsync(client, head), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Trust_that_is_withdrawn_ends_what_is_being_forwarded()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var service = RawService.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
            begun.TrySetResult();
            await connection.EndAsync();
            ended.TrySetResult();
        });
        await using var listener = await StartAsync(service);
        await using var client = await AgentClient.ConnectAsync(listener, pki.Client);
        await client.GetAsync();
        await client.ReadToAsync("hello");
        await begun.Task.WaitAsync(RawService.Limit, Cancel);
        await listener.SetAsync("acc1", "customer1", MtlsMode.STRICT, pki.OtherCa.CertificatePem);
        await ended.Task.WaitAsync(RawService.Limit, Cancel);
        await client.ReadToEndAsync();
    }

    private protected Task<AgentListener> StartAsync(RawService service) => ForwardingListener.StartAsync(service.Address, pki.Ca, own);

    private static bool IsCutShort(string text) =>
        Values(text, "content-length") is [var length]
            ? text[(text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..].Length < int.Parse(length, CultureInfo.InvariantCulture)
            : !text.EndsWith("0\r\n\r\n", StringComparison.Ordinal);

    internal static List<string> Values(string head, string name) =>
        [.. head.Split("\r\n\r\n")[0].Split("\r\n").Skip(1).Select(line => line.Split(':', 2)).Where(line => line[0].Equals(name, StringComparison.OrdinalIgnoreCase)).Select(line => line[1].Trim())];

    internal static async Task<string> ReadBodyAsync(AgentClient client, string head, string method = "GET")
    {
        if (method == "HEAD" || head.StartsWith("HTTP/1.1 204", StringComparison.Ordinal) || head.StartsWith("HTTP/1.1 304", StringComparison.Ordinal))
            return "";
        if (Values(head, "content-length") is [var length])
            return await client.ReadAsync(int.Parse(length, CultureInfo.InvariantCulture));
        return Decoded(await client.ReadToAsync("0\r\n\r\n"));
    }

    internal static async Task<string> ReadBodyAsync(RawService.Connection connection, string head)
    {
        if (Values(head, "content-length") is [var length])
            return await connection.ReadAsync(int.Parse(length, CultureInfo.InvariantCulture));
        var coded = "";
        while (!coded.EndsWith("0\r\n\r\n", StringComparison.Ordinal))
            coded += await connection.ReadAsync(1);
        return Decoded(coded);
    }

    private static string Decoded(string coded)
    {
        var decoder = new ChunkedDecoder();
        var body = new StringBuilder();
        for (ReadOnlySpan<byte> left = Encoding.Latin1.GetBytes(coded); !left.IsEmpty && !decoder.IsDone;)
        {
            body.Append(Encoding.Latin1.GetString(decoder.Next(left, out var consumed)));
            left = left[consumed..];
        }
        return body.ToString();
    }
}

public sealed class WhenServicesAnswerYarp(RecipePki pki) : WhenServicesAnswer(pki, own: false);
