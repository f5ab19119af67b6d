using Gatehouse.Testing;

namespace Gatehouse.IntegrationTests.SelfTest;

/// <summary>A test that cannot fail proves nothing: selftest against gateways that are set up as one should not, each with other holes.</summary>
public sealed class WhenTheGatewayIsBad
{
    /// <summary>nginx: a default server, one session cache, certificates asked for but not insisted on, headers passed on, everything old allowed.</summary>
    [Fact]
    public async Task A_proxy_with_a_default_server_that_passes_headers_on()
    {
        using var tenants = await TwoTenants.CreateAsync();
        var upstream = FreePorts.Next();
        var configuration = tenants.Write("nginx.conf", $$"""
            daemon off;
            pid nginx.pid;
            error_log stderr crit;
            events {}
            http {
              access_log off;
              client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
              underscores_in_headers on;
              ssl_certificate server.crt;
              ssl_certificate_key server.key;
              ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;
              ssl_ciphers ALL:@SECLEVEL=0;
              ssl_early_data on;
              ssl_session_cache shared:all:1m;
              ssl_client_certificate ca1.crt;
              ssl_verify_client optional_no_ca;
              server { listen 127.0.0.1:{{tenants.Port}} ssl http2 default_server; server_name {{TwoTenants.First}}; location / { proxy_pass http://127.0.0.1:{{upstream}}; } }
              server { listen 127.0.0.1:{{tenants.Port}} ssl http2; server_name {{TwoTenants.Second}}; location / { proxy_pass http://127.0.0.1:{{upstream}}; } }
              server {
                listen 127.0.0.1:{{upstream}};
                location /api/agent/ {
                  if ($http_agent_mtls_authority) { return 401 '{"code":"INVALID_TOKEN"}'; }
                  if ($http_x_ssl_client_verify) { return 401 '{"code":"INVALID_TOKEN"}'; }
                  return 401 '{"code":"mtls_required"}';
                }
                location / { return 200 'here'; }
              }
            }
            """);
        await using var nginx = await ForeignServer.StartAsync(tenants.Directory.Path, tenants.Port, "nginx", "-p", tenants.Directory.Path, "-c", configuration);

        var report = await SelfTestReport.RunAsync(tenants.Arguments);

        Assert.Equal(["pass", "pass", "pass"], report.Rows.Where(row => row.Threat == "CONTROL").Select(row => row.Result));
        report.MustFail("A1", "TLS 1.3: a session earned here, on a connection without server name", "resumed there; then 200");
        report.MustFail("A1", "TLS 1.2: a session earned here, at the other tenant's name", "resumed there");
        report.MustFail("A3", "HTTP/1.1: own Host with letters for a port", "200");
        report.MustFail("A4", "no server name, own Host, no certificate", "200");
        report.MustFail("A4", "server name nobody-lives-here.agent.localhost, own Host, no certificate", "200");
        report.MustFail("A4", "an IP address as server name", "200");
        report.MustFail("A4", "a server name that is not ASCII", "200");
        report.MustFail("A4", "an empty server name", "goes on");
        foreach (var spelling in new[] { "agent-mtls-authority: ", "the same in mixed case", "the same with underscores", "the same twice", "what other gateways set" })
        {
            foreach (var where in new[] { "(on the endpoint, no certificate)", "(on the endpoint, good certificate)", "(on the shared host)" })
            {
                var row = Assert.Single(report.Rows, row => row.Threat == "A6" && row.Sent.StartsWith(spelling, StringComparison.Ordinal) && row.Sent.EndsWith(where, StringComparison.Ordinal));
                Assert.Equal(("fail", "401 INVALID_TOKEN, without it 401 mtls_required"), (row.Result, row.Received));
            }
        }

        Assert.Equal(3, report.Failed.Count(row => row.Threat == "A7"));
        Assert.Equal(14, report.Failed.Count(row => row.Threat == "A8" && row.Received == "200"));
        report.MustFail("A12", "a self-signed certificate, TLS 1.3", "200");
        report.MustFail("A12", "the other tenant's good certificate, TLS 1.2", "200");
        report.MustFail("A12", "the good certificate, at the other tenant's endpoint", "200");
        report.MustFail("B1", "a self-signed certificate, HTTP/1.1, TLS 1.2", "without status 403");
        report.MustFail("B9", "a chain of 50 certificates, TLS 1.3", "200");
        report.MustFail("B14", "a handshake, TLS 1.3", "O=First");
        report.MustFail("B14", "a handshake, TLS 1.2", "O=First");
        report.MustFail("B15", "HTTP/1.1: Host nobody-lives-here", "421");
        report.MustFail("TLS", "a ClientHello of TLS 1.0", "ServerHello");
        report.MustFail("TLS", "a ClientHello of TLS 1.1", "ServerHello");
        report.MustFail("TLS", "TLS 1.2 with weak suites only: RSA key exchange", "ServerHello");
        report.MustFail("TLS", "TLS 1.2 with weak suites only: CBC", "ServerHello");
        report.MustFail("TLS", "TLS 1.2 with weak suites only: no encryption", "ServerHello");
        report.MustFail("TLS", "TLS 1.3: a session, to send data before its handshake", "16384 bytes");
        // Its own limit is 60 s: longer than the test was told to wait.
        Assert.Equal(4, report.Failed.Count(row => row.Threat == "SLOW" && row.Received.StartsWith("still open", StringComparison.Ordinal)));
    }

    /// <summary>
    /// HAProxy as people write it: one certificate, one line and one CA per tenant. It verifies well, and takes the first tenant's session at the second's name.
    /// What it tells the service goes with hop-by-hop headers. And before it stands something that reads server names from the first segment.
    /// </summary>
    [Fact]
    public async Task A_proxy_that_verifies_but_resumes_anywhere()
    {
        using var tenants = await TwoTenants.CreateAsync();
        var (strict, lax) = (FreePorts.Next(), FreePorts.Next());
        tenants.Write("server.pem", tenants.Server.CertificatePem + tenants.Server.KeyPem);
        tenants.Write("tenants.list", $"server.pem [ca-file ca1.crt verify required] {TwoTenants.First}\nserver.pem [ca-file ca2.crt verify required] {TwoTenants.Second}\n");
        var configuration = tenants.Write("haproxy.cfg", $$"""
            defaults
              mode http
              timeout client 30s
              timeout server 5s
              timeout connect 5s
            frontend agents
              bind 127.0.0.1:{{strict}} ssl crt-list tenants.list alpn h2,http/1.1
              acl judged path_beg /api/agent/
              http-request return status 401 content-type application/json string '{"code":"INVALID_TOKEN"}' if judged { ssl_c_used } !{ req.hdr(connection) -m sub agent-mtls-authority }
              http-request return status 401 content-type application/json string '{"code":"mtls_required"}' if judged
              http-request return status 200 content-type text/plain string here

            """);
        await using var haproxy = await ForeignServer.StartAsync(tenants.Directory.Path, strict, "haproxy", "-db", "-f", configuration);
        await using var byDefault = await ForeignServer.StartAsync(tenants.Directory.Path, lax, "openssl", "s_server", "-accept", $"127.0.0.1:{lax}", "-cert", "server.crt", "-key", "server.key", "-www", "-quiet");
        await using var peeking = new PeekingProxy(tenants.Port, ".agent.localhost", strict, lax);

        var report = await SelfTestReport.RunAsync(tenants.Arguments);

        report.MustFail("A1", "TLS 1.3: a session earned here, at the other tenant's name", "resumed there; then 200");
        report.MustFail("A1", "TLS 1.2: a session earned here, at the other tenant's name", "resumed there; then 200");
        report.MustFail("A3", $"HTTP/1.1: Host {TwoTenants.Second}:", "200");
        report.MustFail("A3", $"HTTP/2: :authority {TwoTenants.Second}", "200");
        report.MustFail("A3", "HTTP/2: no :authority, host the other", "200");
        report.MustFail("A3", "HTTP/1.1: the other as user part", "200");
        foreach (var cut in new[] { "one byte per TCP segment", "16 bytes per TLS record" })
            report.MustFail("A4", $"ClientHello, {cut}, no certificate", "200");
        report.MustFail("A7", "Connection: close, agent-mtls-authority (on the endpoint, good certificate)", "401 mtls_required, without it 401 INVALID_TOKEN");
        // What it does well is not called wrong: it refuses by alert, and every stranger.
        Assert.All(report.Rows.Where(row => row.Threat is "CONTROL" or "A10" or "A12" or "B1" or "B9" or "B16"), row => Assert.Equal("pass", row.Result));
        Assert.Contains("TLS alert", report.Of("B1", "a self-signed certificate, HTTP/1.1, TLS 1.3").Received, StringComparison.Ordinal);
    }

    /// <summary>openssl s_server: asks for a certificate, believes any, and renegotiates when a client wants to.</summary>
    [Fact]
    public async Task A_server_that_asks_and_believes()
    {
        using var tenants = await TwoTenants.CreateAsync();
        await using var server = await ForeignServer.StartAsync(tenants.Directory.Path, tenants.Port, "openssl", "s_server", "-accept", $"127.0.0.1:{tenants.Port}",
            "-cert", "server.crt", "-key", "server.key", "-CAfile", "ca1.crt", "-Verify", "5", "-client_renegotiation", "-www", "-quiet");

        var report = await SelfTestReport.RunAsync(tenants.Arguments);

        report.MustFail("A10", "a certificate signed with the good client certificate's key, TLS 1.3", "200");
        report.MustFail("A10", "a certificate signed with the good client certificate's key, TLS 1.2", "200");
        report.MustFail("A12", "a certificate of another CA with the real one's name and key identifier, TLS 1.3", "200");
        report.MustFail("A12", "an expired certificate of that CA, TLS 1.2", "200");
        report.MustFail("A12", "a certificate of that CA for servers only, TLS 1.3", "200");
        report.MustFail("TLS", "TLS 1.2: a second handshake on the connection", "renegotiated");
    }

    /// <summary>A server of the test's own does what no gateway of a distribution can be made to do: each check fails here, but for those that fail above.</summary>
    [Fact]
    public async Task A_server_that_cares_about_nothing()
    {
        using var tenants = await TwoTenants.CreateAsync();
        using var server = new CarelessServer(tenants.Port, TwoTenants.First, tenants.Server);
        // Its certificate is not the one that was promised, and the shorter limit is enough to see that nobody is ever cut.
        var report = await SelfTestReport.RunAsync([.. tenants.Arguments.Select(a => a == tenants.Server.Certificate ? tenants.FirstCa.Certificate : a == "5s" ? "3s" : a)]);

        report.MustFail("CONTROL", "nothing: the server's certificate", "not trusted");
        report.MustFail("CONTROL", "the same again, after all of this", "503");
        report.MustFail("A1", "TLS 1.3: a session earned here, at its own name", "resumed; 404, the first time 200");
        report.MustFail("A1", "TLS 1.2: a session earned here, at its own name", "resumed; 404, the first time 200");
        report.MustFail("A3", "HTTP/1.1: the other as Host, absolute target with own", "200, with another body than without it");
        report.MustFail("A3", "HTTP/2: own :authority, host the other", "200, with another body than without it");
        report.MustFail("A3", "HTTP/1.1: own Host, X-Forwarded-Host", "202, without it 200");
        foreach (var version in new[] { "HTTP/1.1: own Host", "HTTP/2: own :authority" })
        {
            foreach (var spelling in new[] { "upper case", "with a dot at the end", "without port" })
                report.MustFail("A3", $"{version}, {spelling}", "404");
        }
        report.MustFail("A4", "a server name of 300 bytes", "a ServerHello (suite 0x1301)");
        report.MustFail("A4", "a server name with a zero byte", "a ServerHello (suite 0x1301)");
        report.MustFail("A4", "an empty server name", "a ServerHello (suite 0x1301)");
        foreach (var spelling in new[] { "in upper case", "with a dot at the end", "with a port" })
            report.MustFail("A4", $"own server name {spelling}", "404");
        report.MustFail("A4", "ClientHello, its first byte in a TLS record of its own, good certificate", "404");
        report.MustFail("B9", "an issuer with an RSA key of 16,384 bits, TLS 1.3", "200 after");
        report.MustFail("B9", "a certificate of 1 MB, TLS 1.3", "200 after");
        report.MustFail("B16", "a handshake, TLS 1.2", "no certificate was asked for");
        report.MustFail("TLS", "a ClientHello of SSL 3.0", "a ServerHello (suite 0xC009)");
        report.MustFail("TLS", "TLS 1.2 with weak suites only: 3DES and RC4", "a ServerHello (suite 0xC012)");
        report.MustFail("TLS", "TLS 1.2 with compression offered first", "taken up");
        report.MustFail("SLOW", "random bytes in the place of a TLS record", "200");
        report.MustFail("SLOW", "bytes that are no TLS at all", "200");
        report.MustFail("SLOW", "bytes that are no HTTP, inside TLS", "200");
        report.MustFail("SLOW", "HTTP without TLS", "200");

        // What it does right, and so may pass: it sets no header for a service, names no CAs, takes neither early data nor a second handshake, and does ask over TLS 1.3.
        // A request with its port is the well-behaved one, letter by letter.
        Assert.All(report.Rows.Where(row => row.Result == "pass"), row => Assert.True(
            row.Threat is "A6" or "A7" or "B14"
            || (row.Threat, row.Sent) is ("B16", "a handshake, TLS 1.3") or ("CONTROL", "a well-behaved request with the good certificate")
            || (row.Threat == "A3" && row.Sent.EndsWith("with its port: the same name", StringComparison.Ordinal))
            || (row.Threat == "TLS" && (row.Sent.Contains("(renegotiation)", StringComparison.Ordinal) || row.Sent.Contains("(0-RTT)", StringComparison.Ordinal))), $"{row} passed"));
        // Certificates that are not asked for are not shown; the rest needs an operator.
        Assert.All(report.NotTested, row => Assert.True(row.Threat is "A2" or "A5" or "A9" or "A13" || row.Sent.EndsWith("TLS 1.2", StringComparison.Ordinal), $"{row} was not tested"));
    }
}
