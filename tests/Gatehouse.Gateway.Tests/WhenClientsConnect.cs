using Gatehouse.Contracts;
using Gatehouse.Testing;
using Gatehouse.Tls;

namespace Gatehouse.Gateway.Tests;

/// <summary>What gets in, what does not, and what it is told: OpenSSL's certificates and curl as the client.</summary>
public abstract class WhenClientsConnect(RecipePki pki, TlsEngineKind engine) : IAsyncLifetime
{
    private AgentListener _listener = null!;
    private readonly OpenSsl.Pair _ca = pki.Ca, _client = pki.Client, _otherCa = pki.OtherCa, _otherClient = pki.OtherClient;

    public async ValueTask InitializeAsync()
    {
        _listener = await AgentListener.StartAsync(o => o.With(engine));
        await _listener.SetAsync("acc1", "customer1", MtlsMode.STRICT, _ca.CertificatePem);
        await _listener.SetAsync("acc2", "customer2", MtlsMode.STRICT, _otherCa.CertificatePem);
    }

    public async ValueTask DisposeAsync() => await _listener.DisposeAsync();

    public static TheoryData<string, string> Protocols => new()
    {
        { "--tlsv1.2|--tls-max|1.2", "--http1.1" }, { "--tlsv1.2|--tls-max|1.2", "--http2" }, { "--tlsv1.3", "--http1.1" }, { "--tlsv1.3", "--http2" },
    };

    private Task<Curl.Answer> GetAsync(string tls, string http, string host, string path, OpenSsl.Pair? client, params string[] more) =>
        _listener.Curl.GetAsync(host, path, client, [.. tls.Split('|'), http, .. more]);

    [Theory, MemberData(nameof(Protocols))]
    public async Task Recipe_certificate_is_admitted_and_the_authority_is_the_endpoints(string tls, string http)
    {
        var answer = await GetAsync(tls, http, "customer1.agent.test", "/", _client);
        Assert.Equal(200, answer.Status);
        Assert.Contains("authority=customer1.agent.test\n", answer.Body, StringComparison.Ordinal);
        Assert.Contains("account=acc1\n", answer.Body, StringComparison.Ordinal);
        Assert.Contains(http == "--http2" ? "protocol=HTTP/2" : "protocol=HTTP/1.1", answer.Body, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Protocols))]
    public async Task No_certificate_at_a_strict_endpoint_is_refused_with_its_reason(string tls, string http)
    {
        var answer = await GetAsync(tls, http, "customer1.agent.test", "/", null);
        Assert.Equal(403, answer.Status);
        Assert.Equal("client_certificate_required", answer.Header("gatehouse-refusal"));
        Assert.Contains("\"code\":\"client_certificate_required\"", answer.Body, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"INVALID_AGENT_MTLS_AUTHORITY\"", answer.Body, StringComparison.Ordinal);
        Assert.Contains("\"nextStep\":", answer.Body, StringComparison.Ordinal);
        var refusal = await _listener.OnlyRefusalAsync();
        Assert.Equal(("acc1", RefusalCode.ClientCertificateRequired), (refusal.AccountId, refusal.Code));
        Assert.Equal("127.0.0.1", refusal.RemoteAddress);
    }

    [Theory, MemberData(nameof(Protocols))]
    public async Task Certificate_of_another_account_is_refused_though_its_ca_has_the_same_subject(string tls, string http)
    {
        var answer = await GetAsync(tls, http, "customer1.agent.test", "/", _otherClient);
        Assert.Equal(403, answer.Status);
        Assert.Equal("certificate_unknown_ca", answer.Header("gatehouse-refusal"));
        Assert.NotNull((await _listener.OnlyRefusalAsync()).Certificate);
        Assert.Equal(200, (await GetAsync(tls, http, "customer2.agent.test", "/", _otherClient)).Status);
    }

    [Fact]
    public async Task Both_cas_of_one_subject_work_in_either_order()
    {
        foreach (var bundle in new[] { _ca.CertificatePem + _otherCa.CertificatePem, _otherCa.CertificatePem + _ca.CertificatePem })
        {
            await _listener.SetAsync("acc1", "customer1", MtlsMode.STRICT, bundle);
            Assert.Equal(200, (await _listener.Curl.GetAsync("customer1.agent.test", "/", _client)).Status);
            Assert.Equal(200, (await _listener.Curl.GetAsync("customer1.agent.test", "/", _otherClient)).Status);
        }
    }

    [Fact]
    public async Task Expired_and_wrong_purpose_certificates_are_refused_by_name_and_never_downgraded_in_loose()
    {
        await _listener.SetAsync("acc1", "customer1", MtlsMode.LOOSE, _ca.CertificatePem);
        var expired = await _listener.OpenSsl.CreateExpiredClientAsync(_ca);
        var server = await _listener.OpenSsl.CreateClientAsync(_ca, "server-only", "extendedKeyUsage=serverAuth");

        Assert.Equal(200, (await _listener.Curl.GetAsync("customer1.agent.test", "/")).Status);
        Assert.Equal("certificate_expired", (await _listener.Curl.GetAsync("customer1.agent.test", "/", expired)).Header("gatehouse-refusal"));
        Assert.Equal("certificate_purpose", (await _listener.Curl.GetAsync("customer1.agent.test", "/", server)).Header("gatehouse-refusal"));
        Assert.Equal("certificate_unknown_ca", (await _listener.Curl.GetAsync("customer1.agent.test", "/", _otherClient)).Header("gatehouse-refusal"));
    }

    [Fact]
    public async Task Intermediate_is_an_anchor_by_itself_and_a_link_when_it_is_sent()
    {
        var intermediate = await _listener.OpenSsl.CreateIntermediateAsync(_ca);
        var leaf = await _listener.OpenSsl.CreateClientAsync(intermediate, "deep");
        Assert.Equal(403, (await _listener.Curl.GetAsync("customer1.agent.test", "/", leaf)).Status);

        File.AppendAllText(leaf.Certificate, intermediate.CertificatePem);
        Assert.Equal(200, (await _listener.Curl.GetAsync("customer1.agent.test", "/", leaf)).Status);

        await _listener.SetAsync("acc1", "customer1", MtlsMode.STRICT, intermediate.CertificatePem);
        Assert.Equal(200, (await _listener.Curl.GetAsync("customer1.agent.test", "/", leaf)).Status);
        Assert.Equal("certificate_unknown_ca", (await _listener.Curl.GetAsync("customer1.agent.test", "/", _client)).Header("gatehouse-refusal"));
    }

    [Fact]
    public async Task A_leaf_cannot_issue()
    {
        var rogue = await _listener.OpenSsl.CreateClientAsync(_client, "rogue");
        File.AppendAllText(rogue.Certificate, _client.CertificatePem);
        var answer = await _listener.Curl.GetAsync("customer1.agent.test", "/", rogue);
        Assert.Equal("certificate_issuer_not_ca", answer.Header("gatehouse-refusal"));
    }

    [Fact]
    public async Task A_corrupt_bundle_closes_its_own_account_only()
    {
        await _listener.SetAsync("acc1", "customer1", MtlsMode.STRICT, "not a bundle");
        Assert.Equal("trust_unusable", (await _listener.Curl.GetAsync("customer1.agent.test", "/", _client)).Header("gatehouse-refusal"));
        Assert.Equal(200, (await _listener.Curl.GetAsync("customer2.agent.test", "/", _otherClient)).Status);
    }

    [Theory]
    [InlineData("nobody.agent.test")]
    [InlineData("agent.test")]
    [InlineData("customer1.agent.test.evil.test")]
    public async Task Unknown_name_ends_in_the_handshake_with_its_alert(string name)
    {
        var client = await CommandLine.RunAsync("openssl", "s_client", "-connect", $"127.0.0.1:{_listener.Port}", "-servername", name);
        Assert.Contains("unrecognized name", client.All, StringComparison.Ordinal);
        Assert.Equal(RefusalCode.SniUnknown, (await _listener.OnlyRefusalAsync()).Code);
    }

    [Fact]
    public async Task Missing_name_ends_in_the_handshake()
    {
        var client = await CommandLine.RunAsync("openssl", "s_client", "-connect", $"127.0.0.1:{_listener.Port}", "-noservername");
        Assert.Contains("unrecognized name", client.All, StringComparison.Ordinal);
        Assert.Equal(RefusalCode.SniMissing, (await _listener.OnlyRefusalAsync()).Code);
    }

    [Theory]
    [InlineData("CUSTOMER1.AGENT.TEST", 200)]
    [InlineData("manager-grpc-customer1.agent.test", 200)]
    [InlineData("events-grpc-customer1.agent.test", 200)]
    [InlineData("api-manager-grpc-customer1.agent.test", 200)]
    public async Task Other_spellings_of_a_name_are_the_same_endpoint(string host, int status) =>
        Assert.Equal(status, (await _listener.Curl.GetAsync(host, "/", _client)).Status);

    [Fact]
    public async Task Vanity_host_is_the_same_endpoint_and_its_authority_the_fqdn()
    {
        await _listener.SetAsync("acc1", "customer1", MtlsMode.STRICT, _ca.CertificatePem, "vanity.test");
        var answer = await _listener.Curl.GetAsync("vanity.test", "/", _client);
        Assert.Equal(200, answer.Status);
        Assert.Contains("authority=customer1.agent.test\n", answer.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("customer2.agent.test", 421)]
    [InlineData("CUSTOMER2.agent.test.", 421)]
    [InlineData("shared.test", 421)]
    [InlineData("evil.test", 400)]
    [InlineData("customer1.agent.test@customer2.agent.test", 400)]
    [InlineData("customer1.agent.test.", 200)]
    [InlineData("Customer1.Agent.Test:443", 200)]
    public async Task Host_must_name_what_the_handshake_named(string host, int status)
    {
        foreach (var http in new[] { "--http1.1", "--http2" })
        {
            var answer = await _listener.Curl.GetAsync("customer1.agent.test", "/", _client, http, "--header", $"Host: {host}");
            // An :authority that is no authority never gets past the HTTP/2 parser: the stream is reset.
            Assert.Contains(answer.Status, new[] { status, host.Contains('@', StringComparison.Ordinal) && http == "--http2" ? 0 : status });
        }
    }

    [Theory]
    [InlineData("/api/x?accountId=acc2")]
    [InlineData("/api/x?accountID=acc2")]
    [InlineData("/api/x?accountIdentifier=acc2")]
    [InlineData("/api/x?accountId=acc1&accountId=acc2")]
    [InlineData("/api/x?accountId=acc1&ACCOUNTID=acc2")]
    [InlineData("/api/x?accountId=%61cc2")]
    [InlineData("/stream/delegate/acc2")]
    [InlineData("//stream///delegate/acc2")]
    [InlineData("/stream/delegate/%61cc2?accountId=acc1")]
    [InlineData("/api/account/acc2/status")]
    public async Task Another_account_in_the_request_is_refused(string path)
    {
        var answer = await _listener.Curl.GetAsync("customer1.agent.test", path, _client);
        Assert.Equal(403, answer.Status);
        Assert.Equal("account_mismatch", answer.Header("gatehouse-refusal"));
        Assert.Equal("acc1", (await _listener.OnlyRefusalAsync()).AccountId);
    }

    [Theory]
    [InlineData("agent-mtls-authority: customer2.agent.test")]
    [InlineData("Agent-Mtls-Authority: customer2.agent.test")]
    [InlineData("agent_mtls_authority: customer2.agent.test")]
    [InlineData("AGENT-MTLS_AUTHORITY: customer2.agent.test")]
    [InlineData("Client-Cert: :AAAA:")]
    [InlineData("X-SSL-Client-Verify: SUCCESS")]
    [InlineData("gatehouse-cluster-credential: x")]
    public async Task Identity_headers_of_the_client_never_arrive(string header)
    {
        foreach (var host in new[] { "customer1.agent.test", AgentListener.SharedHost })
        {
            var answer = await _listener.Curl.GetAsync(host, "/", host == AgentListener.SharedHost ? null : _client, "--header", header, "--header", header, "--header", "Connection: agent-mtls-authority");
            Assert.Equal(200, answer.Status);
            Assert.DoesNotContain($"header {header.Split(':')[0]}=", answer.Body, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task Shared_host_asks_for_no_certificate_and_refuses_strict_accounts()
    {
        Assert.Equal(200, (await _listener.Curl.GetAsync(AgentListener.SharedHost, "/api/x?accountId=acc3")).Status);
        var answer = await _listener.Curl.GetAsync(AgentListener.SharedHost, "/api/x?accountId=acc1", _client);
        Assert.Equal(401, answer.Status);
        Assert.Equal("mtls_required", answer.Header("gatehouse-refusal"));
        Assert.Equal("INVALID_AGENT_MTLS_AUTHORITY", answer.Header("x-harness-error"));
        Assert.Contains("https://customer1.agent.test", answer.Body, StringComparison.Ordinal);
        await _listener.SetAsync("acc1", "customer1", MtlsMode.LOOSE, _ca.CertificatePem);
        Assert.Equal(200, (await _listener.Curl.GetAsync(AgentListener.SharedHost, "/api/x?accountId=acc1")).Status);
    }

    [Fact]
    public async Task A_large_upload_of_a_refused_client_still_gets_its_answer()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllBytesAsync(directory.File("body"), new byte[512 * 1024], TestContext.Current.CancellationToken);
        foreach (var http in new[] { "--http1.1", "--http2" })
        {
            var answer = await _listener.Curl.GetAsync("customer1.agent.test", "/", null, http, "--data-binary", "@" + directory.File("body"));
            Assert.True(answer.Status == 403, $"{http}: {answer.Command.All}");
        }
    }

    [Theory]
    [InlineData("-tls1")]
    [InlineData("-tls1_1")]
    [InlineData("-tls1_2", "-cipher", "AES128-GCM-SHA256:@SECLEVEL=0")]
    [InlineData("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256:@SECLEVEL=0")]
    public async Task Old_versions_and_suites_do_not_connect(params string[] arguments)
    {
        var client = await CommandLine.RunAsync("openssl", ["s_client", "-connect", $"127.0.0.1:{_listener.Port}", "-servername", "customer1.agent.test", .. arguments]);
        Assert.NotEqual(0, client.ExitCode);
        Assert.Contains("Cipher is (NONE)", client.Output, StringComparison.Ordinal);
    }
}
