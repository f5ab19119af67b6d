using Gatehouse.Contracts;
using Gatehouse.Testing;

namespace Gatehouse.Gateway.Tests.Forwarding;

/// <summary>nginx as the service that an operator runs behind <c>/sto-service</c> and <c>/scs-service</c>: the same admission as everywhere, the path without its prefix.</summary>
public sealed class WhenStoAndScsAreElsewhere(RecipePki pki) : IAsyncLifetime
{
    private const string Fqdn = "customer1.agent.test";
    private readonly TemporaryDirectory _directory = new();
    private ForeignServer _nginx = null!;
    private Uri _address = null!;

    public async ValueTask InitializeAsync()
    {
        var port = FreePorts.Next();
        _address = new Uri($"http://127.0.0.1:{port}");
        var configuration = _directory.File("nginx.conf");
        await File.WriteAllTextAsync(configuration, $$"""
            daemon off;
            master_process off;
            pid nginx.pid;
            error_log stderr;
            events { }
            http {
              access_log off;
              client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
              server {
                listen 127.0.0.1:{{port}};
                location / { return 200 "uri=$request_uri host=$http_host authority=$http_agent_mtls_authority client=$http_client_cert\n"; }
              }
            }
            """);
        _nginx = await ForeignServer.StartAsync(_directory.Path, port, "nginx", "-p", _directory.Path, "-c", configuration);
    }

    public async ValueTask DisposeAsync()
    {
        await _nginx.DisposeAsync();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("/sto-service", true)]
    [InlineData("/sto-service", false)]
    [InlineData("/scs-service", true)]
    public async Task A_client_with_its_certificate_reaches_the_service(string path, bool ownForwarder)
    {
        await using var listener = await StartAsync(o => o, ownForwarder);
        await listener.SetAsync("acc1", "customer1", MtlsMode.STRICT, pki.Ca.CertificatePem);
        var answer = await listener.Curl.GetAsync(Fqdn, $"{path}/api/v2/scans?accountId=acc1&page=1", pki.Client, "--header", "agent-mtls-authority: evil", "--header", "Client-Cert: :AAAA:");
        Assert.Equal(200, answer.Status);
        Assert.StartsWith($"uri=/api/v2/scans?accountId=acc1&page=1 host={Fqdn}:{listener.Port} authority={Fqdn} client=\n", answer.Body, StringComparison.Ordinal);
        // The account is the connection's: a request need not say it, and may not say another.
        Assert.StartsWith("uri=/ ", (await listener.Curl.GetAsync(Fqdn, path, pki.Client)).Body, StringComparison.Ordinal);
        foreach (var (query, header) in new[] { ("?accountId=acc2", "X: y"), ("", "Harness-Account: acc2"), ("", "accountId: acc2") })
        {
            var other = await listener.Curl.GetAsync(Fqdn, $"{path}/x{query}", pki.Client, "--header", header);
            Assert.Equal((403, "account_mismatch"), (other.Status, other.Header(HeaderNames.GatehouseRefusal)));
        }
    }

    [Fact]
    public async Task The_mode_holds_on_every_way_in()
    {
        await using var listener = await StartAsync(o => o);
        await listener.SetAsync("acc1", "customer1", MtlsMode.STRICT, pki.Ca.CertificatePem);
        Assert.Equal((403, "client_certificate_required"), await OutcomeAsync(Fqdn, "/sto-service/x"));
        Assert.Equal((401, "mtls_required"), await OutcomeAsync(AgentListener.SharedHost, "/sto-service/x?accountId=acc1"));
        // Whoever names no account was judged by nothing: the service would take it for anybody's.
        var nobody = await listener.Curl.GetAsync(AgentListener.SharedHost, "/scs-service/x");
        Assert.Equal(400, nobody.Status);
        Assert.Contains("\"code\":\"account_required\"", nobody.Body, StringComparison.Ordinal);

        await listener.SetAsync("acc1", "customer1", MtlsMode.LOOSE, pki.Ca.CertificatePem);
        Assert.Equal((200, null), await OutcomeAsync(Fqdn, "/sto-service/x"));
        Assert.Equal((200, null), await OutcomeAsync(AgentListener.SharedHost, "/sto-service/x?accountId=acc1"));

        async Task<(int, string?)> OutcomeAsync(string host, string path)
        {
            var answer = await listener.Curl.GetAsync(host, path);
            return (answer.Status, answer.Header(HeaderNames.GatehouseRefusal));
        }
    }

    [Fact]
    public async Task The_operator_names_the_paths()
    {
        await using var listener = await StartAsync(o => o, paths: ("/sto", "/ssca"));
        await listener.SetAsync("acc1", "customer1", MtlsMode.STRICT, pki.Ca.CertificatePem);
        Assert.StartsWith("uri=/x ", (await listener.Curl.GetAsync(Fqdn, "/sto/x", pki.Client)).Body, StringComparison.Ordinal);
        Assert.StartsWith("uri=/x ", (await listener.Curl.GetAsync(Fqdn, "/ssca/x", pki.Client)).Body, StringComparison.Ordinal);
        // Not the service's: it begins likewise.
        Assert.DoesNotContain("uri=", (await listener.Curl.GetAsync(Fqdn, "/stop/x", pki.Client)).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_is_nowhere_or_away_is_a_problem_in_words()
    {
        await using (var without = await StartAsync(_ => null))
        {
            await without.SetAsync("acc1", "customer1", MtlsMode.STRICT, pki.Ca.CertificatePem);
            foreach (var (path, key) in new[] { ("/sto-service/x", "services.stoService"), ("/scs-service/x", "services.scsService") })
            {
                var nowhere = await without.Curl.GetAsync(Fqdn, path, pki.Client);
                Assert.Equal((404, "application/problem+json"), (nowhere.Status, nowhere.Header("Content-Type")));
                Assert.Contains(key, nowhere.Body, StringComparison.Ordinal);
            }
        }
        await using var listener = await StartAsync(_ => new Uri($"http://127.0.0.1:{FreePorts.Next()}"));
        await listener.SetAsync("acc1", "customer1", MtlsMode.STRICT, pki.Ca.CertificatePem);
        var away = await listener.Curl.GetAsync(Fqdn, "/sto-service/x", pki.Client);
        Assert.Equal(502, away.Status);
        Assert.Contains("the STO service did not answer", away.Body, StringComparison.Ordinal);
    }

    private Task<AgentListener> StartAsync(Func<Uri, Uri?> address, bool ownForwarder = true, (string Sto, string Scs)? paths = null) => AgentListener.StartAsync(o => new GatewayOptions
    {
        AgentDomain = o.AgentDomain,
        SharedHosts = o.SharedHosts,
        CertificatePath = o.CertificatePath,
        CertificateKeyPath = o.CertificateKeyPath,
        OwnHttp1Forwarder = ownForwarder,
        StoServiceAddress = address(_address),
        StoServicePath = paths?.Sto ?? o.StoServicePath,
        ScsServiceAddress = address(_address),
        ScsServicePath = paths?.Scs ?? o.ScsServicePath,
    });
}
