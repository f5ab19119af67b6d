using Gatehouse.Contracts;
using Gatehouse.Testing;
using Gatehouse.Tls;

namespace Gatehouse.Gateway.Tests;

/// <summary><c>agent.refusal: alert</c>: the handshake fails, the alert says why, and the refusal is known to the operator all the same.</summary>
public sealed class WhenRefusalsAreAlerts(RecipePki pki) : IClassFixture<RecipePki>, IAsyncLifetime
{
    private AgentListener _listener = null!;

    public async ValueTask InitializeAsync()
    {
        _listener = await AgentListener.StartAsync(o => o.With(TlsEngineKind.OpenSsl, RefusalForm.Alert));
        await _listener.SetAsync("acc1", "customer1", MtlsMode.STRICT, pki.Ca.CertificatePem);
    }

    public async ValueTask DisposeAsync() => await _listener.DisposeAsync();

    [Theory, InlineData("-tls1_2"), InlineData("-tls1_3")]
    public async Task A_stranger_gets_unknown_ca(string version) =>
        await RefusedAsync(version, pki.OtherClient, "alert unknown ca", RefusalCode.CertificateUnknownCa);

    [Theory, InlineData("-tls1_2"), InlineData("-tls1_3")]
    public async Task An_expired_certificate_gets_certificate_expired(string version) =>
        await RefusedAsync(version, await _listener.OpenSsl.CreateExpiredClientAsync(pki.Ca), "alert certificate expired", RefusalCode.CertificateExpired);

    [Theory, InlineData("-tls1_2"), InlineData("-tls1_3")]
    public async Task A_servers_certificate_gets_unsupported_certificate(string version) =>
        await RefusedAsync(version, await _listener.OpenSsl.CreateClientAsync(pki.Ca, "server-only", "extendedKeyUsage=serverAuth"),
            "alert unsupported certificate", RefusalCode.CertificatePurpose);

    // TLS 1.2 has no alert of its own for it (RFC 5246 §7.4.6).
    [Theory, InlineData("-tls1_2", "alert handshake failure"), InlineData("-tls1_3", "alert certificate required")]
    public async Task No_certificate_gets_certificate_required(string version, string alert) =>
        await RefusedAsync(version, null, alert, RefusalCode.ClientCertificateRequired);

    [Theory, InlineData("-tls1_2"), InlineData("-tls1_3")]
    public async Task The_right_certificate_gets_in(string version)
    {
        Assert.Contains("authority=customer1.agent.test", await ClientAsync(version, pki.Client), StringComparison.Ordinal);
        Assert.Empty(_listener.Refusals);
    }

    private async Task RefusedAsync(string version, OpenSsl.Pair? client, string alert, RefusalCode code)
    {
        Assert.Contains(alert, await ClientAsync(version, client), StringComparison.Ordinal);
        var refusal = Assert.Single(_listener.Refusals);
        Assert.Equal((code, "acc1", "customer1.agent.test"), (refusal.Code, refusal.AccountId, refusal.Host));
    }

    private async Task<string> ClientAsync(string version, OpenSsl.Pair? client)
    {
        string[] identity = client is null ? [] : ["-cert", client.Certificate, "-key", client.Key];
        var result = await CommandLine.RunAsync(
            "openssl", ["s_client", "-connect", $"127.0.0.1:{_listener.Port}", "-servername", "customer1.agent.test", version, "-ign_eof", .. identity],
            "GET / HTTP/1.1\r\nHost: customer1.agent.test\r\nConnection: close\r\n\r\n");
        return result.All;
    }
}
