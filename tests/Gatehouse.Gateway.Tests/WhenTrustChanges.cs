using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using Gatehouse.Contracts;
using Gatehouse.Testing;
using Gatehouse.Tls;

namespace Gatehouse.Gateway.Tests;

/// <summary>Connections that are open when trust changes (threat A9): within a second, those that no longer pass are gone, and the others lost nothing.</summary>
public abstract class WhenTrustChanges(RecipePki pki, TlsEngineKind engine) : IAsyncLifetime
{
    private static readonly Uri s_root = new("https://customer1.agent.test/");
    private AgentListener _listener = null!;
    private readonly OpenSsl.Pair _ca = pki.Ca, _client = pki.Client, _newCa = pki.NewCa;

    public async ValueTask InitializeAsync()
    {
        _listener = await AgentListener.StartAsync(o => o.With(engine));
        await _listener.SetAsync("acc1", "customer1", MtlsMode.LOOSE, _ca.CertificatePem);
    }

    public async ValueTask DisposeAsync() => await _listener.DisposeAsync();

    [Theory, InlineData(1), InlineData(2)]
    public async Task Strict_ends_what_has_no_certificate_and_leaves_the_rest(int http)
    {
        using var plain = Client(null, http);
        using var mtls = Client(_client, http);
        Assert.Equal(HttpStatusCode.OK, (await plain.GetAsync(s_root, TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await mtls.GetAsync(s_root, TestContext.Current.CancellationToken)).StatusCode);

        await _listener.SetAsync("acc1", "customer1", MtlsMode.STRICT, _ca.CertificatePem);

        // Whether the open connection still serves the answer or a new one does: it says no, and why.
        var refused = await plain.GetAsync(s_root, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal("client_certificate_required", refused.Headers.GetValues(HeaderNames.GatehouseRefusal).Single());
        Assert.Equal(HttpStatusCode.OK, (await mtls.GetAsync(s_root, TestContext.Current.CancellationToken)).StatusCode);
        Assert.Contains(_listener.Refusals, r => r.Code == RefusalCode.ClientCertificateRequired && r.AccountId == "acc1");
    }

    [Fact]
    public Task An_idle_connection_is_closed_within_a_second() => WithinASecondAsync(async () =>
    {
        await using var idle = await RawAsync("customer1.agent.test", null);
        var watch = Stopwatch.StartNew();
        await _listener.SetAsync("acc1", "customer1", MtlsMode.STRICT, _ca.CertificatePem);
        await EndOfStreamAsync(idle);
        return watch.Elapsed;
    });

    [Fact]
    public Task A_request_in_flight_is_cut_within_a_second() => WithinASecondAsync(async () =>
    {
        using var plain = Client(null, 1);
        var held = plain.GetAsync(new Uri(s_root, "/hold"), TestContext.Current.CancellationToken);
        await _listener.Holding.Task.WaitAsync(TestContext.Current.CancellationToken);
        var watch = Stopwatch.StartNew();
        await _listener.SetAsync("acc1", "customer1", MtlsMode.STRICT, _ca.CertificatePem);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => held);
        return watch.Elapsed;
    });

    [Theory]
    [InlineData("customer1.agent.test", "client_certificate_required", 1)]
    [InlineData("customer1.agent.test", "client_certificate_required", 2)]
    [InlineData("shared.test", "mtls_required", 1)]
    [InlineData("shared.test", "mtls_required", 2)]
    public Task A_websocket_is_closed_with_the_reason(string host, string code, int http) => WithinASecondAsync(async () =>
    {
        using var handler = Handler(null);
        using var invoker = new HttpMessageInvoker(handler);
        using var socket = new ClientWebSocket();
        (socket.Options.HttpVersion, socket.Options.HttpVersionPolicy) = (new Version(http, http == 2 ? 0 : 1), HttpVersionPolicy.RequestVersionExact);
        await socket.ConnectAsync(new Uri($"wss://{host}/stream/delegate/acc1"), invoker, TestContext.Current.CancellationToken);
        var watch = Stopwatch.StartNew();
        await _listener.SetAsync("acc1", "customer1", MtlsMode.STRICT, _ca.CertificatePem);
        var received = await socket.ReceiveAsync(new byte[128], TestContext.Current.CancellationToken);
        Assert.Equal(WebSocketMessageType.Close, received.MessageType);
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, socket.CloseStatus);
        Assert.Equal(code, socket.CloseStatusDescription);
        return watch.Elapsed;
    });

    [Fact]
    public async Task A_new_ca_ends_connections_of_the_old_one()
    {
        await using var idle = await RawAsync("customer1.agent.test", _client);
        await _listener.SetAsync("acc1", "customer1", MtlsMode.LOOSE, _ca.CertificatePem + _newCa.CertificatePem);
        await idle.WriteAsync("GET / HTTP/1.1\r\nHost: customer1.agent.test\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal((byte)'H', (await ReadSomeAsync(idle))[0]);

        await _listener.SetAsync("acc1", "customer1", MtlsMode.LOOSE, _newCa.CertificatePem);
        await EndOfStreamAsync(idle);
        Assert.Contains(_listener.Refusals, r => r.Code == RefusalCode.CertificateUnknownCa);
    }

    [Fact]
    public async Task A_connection_ends_when_its_certificate_does()
    {
        await using var idle = await RawAsync("customer1.agent.test", _client);
        _listener.Time.Offset = TimeSpan.FromDays(10_000);
        await EndOfStreamAsync(idle);
        Assert.Contains(_listener.Refusals, r => r.Code == RefusalCode.CertificateExpired && r.Certificate is not null);
    }

    [Fact]
    public async Task A_connection_ends_with_its_certificate_also_while_the_truth_is_out_of_reach()
    {
        await using var idle = await RawAsync("customer1.agent.test", _client);
        _listener.TruthIsThere = new TaskCompletionSource().Task;
        _listener.SetSilently("acc2", "customer2", MtlsMode.LOOSE, _ca.CertificatePem);
        _listener.Time.Offset = TimeSpan.FromDays(10_000);
        await EndOfStreamAsync(idle);
        Assert.Contains(_listener.Refusals, r => r.Code == RefusalCode.CertificateExpired);
    }

    [Fact]
    public async Task A_deleted_endpoint_stops_at_once()
    {
        await using var idle = await RawAsync("customer1.agent.test", _client);
        await _listener.SetAsync("acc1", null, null, "");
        await EndOfStreamAsync(idle);
        Assert.Contains(_listener.Refusals, r => r.Code == RefusalCode.EndpointDisabled);
        Assert.Equal(0, (await _listener.Curl.GetAsync("customer1.agent.test", "/", _client)).Status);
    }

    [Fact]
    public async Task A_renamed_prefix_stops_and_the_new_one_answers_at_once()
    {
        await using var idle = await RawAsync("customer1.agent.test", _client);
        await _listener.SetAsync("acc1", "renamed", MtlsMode.LOOSE, _ca.CertificatePem);
        await EndOfStreamAsync(idle);
        Assert.Equal(200, (await _listener.Curl.GetAsync("renamed.agent.test", "/", _client)).Status);
    }

    [Fact]
    public async Task A_lost_notification_costs_at_most_the_next_look()
    {
        _listener.SetSilently("acc2", "customer2", MtlsMode.LOOSE, _ca.CertificatePem);
        await Eventually.TrueAsync("the new endpoint", async () => (await _listener.Curl.GetAsync("customer2.agent.test", "/")).Status == 200);
    }

    [Fact]
    public async Task A_lost_notification_is_made_up_for_also_when_a_newer_one_came()
    {
        _listener.SetSilently("acc2", "customer2", MtlsMode.LOOSE, _ca.CertificatePem);
        await _listener.SetAsync("acc1", "customer1", MtlsMode.STRICT, _ca.CertificatePem);
        await Eventually.TrueAsync("the endpoint whose notification was lost", async () => (await _listener.Curl.GetAsync("customer2.agent.test", "/")).Status == 200);
    }

    [Fact]
    public async Task An_older_change_that_comes_late_changes_nothing()
    {
        var late = new EndpointTrust("acc1", 1, "customer1.agent.test", null, MtlsMode.LOOSE, AgentListener.DerOf(_ca.CertificatePem));
        await _listener.SetAsync("acc1", "customer1", MtlsMode.STRICT, _ca.CertificatePem);
        var index = (TrustIndex)_listener.Services.GetService(typeof(TrustIndex))!;
        index.Apply([late]);
        Assert.Equal(403, (await _listener.Curl.GetAsync("customer1.agent.test", "/")).Status);
    }

    [Fact]
    public async Task A_replaced_server_certificate_serves_new_connections_and_drops_none()
    {
        await using var open = await RawAsync("customer1.agent.test", _client);
        var before = open.RemoteCertificate!.GetSerialNumberString();
        _listener.ReplaceServerCertificate();
        await Eventually.TrueAsync("the new certificate", async () =>
        {
            await using var fresh = await RawAsync("customer1.agent.test", _client);
            return fresh.RemoteCertificate!.GetSerialNumberString() != before;
        });
        await open.WriteAsync("GET / HTTP/1.1\r\nHost: customer1.agent.test\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal((byte)'H', (await ReadSomeAsync(open))[0]);
    }

    [Fact]
    public async Task Half_written_server_certificate_files_change_nothing_and_are_reported()
    {
        var health = (GatewayHealth)_listener.Services.GetService(typeof(GatewayHealth))!;
        var good = await File.ReadAllTextAsync(_listener.ServerCertificate, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(_listener.ServerCertificate, good[..100], TestContext.Current.CancellationToken);
        await Eventually.TrueAsync("the problem in the health", () => Task.FromResult(!health.IsReady));
        Assert.Equal(200, (await _listener.Curl.GetAsync("customer1.agent.test", "/", _client)).Status);
        await File.WriteAllTextAsync(_listener.ServerCertificate, good, TestContext.Current.CancellationToken);
        await Eventually.TrueAsync("ready again", () => Task.FromResult(health.IsReady));
    }

    private Task WithinASecondAsync(Func<Task<TimeSpan>> once) => Promised.WithinAsync(Limits.TrustChangeEffective, once, again: async () =>
    {
        await DisposeAsync();
        await InitializeAsync();
    });

    private HttpClient Client(OpenSsl.Pair? pair, int http) => new(Handler(pair))
    {
        DefaultRequestVersion = http == 2 ? HttpVersion.Version20 : HttpVersion.Version11,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    private SocketsHttpHandler Handler(OpenSsl.Pair? pair)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, _listener.Port), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        handler.SslOptions.CertificateChainPolicy = _listener.ServerTrust();
        if (pair is not null)
            handler.SslOptions.ClientCertificates = [X509Certificate2.CreateFromPemFile(pair.Certificate, pair.Key)];
        return handler;
    }

    private async Task<SslStream> RawAsync(string host, OpenSsl.Pair? pair)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, _listener.Port);
        var stream = new SslStream(tcp.GetStream());
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = host,
            AllowTlsResume = false, // A resumed session shows the server certificate that it was made with.
            ClientCertificates = pair is null ? null : [X509Certificate2.CreateFromPemFile(pair.Certificate, pair.Key)],
            CertificateChainPolicy = _listener.ServerTrust(),
        });
        // One answer proves that the connection is admitted and registered.
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        Assert.Equal((byte)'H', (await ReadSomeAsync(stream))[0]);
        return stream;
    }

    private static async Task<byte[]> ReadSomeAsync(Stream stream)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var buffer = new byte[8192];
        var read = await stream.ReadAsync(buffer, limit.Token);
        return buffer[..read];
    }

    private static async Task EndOfStreamAsync(Stream stream)
    {
        try
        {
            while ((await ReadSomeAsync(stream)).Length > 0)
            {
            }
        }
        catch (IOException)
        {
            // A reset is an end, too.
        }
    }
}
