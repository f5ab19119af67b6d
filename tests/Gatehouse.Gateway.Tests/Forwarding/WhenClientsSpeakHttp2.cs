using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Gatehouse.Gateway.Tests.Forwarding;

/// <summary>HTTP/2 from the client, HTTP/1.1 to the service. The two forwarders differ in cost, never in what arrives.</summary>
public abstract class WhenClientsSpeakHttp2(RecipePki pki, bool own)
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: 1\r\nConnection: x-b\r\nX-B: 2\r\n\r\nok";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_arrive_as_one_message_of_HTTP_1_with_the_gateways_word()
    {
        string? seen = null;
        await using var service = RawService.Start(async connection =>
        {
            while (await connection.ReadHeadAsync() is { Length: > 0 } head)
            {
                seen = head;
                await connection.SendAsync(Ok);
            }
        });
        await using var listener = await ForwardingListener.StartAsync(service.Address, pki.Ca, own);
        using var client = Client(listener);
        for (var i = 0; i < 3; i++)
        {
            using var request = Request(HttpMethod.Get);
            request.Headers.TryAddWithoutValidation("agent-mtls-authority", "evil");
            request.Headers.TryAddWithoutValidation("Cookie", ["a=1", "b=2"]);
            request.Headers.TryAddWithoutValidation("TE", "trailers");
            using var answer = await client.SendAsync(request, Cancel);
            Assert.Equal((HttpStatusCode.OK, "ok", HttpVersion.Version20), (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel), answer.Version));
            Assert.Equal(["1"], answer.Headers.GetValues("X-A"));
            Assert.False(answer.Headers.Contains("X-B"));
        }
        Assert.StartsWith("GET /x?accountId=acc1 HTTP/1.1\r\n", seen, StringComparison.Ordinal);
        Assert.Equal(["customer1.agent.test"], WhenServicesAnswer.Values(seen!, "agent-mtls-authority"));
        Assert.Equal([ForwardingListener.Secret], WhenServicesAnswer.Values(seen!, "gatehouse-cluster-credential"));
        Assert.Single(WhenServicesAnswer.Values(seen!, "host"), host => host.StartsWith("customer1.agent.test", StringComparison.Ordinal));
        Assert.Single(WhenServicesAnswer.Values(seen!, "cookie"), cookie => cookie is "a=1; b=2" or "a=1, b=2");
        Assert.Equal(1, service.Accepted);
        Assert.Empty(service.Failures);
    }

    /// <summary>RFC 9113 §8.2.2. What the platform's client would not write is written by hand.</summary>
    [Theory]
    [InlineData("transfer-encoding", "chunked")]
    [InlineData("connection", "keep-alive")]
    [InlineData("keep-alive", "timeout=5")]
    [InlineData("upgrade", "websocket")]
    [InlineData("te", "gzip")]
    [InlineData("proxy-connection", "keep-alive")]
    public async Task Fields_about_a_connection_never_reach_a_service(string name, string value)
    {
        await using var service = RawService.Answering(Ok);
        await using var listener = await ForwardingListener.StartAsync(service.Address, pki.Ca, own);
        foreach (var (field, expected) in new[] { ((name, value), "400 reset"), (("x-public", value), "200") })
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, listener.Port, Cancel);
            await using var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "customer1.agent.test",
                ApplicationProtocols = [SslApplicationProtocol.Http2],
                ClientCertificates = [X509Certificate2.CreateFromPemFile(pki.Client.Certificate, pki.Client.Key)],
                CertificateChainPolicy = listener.ServerTrust(),
            }, Cancel);
            var before = service.Accepted;
            var (status, body) = await RawHttp2.AskAsync(stream, "/log-service/x?accountId=acc1", [(":authority", "customer1.agent.test"), field]);
            Assert.True(expected.Contains(status, StringComparison.Ordinal), $"{field}: {status} {body}");
            Assert.Equal(before + (expected == "200" ? 1 : 0), service.Accepted);
        }
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Bodies_arrive_whole_both_ways_side_by_side(bool lengthIsKnown)
    {
        await using var service = RawService.Start(async connection =>
        {
            while (await connection.ReadHeadAsync() is { Length: > 0 } head)
            {
                var body = await WhenServicesAnswer.ReadBodyAsync(connection, head);
                await connection.SendAsync($"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body.Length:x}\r\n{body}\r\n0\r\n\r\n");
            }
        });
        await using var listener = await ForwardingListener.StartAsync(service.Address, pki.Ca, own);
        using var client = Client(listener);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
        {
            var body = string.Concat(Enumerable.Repeat($"request {i} ", 2000));
            using var request = Request(HttpMethod.Post);
            request.Content = lengthIsKnown ? new StringContent(body) : new StreamContent(new Unseekable(Encoding.UTF8.GetBytes(body)));
            using var answer = await client.SendAsync(request, Cancel);
            Assert.Equal(body, await answer.Content.ReadAsStringAsync(Cancel));
        }));
        Assert.Empty(service.Failures);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")]
    public async Task An_answer_that_breaks_off_never_looks_whole_and_the_connection_stays(string broken)
    {
        var requests = 0;
        await using var service = RawService.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync(Interlocked.Increment(ref requests) == 1 ? broken : Ok);
        });
        await using var listener = await ForwardingListener.StartAsync(service.Address, pki.Ca, own);
        using var client = Client(listener);
        await Assert.ThrowsAsync<HttpRequestException>(async () =>
        {
            using var answer = await client.SendAsync(Request(HttpMethod.Get), Cancel);
            await answer.Content.ReadAsStringAsync(Cancel);
        });
        using var next = await client.SendAsync(Request(HttpMethod.Get), Cancel);
        Assert.Equal("ok", await next.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task A_request_that_is_called_off_is_called_off_at_the_service()
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
        await using var listener = await ForwardingListener.StartAsync(service.Address, pki.Ca, own);
        using var client = Client(listener);
        using var off = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var asking = client.SendAsync(Request(HttpMethod.Get), off.Token);
        await begun.Task.WaitAsync(RawService.Limit, Cancel);
        await off.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        await ended.Task.WaitAsync(RawService.Limit, Cancel);
    }

    private static HttpRequestMessage Request(HttpMethod method) =>
        new(method, "https://customer1.agent.test/log-service/x?accountId=acc1") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };

    private HttpClient Client(AgentListener listener) => new(new SocketsHttpHandler
    {
        UseCookies = false,
        SslOptions = new SslClientAuthenticationOptions
        {
            ClientCertificates = [X509Certificate2.CreateFromPemFile(pki.Client.Certificate, pki.Client.Key)],
            CertificateChainPolicy = listener.ServerTrust(),
        },
        ConnectCallback = async (_, cancellation) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, listener.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    { Timeout = RawService.Limit };

    /// <summary>Its length is not known to the client's side.</summary>
    private sealed class Unseekable(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}

public sealed class WhenClientsSpeakHttp2OurOwnForwarder(RecipePki pki) : WhenClientsSpeakHttp2(pki, own: true);

public sealed class WhenClientsSpeakHttp2Yarp(RecipePki pki) : WhenClientsSpeakHttp2(pki, own: false);
