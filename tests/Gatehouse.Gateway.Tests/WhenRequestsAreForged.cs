using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Gatehouse.Contracts;
using Gatehouse.Tls;

namespace Gatehouse.Gateway.Tests;

/// <summary>Requests that no HTTP client writes (threats A3, A6, A7), byte by byte: whose request it is was settled by the handshake.</summary>
public abstract class WhenRequestsAreForged(RecipePki pki, TlsEngineKind engine) : IAsyncLifetime
{
    private const string Own = "customer1.agent.test", Other = "customer2.agent.test";
    private AgentListener _listener = null!;

    public static TheoryData<SslProtocols> Versions => [SslProtocols.Tls12, SslProtocols.Tls13];

    public async ValueTask InitializeAsync()
    {
        _listener = await AgentListener.StartAsync(o => o.With(engine));
        await _listener.SetAsync("acc1", "customer1", MtlsMode.STRICT, pki.Ca.CertificatePem);
        await _listener.SetAsync("acc2", "customer2", MtlsMode.STRICT, pki.OtherCa.CertificatePem);
    }

    public async ValueTask DisposeAsync() => await _listener.DisposeAsync();

    [Theory, MemberData(nameof(Versions))]
    public async Task No_spelling_of_HTTP_1_reaches_another_name(SslProtocols version)
    {
        foreach (var (request, statuses) in new (string, string)[]
        {
            ($"GET https://{Own}/ HTTP/1.1\r\nHost: {Own}\r\n", "200"),
            ($"GET https://{Other}/ HTTP/1.1\r\nHost: {Own}\r\n", "400 421"),
            ($"GET https://{Own}/ HTTP/1.1\r\nHost: {Other}\r\n", "400 421"),
            ($"GET https://{Other}/ HTTP/1.1\r\nHost: {Other}\r\n", "421"),
            ($"GET //{Other}/ HTTP/1.1\r\nHost: {Own}\r\n", "200"),
            ($"GET / HTTP/1.1\r\nHost: {Own}\r\nHost: {Other}\r\n", "400"),
            ($"GET / HTTP/1.1\r\nHost: {Other}\r\nHost: {Own}\r\n", "400"),
            ($"GET / HTTP/1.1\r\nHost: {Own}\r\nHost: {Own}\r\n", "400"),
            ($"GET / HTTP/1.1\r\nHost: {Own}, {Other}\r\n", "400"),
            ($"GET / HTTP/1.1\r\nHost : {Own}\r\n", "400"),
            ($"GET / HTTP/1.1\r\nHost:\r\n", "400"),
            ("GET / HTTP/1.1\r\n", "400"),
            ("GET / HTTP/1.0\r\n", "400"),
            ($"GET / HTTP/1.0\r\nHost: {Other}\r\n", "421"),
            ($"GET / HTTP/1.1\r\nHost: \t{Own} \r\n", "200"),
            ($"GET / HTTP/1.1\r\nHost: {Own}:443:443\r\n", "400"),
            ($"GET / HTTP/1.1\r\nHost: {Own}..\r\n", "400"),
            ($"GET / HTTP/1.1\r\nHost: {Own}/../{Other}\r\n", "400"),
            ($"GET / HTTP/1.1\r\nHost: xn--cstomer1-65a.agent.test\r\n", "400"),
            ($"GET / HTTP/1.1\r\nHost: [::1]\r\n", "400"),
            ($"GET / HTTP/1.1\r\nHost: {Own}\r\n Host: {Other}\r\n", "400"),
            ($"GET / HTTP/1.1\r\nHost: {Own}\r\nX-Forwarded-Host: {Other}\r\nX-Original-Host: {Other}\r\n", "200"),
            ($"OPTIONS * HTTP/1.1\r\nHost: {Other}\r\n", "421"),
            ($"CONNECT {Own}:443 HTTP/1.1\r\nHost: {Own}:443\r\n", "405"),
            ($"CONNECT {Other}:443 HTTP/1.1\r\nHost: {Other}:443\r\n", "421"),
            ($"CONNECT {Other}:443 HTTP/1.1\r\nHost: {Own}:443\r\n", "400 421"),
        })
        {
            var answer = await AskAsync(version, request + "Connection: close\r\n\r\n");
            Assert.True(answer.Length > 12 && statuses.Contains(answer[9..12], StringComparison.Ordinal), $"{request}\n{answer}");
            Assert.DoesNotContain("account=acc2", answer, StringComparison.Ordinal);
        }
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task No_spelling_of_HTTP_2_reaches_another_name(SslProtocols version)
    {
        foreach (var (fields, statuses) in new ((string, string)[], string)[]
        {
            ([(":authority", Own)], "200"),
            ([(":authority", Own), ("host", Other)], "200"), // The first one counts (RFC 9113 §8.3.1).
            ([(":authority", Other), ("host", Own)], "421"),
            ([("host", Other)], "421"),
            ([("host", Own)], "200"),
            ([("host", Own), ("host", Other)], "reset"),
            ([], "400 reset"),
            ([(":authority", "")], "400 reset"),
            ([(":authority", Other)], "421"),
            ([(":authority", Own), (":authority", Other)], "reset"),
            ([(":authority", Own), ("connection", "agent-mtls-authority")], "reset"),
            ([(":authority", Own), ("Agent-Mtls-Authority", Other)], "reset"), // Upper case is malformed (§8.2.1).
        })
        {
            var (status, body) = await Ask2Async(version, fields);
            Assert.True(statuses.Contains(status, StringComparison.Ordinal), $"{string.Join(", ", fields)}: {status}\n{body}");
            Assert.DoesNotContain("account=acc2", body, StringComparison.Ordinal);
            Assert.DoesNotContain($"header Host={Other}", body, StringComparison.Ordinal);
        }
    }

    /// <summary>RFC 9113 §8.2.2: fields about a connection make a message of HTTP/2 malformed; passed on to HTTP/1.1 they would mean something there.</summary>
    [Theory, MemberData(nameof(Versions))]
    public async Task No_field_about_a_connection_comes_through_HTTP_2(SslProtocols version)
    {
        foreach (var (name, value) in new[]
        {
            ("transfer-encoding", "chunked"), ("transfer-encoding", "identity"), ("connection", "close"), ("connection", "x-public"), ("keep-alive", "timeout=5"), ("upgrade", "websocket"),
            ("upgrade", "h2c"), ("te", "gzip"), ("te", "trailers, gzip"), ("proxy-connection", "keep-alive"), ("transfer-encoding", ""), ("Transfer-Encoding", "chunked"),
        })
        {
            var (status, body) = await Ask2Async(version, [(":authority", Own), ("x-public", "1"), (name, value)]);
            Assert.True(status is "400" or "reset", $"{name}: {value} was answered with {status}\n{body}");
            Assert.DoesNotContain("authority=", body, StringComparison.Ordinal);
        }
        var (allowed, seen) = await Ask2Async(version, [(":authority", Own), ("x-public", "1"), ("te", "trailers")]);
        Assert.Equal("200", allowed);
        Assert.Contains("header x-public=1\n", seen, StringComparison.OrdinalIgnoreCase);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task No_identity_of_the_clients_arrives(SslProtocols version)
    {
        string[] names = ["agent-mtls-authority", "agent_mtls_authority", "agent_mtls-authority", "client-cert", "x-ssl-client-verify", "x-forwarded-client-cert", "gatehouse-cluster-credential", "forwarded"];
        var lines = string.Concat(names.SelectMany(name => (string[])[$"{name}: {Other}\r\n", $"{name.ToUpperInvariant()}: {Other}\r\n"]));
        var answer = await AskAsync(version, $"POST / HTTP/1.1\r\nHost: {Own}\r\n{lines}Connection: close, agent-mtls-authority, client-cert\r\nTransfer-Encoding: chunked\r\nTrailer: agent-mtls-authority\r\n\r\n"
            + $"2\r\nok\r\n0\r\nagent-mtls-authority: {Other}\r\n\r\n");
        Judge(answer);

        var (status, body) = await Ask2Async(version, [(":authority", Own), .. names.SelectMany(name => ((string, string)[])[(name, Other), (name, Other)])]);
        Assert.Equal("200", status);
        Judge(body);

        void Judge(string text)
        {
            Assert.Contains($"authority={Own}\n", text, StringComparison.Ordinal);
            Assert.All(names, name => Assert.DoesNotContain($"header {name}=", text, StringComparison.OrdinalIgnoreCase));
            Assert.DoesNotContain(Other, text, StringComparison.OrdinalIgnoreCase);
        }
    }

    private async Task<SslStream> ConnectAsync(SslProtocols version, SslApplicationProtocol protocol)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, _listener.Port, TestContext.Current.CancellationToken);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = Own,
            EnabledSslProtocols = version,
            ApplicationProtocols = [protocol],
            ClientCertificates = [X509Certificate2.CreateFromPemFile(pki.Client.Certificate, pki.Client.Key)],
            CertificateChainPolicy = _listener.ServerTrust(),
        }, TestContext.Current.CancellationToken);
        return stream;
    }

    private async Task<string> AskAsync(SslProtocols version, string request)
    {
        await using var stream = await ConnectAsync(version, SslApplicationProtocol.Http11);
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    private async Task<(string Status, string Body)> Ask2Async(SslProtocols version, IEnumerable<(string Name, string Value)> fields)
    {
        await using var stream = await ConnectAsync(version, SslApplicationProtocol.Http2);
        return await RawHttp2.AskAsync(stream, "/", fields);
    }
}
