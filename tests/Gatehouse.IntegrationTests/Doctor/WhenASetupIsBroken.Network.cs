using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Gatehouse.Cli.Doctor;
using Gatehouse.Pki;
using Gatehouse.Testing;

namespace Gatehouse.IntegrationTests.Doctor;

/// <content>What can be wrong between here and there.</content>
public sealed partial class WhenASetupIsBroken
{
    private const string Host = "customer1.agent.localhost";

    private DoctorInput At(int port) => clinic.Good() with { Url = $"https://{Host}:{port}", ServerCaPath = clinic.File_("test-root.crt"), Timeout = TimeSpan.FromSeconds(30) };

    /// <summary>A name that is not this machine's own, so that the proxy is used.</summary>
    private DoctorInput Through(int proxy) => clinic.Good() with { Url = $"https://customer1.agent.example:{clinic.AgentPort}", ProxyUrl = $"http://user:s3cr3t@127.0.0.1:{proxy}" };

    [Fact]
    public async Task Port_where_nobody_is() => await FirstAsync(DoctorCodes.ConnectionRefused, At(FreePorts.Next()));

    /// <summary>A full queue of connections makes Linux drop what comes, as a firewall does.</summary>
    [Fact]
    public async Task Port_behind_which_packets_are_dropped()
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        using var first = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await first.ConnectAsync(listener.LocalEndPoint!, TestContext.Current.CancellationToken);
        Assert.Contains("firewall", (await FirstAsync(DoctorCodes.ConnectionTimedOut, At(((IPEndPoint)listener.LocalEndPoint!).Port) with { Timeout = TimeSpan.FromMilliseconds(500) })).NextStep);
    }

    [Fact]
    public async Task Port_of_the_operator() => await FirstAsync(DoctorCodes.NotTls, At(clinic.OperatorPort));

    [Fact]
    public async Task Port_that_says_nothing()
    {
        await using var silent = new ScriptedPeer((_, cancel) => Task.Delay(Timeout.Infinite, cancel));
        await FirstAsync(DoctorCodes.TlsFailed, At(silent.Port) with { Timeout = TimeSpan.FromSeconds(1) });
    }

    [Theory]
    [InlineData(DoctorCodes.ProxyPassword, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")]
    [InlineData(DoctorCodes.ProxyRefuses, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")]
    [InlineData(DoctorCodes.ProxyIsNone, "SSH-2.0-OpenSSH_9.2\r\n")]
    public async Task Proxy(string code, string answer)
    {
        await using var proxy = ScriptedPeer.Proxy(answer);
        Assert.DoesNotContain("s3cr3t", (await FirstAsync(code, Through(proxy.Port))).Cause);
    }

    [Fact]
    public async Task Proxy_that_is_not_there() => await FirstAsync(DoctorCodes.ProxyNotReachable, Through(FreePorts.Next()));

    [Fact]
    public async Task Proxy_that_works_is_gone_through()
    {
        await using var proxy = ScriptedPeer.Proxy(null, clinic.AgentPort);
        var report = await Clinic.ExamineAsync(Through(proxy.Port));
        // The name is not the gateway's, which it says through the tunnel.
        Assert.Equal("sni_unknown", report.Diagnoses[0].Code);
        Assert.Contains(report.Observations, one => one.Step == "connection" && one.Seen.Contains("through the proxy", StringComparison.Ordinal));
        Assert.DoesNotContain("s3cr3t", Told(report));
    }

    [Fact]
    public async Task Proxy_over_tls_is_gone_through_when_its_root_is_known()
    {
        await using var proxy = ScriptedPeer.TlsProxy(clinic.Server("proxy.localhost"), clinic.AgentPort);
        var secured = Through(proxy.Port) with { ProxyUrl = $"https://user:s3cr3t@proxy.localhost:{proxy.Port}" };
        // The name is not the gateway's, which it says through the tunnel.
        await FirstAsync("sni_unknown", secured with { ServerCaPath = clinic.File_("test-root.crt") });

        var first = await FirstAsync(DoctorCodes.ProxyNotTrusted, secured);
        Assert.Contains("is not trusted", first.Cause, StringComparison.Ordinal);
        Assert.Contains("CN=Test Root", first.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Proxy_whose_scheme_is_wrong()
    {
        // A ClientHello is no request to it.
        await using var proxy = new ScriptedPeer(async (stream, cancel) =>
        {
            await stream.ReadExactlyAsync(new byte[16], cancel);
            await stream.WriteAsync("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), cancel);
        });
        var first = await FirstAsync(DoctorCodes.ProxyIsNone, Through(proxy.Port) with { ProxyUrl = $"https://127.0.0.1:{proxy.Port}" });
        Assert.Contains("does not speak TLS itself", first.Cause, StringComparison.Ordinal);
    }

    /// <summary>OpenSSL's own server, which has alerts and no words.</summary>
    [Fact]
    public async Task Gateway_that_refuses_by_a_tls_alert()
    {
        using var server = clinic.Server(Host);
        var key = clinic.WriteSecret("alerting.key", server.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        var port = FreePorts.Next();
        await using var gateway = await ForeignServer.StartAsync(
            Path.GetDirectoryName(key)!, port, "openssl", "s_server", "-accept", $"127.0.0.1:{port}", "-cert", clinic.Write("alerting.crt", server.ExportCertificatePem()), "-key", key,
            "-CAfile", clinic.Write("alerting-ca.crt", clinic.Ca().CertificatePem), "-Verify", "2", "-verify_return_error", "-www");
        await FirstAsync("certificate_unknown_ca", At(port) with { CertificatePath = clinic.With(clinic.OfStranger(), "alert-stranger").CertificatePath, KeyPath = clinic.File_("alert-stranger.key") });
        await FirstAsync("certificate_purpose", At(port) with { CertificatePath = clinic.With(clinic.ServerPurpose(), "alert-purpose").CertificatePath, KeyPath = clinic.File_("alert-purpose.key") });
        await FirstAsync("client_certificate_required", At(port) with { CertificatePath = null, KeyPath = null });
    }

    [Fact]
    public async Task Inspection_is_named_though_its_root_is_trusted()
    {
        var root = CertificateIssuer.CreateCa("/O=Zscaler Inc./OU=Zscaler Inc./CN=Zscaler Root CA", 30, KeyKind.EcP256, TimeProvider.System.GetUtcNow());
        await using var box = ScriptedPeer.Tls(clinic.Server(Host, root), answer: null, gateway: (Host, clinic.AgentPort));
        var first = await FirstAsync(DoctorCodes.TlsInspection, At(box.Port) with { ServerCaPath = clinic.Write("zscaler.crt", root.CertificatePem) });
        Assert.StartsWith("Zscaler opens TLS", first.Cause);
    }

    [Fact]
    public async Task Balancer_that_ends_tls_and_asks()
    {
        await using var box = ScriptedPeer.Tls(clinic.Server(Host), answer: null, asks: true, gateway: (Host, clinic.AgentPort));
        Assert.Contains("none arrived at the gateway", (await FirstAsync(DoctorCodes.TlsInspection, At(box.Port))).Cause);
    }

    [Fact]
    public async Task Balancer_that_ends_tls_and_does_not_ask()
    {
        await using var box = ScriptedPeer.Tls(clinic.Server(Host), answer: null, gateway: (Host, clinic.AgentPort));
        await FirstAsync(DoctorCodes.CertificateNotRequested, At(box.Port) with { Account = null, Token = null });
    }

    [Fact]
    public async Task Root_that_is_missing() => Assert.Contains("DELEGATE_CA_BUNDLE_DIR", (await FirstAsync(DoctorCodes.ServerNotTrusted, clinic.Good() with { ServerCaPath = null, ServerCaFolder = clinic.File_("no-folder") })).NextStep);

    [Fact]
    public async Task Server_certificate_for_another_name()
    {
        await using var server = ScriptedPeer.Tls(clinic.Server("customer1.agent.example.io"), answer: null, asks: true, gateway: (Host, clinic.AgentPort));
        Assert.Contains("customer1.agent.example.io", (await FirstAsync(DoctorCodes.ServerName, At(server.Port) with { CertificatePath = null, KeyPath = null })).Cause);
    }

    [Fact]
    public async Task Server_certificate_that_expired()
    {
        await using var server = ScriptedPeer.Tls(clinic.Server(Host, CertificateIssuer.CreateCa("/CN=Old", 900, KeyKind.EcP256, TimeProvider.System.GetUtcNow().AddDays(-100)), TimeProvider.System.GetUtcNow().AddDays(-50), 20), answer: null, asks: true);
        await FirstAsync(DoctorCodes.ServerOutOfDate, At(server.Port) with { CertificatePath = null, KeyPath = null });
    }

    [Theory]
    [InlineData(DoctorCodes.NoGateway, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>")]
    [InlineData(DoctorCodes.NoGateway, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")]
    [InlineData(DoctorCodes.ClosedWithoutAnswer, "")]
    [InlineData(DoctorCodes.PathMissing, "HTTP/1.1 200 OK\r\nContent-Length: 26\r\n\r\n{\"resource\":\"ACTIVE\"}     ")]
    public async Task Server_of_another_make(string code, string answer)
    {
        // The last one knows /api/ alone.
        await using var server = code == DoctorCodes.PathMissing
            ? ScriptedPeer.TlsByPath(clinic.Server(Host), path => path.StartsWith("/api/", StringComparison.Ordinal) ? answer : "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            : ScriptedPeer.Tls(clinic.Server(Host), answer, asks: true);
        await FirstAsync(code, At(server.Port));
    }
}
