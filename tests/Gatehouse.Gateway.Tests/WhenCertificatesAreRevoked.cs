using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Gatehouse.Contracts;
using Gatehouse.Pki;
using Gatehouse.Testing;
using Gatehouse.Tls;

namespace Gatehouse.Gateway.Tests;

/// <summary>CRLs by OpenSSL and deny lists: who is revoked does not get in, and whoever is in is out within a second (threats A9, A13).</summary>
public abstract class WhenCertificatesAreRevoked(RecipePki pki, TlsEngineKind engine) : IAsyncLifetime
{
    private const string Host = "customer1.agent.test";
    private TemporaryDirectory _directory = null!;
    private AgentListener _listener = null!;
    private OpenSslCrls _crls = null!;
    private OpenSsl.Pair _client = null!, _other = null!;

    public async ValueTask InitializeAsync()
    {
        _directory = new TemporaryDirectory();
        _listener = await AgentListener.StartAsync(o => o.With(engine));
        await _listener.SetAsync("acc1", "customer1", MtlsMode.LOOSE, pki.Ca.CertificatePem);
        _crls = new OpenSslCrls(pki.Ca, _directory.Path);
        _client = pki.Client;
        _other = await new OpenSsl(_directory.Path).CreateClientAsync(pki.Ca, "other-of-the-account");
    }

    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        _directory.Dispose();
    }

    [Theory, InlineData("http/1.1"), InlineData("h2")]
    public Task A_revoked_certificate_is_refused_and_its_open_connections_end_within_a_second(string protocol) => WithinASecondAsync(async () =>
    {
        await RevokeAsync(await _crls.CreateAsync());
        await using var revoked = await OpenAsync(_client, protocol);
        await using var other = await OpenAsync(_other, protocol);
        await _crls.RevokeAsync(_client);
        var file = await _crls.CreateAsync();

        var watch = Stopwatch.StartNew();
        await RevokeAsync(file);
        await EndOfStreamAsync(revoked);
        var taken = watch.Elapsed;

        var refusal = Assert.Single(_listener.Refusals);
        Assert.Equal(("acc1", RefusalCode.CertificateRevoked), (refusal.AccountId, refusal.Code));
        var answer = await _listener.Curl.GetAsync(Host, "/", _client);
        Assert.Equal((403, "certificate_revoked"), (answer.Status, answer.Header(HeaderNames.GatehouseRefusal)));
        Assert.Equal(200, (await _listener.Curl.GetAsync(Host, "/", _other)).Status);
        if (protocol == "http/1.1")
            await AskAsync(other); // It has lost nothing.

        // A certificate that is taken off the list comes back: the account's owner decides.
        await RevokeAsync(null);
        Assert.Equal(200, (await _listener.Curl.GetAsync(Host, "/", _client)).Status);
        return taken;
    });

    [Theory, InlineData(DenyKind.SerialAndIssuer), InlineData(DenyKind.CertificateSha256), InlineData(DenyKind.PublicKeySha256)]
    public Task A_denied_certificate_is_refused_and_its_open_connections_end_within_a_second(DenyKind kind) => WithinASecondAsync(async () =>
    {
        await using var open = await OpenAsync(_client, "http/1.1");
        var entry = DenyEntry.FromCertificate(await File.ReadAllBytesAsync(_client.Certificate, TestContext.Current.CancellationToken), kind);
        var by = kind switch { DenyKind.SerialAndIssuer => DenyBy.Serial, DenyKind.PublicKeySha256 => DenyBy.Key, _ => DenyBy.Sha256 };
        var watch = Stopwatch.StartNew();
        await _listener.RevokeAsync("acc1", new EndpointRevocation([], StaleCrlPolicy.Strict, default, [new DeniedCertificate(by, entry.Value, entry.IssuerName)]));
        await EndOfStreamAsync(open);
        var taken = watch.Elapsed;
        Assert.Equal(RefusalCode.CertificateDenied, Assert.Single(_listener.Refusals).Code);
        var answer = await _listener.Curl.GetAsync(Host, "/", _client);
        Assert.Equal((403, "certificate_denied"), (answer.Status, answer.Header(HeaderNames.GatehouseRefusal)));
        Assert.Equal(200, (await _listener.Curl.GetAsync(Host, "/", _other)).Status);
        Assert.Equal(200, (await _listener.Curl.GetAsync(Host, "/")).Status); // LOOSE still takes those without.
        return taken;
    });

    [Theory]
    [InlineData(StaleCrlPolicy.Strict, 23, true)]
    [InlineData(StaleCrlPolicy.Strict, 25, false)]
    [InlineData(StaleCrlPolicy.Grace, 47, true)]
    [InlineData(StaleCrlPolicy.Grace, 49, false)]
    [InlineData(StaleCrlPolicy.IgnoreStale, 5000, true)]
    public async Task A_list_past_its_nextUpdate_does_what_the_policy_says(StaleCrlPolicy policy, int hours, bool accepted)
    {
        await _crls.RevokeAsync(_client);
        await RevokeAsync(await _crls.CreateAsync(hours: 24), policy, TimeSpan.FromHours(24));
        await using var open = await OpenAsync(_other, "http/1.1");
        _listener.Time.Offset = TimeSpan.FromHours(hours);
        var answer = await _listener.Curl.GetAsync(Host, "/", _other);
        Assert.Equal(accepted ? (200, null) : (403, "crl_stale"), (answer.Status, answer.Header(HeaderNames.GatehouseRefusal)));
        // Whoever is on it stays out under every policy.
        Assert.Equal("certificate_revoked", (await _listener.Curl.GetAsync(Host, "/", _client)).Header(HeaderNames.GatehouseRefusal));

        // What is open is judged again when the time comes, without any change of trust.
        if (accepted)
            await AskAsync(open);
        else
            await EndOfStreamAsync(open);
        Assert.Equal(!accepted, _listener.Refusals.Any(r => r.Code == RefusalCode.CrlStale && r.Certificate?.SerialNumber.Length > 0));
    }

    [Theory, InlineData("crl"), InlineData("deny"), InlineData("policy")]
    public async Task What_cannot_be_read_shuts_the_endpoint_for_certificates_and_says_so(string what)
    {
        await using var open = await OpenAsync(_client, "http/1.1");
        var der = OpenSslCrls.DerOf(await _crls.CreateAsync());
        await _listener.RevokeAsync("acc1", what switch
        {
            "crl" => new EndpointRevocation([der.AsMemory(0, der.Length - 5)], StaleCrlPolicy.Strict, default, []),
            "deny" => new EndpointRevocation([], StaleCrlPolicy.Strict, default, [new DeniedCertificate(DenyBy.Sha256, "0A", null)]),
            _ => new EndpointRevocation([der], StaleCrlPolicy.Grace, TimeSpan.FromSeconds(-1), []),
        });
        await EndOfStreamAsync(open);
        var answer = await _listener.Curl.GetAsync(Host, "/", _client);
        Assert.Equal((403, "trust_unusable"), (answer.Status, answer.Header(HeaderNames.GatehouseRefusal)));
        Assert.Contains("cannot be read", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_speaks_for_its_own_issuer_only()
    {
        await _listener.SetAsync("acc1", "customer1", MtlsMode.STRICT, pki.Ca.CertificatePem + pki.OtherCa.CertificatePem);
        // The other CA has the same name: its certificates are not judged by this one's list, and the serial numbers are.
        await _crls.RevokeAsync(_client);
        await RevokeAsync(await _crls.CreateAsync());
        Assert.Equal(403, (await _listener.Curl.GetAsync(Host, "/", _client)).Status);
        Assert.Equal(200, (await _listener.Curl.GetAsync(Host, "/", pki.OtherClient)).Status);
    }

    private Task WithinASecondAsync(Func<Task<TimeSpan>> once) => Promised.WithinAsync(Limits.TrustChangeEffective, once, again: async () =>
    {
        await DisposeAsync();
        await InitializeAsync();
    });

    private Task RevokeAsync(string? file, StaleCrlPolicy policy = StaleCrlPolicy.Strict, TimeSpan grace = default) =>
        _listener.RevokeAsync("acc1", file is null ? null : new EndpointRevocation([OpenSslCrls.DerOf(file)], policy, grace, []));

    private async Task<SslStream> OpenAsync(OpenSsl.Pair pair, string protocol)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, _listener.Port);
        var stream = new SslStream(tcp.GetStream());
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.ImportFromPemFile(_listener.ServerCa);
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = Host,
            ClientCertificates = [X509Certificate2.CreateFromPemFile(pair.Certificate, pair.Key)],
            CertificateChainPolicy = trust,
            ApplicationProtocols = [new SslApplicationProtocol(protocol)],
        });
        if (protocol == "http/1.1")
        {
            await AskAsync(stream); // One answer proves that the connection is admitted and registered.
        }
        else
        {
            await stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x4\0\0\0\0\0"u8.ToArray());
            Assert.NotEmpty(await ReadSomeAsync(stream)); // The server's SETTINGS.
        }
        return stream;
    }

    private static async Task AskAsync(SslStream stream)
    {
        await stream.WriteAsync("GET / HTTP/1.1\r\nHost: customer1.agent.test\r\n\r\n"u8.ToArray());
        Assert.StartsWith("HTTP/1.1 200", System.Text.Encoding.ASCII.GetString(await ReadSomeAsync(stream)), StringComparison.Ordinal);
    }

    private static async Task<byte[]> ReadSomeAsync(Stream stream)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var buffer = new byte[8192];
        return buffer[..await stream.ReadAsync(buffer, limit.Token)];
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
