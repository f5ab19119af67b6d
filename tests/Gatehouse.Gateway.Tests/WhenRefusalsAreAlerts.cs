using Gatehouse.Contracts;
using Gatehouse.Pki;
using Gatehouse.Testing;
using Gatehouse.Tls;

namespace Gatehouse.Gateway.Tests;

/// <summary><c>agent.refusal: alert</c>: the handshake fails, the alert says why, and the refusal is known to the operator all the same.</summary>
public sealed class WhenRefusalsAreAlerts(RecipePki pki) : IAsyncLifetime
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

    [Theory, InlineData("-tls1_2"), InlineData("-tls1_3")]
    public async Task A_certificate_from_the_future_gets_certificate_expired(string version)
    {
        _listener.Time.Offset = TimeSpan.FromDays(-400);
        await RefusedAsync(version, pki.Client, "alert certificate expired", RefusalCode.CertificateNotYetValid);
    }

    [Theory, InlineData("-tls1_2"), InlineData("-tls1_3")]
    public async Task A_revoked_certificate_gets_certificate_revoked(string version)
    {
        using var directory = new TemporaryDirectory();
        var crls = new OpenSslCrls(pki.Ca, directory.Path);
        await crls.RevokeAsync(pki.Client);
        await _listener.RevokeAsync("acc1", new EndpointRevocation([OpenSslCrls.DerOf(await crls.CreateAsync())], StaleCrlPolicy.Strict, default, []));
        await RefusedAsync(version, pki.Client, "alert certificate revoked", RefusalCode.CertificateRevoked);
    }

    [Theory, InlineData("-tls1_2"), InlineData("-tls1_3")]
    public async Task A_denied_certificate_gets_certificate_revoked(string version)
    {
        var entry = DenyEntry.FromCertificate(await File.ReadAllBytesAsync(pki.Client.Certificate, TestContext.Current.CancellationToken), DenyKind.PublicKeySha256);
        await _listener.RevokeAsync("acc1", new EndpointRevocation([], StaleCrlPolicy.Strict, default, [new DeniedCertificate(DenyBy.Key, entry.Value, entry.IssuerName)]));
        await RefusedAsync(version, pki.Client, "alert certificate revoked", RefusalCode.CertificateDenied);
    }

    [Theory, InlineData("-tls1_2"), InlineData("-tls1_3")]
    public async Task A_stale_list_gets_bad_certificate(string version)
    {
        using var directory = new TemporaryDirectory();
        await _listener.RevokeAsync("acc1", new EndpointRevocation([OpenSslCrls.DerOf(await new OpenSslCrls(pki.Ca, directory.Path).CreateAsync(hours: 24))], StaleCrlPolicy.Strict, default, []));
        _listener.Time.Offset = TimeSpan.FromHours(25);
        await RefusedAsync(version, pki.Client, "alert bad certificate", RefusalCode.CrlStale);
    }

    [Theory, InlineData("-tls1_2"), InlineData("-tls1_3")]
    public async Task A_client_that_issues_gets_unsupported_certificate(string version)
    {
        var rogue = await _listener.OpenSsl.CreateClientAsync(pki.Client, "rogue");
        await RefusedAsync(version, rogue, "alert unsupported certificate", RefusalCode.CertificateIssuerNotCa, "-cert_chain", pki.Client.Certificate);
    }

    [Theory, InlineData("-tls1_2"), InlineData("-tls1_3")]
    public async Task A_bundle_that_cannot_be_used_gets_unknown_ca(string version)
    {
        await _listener.SetAsync("acc1", "customer1", MtlsMode.STRICT, "not a bundle");
        await RefusedAsync(version, pki.Client, "alert unknown ca", RefusalCode.TrustUnusable);
    }

    /// <summary>The session was good when it was made; what counts is whether it is now, and the alert says so.</summary>
    [Theory, InlineData("-tls1_2"), InlineData("-tls1_3")]
    public async Task A_session_whose_certificate_was_revoked_gets_certificate_revoked(string version)
    {
        using var directory = new TemporaryDirectory();
        var session = directory.File("session");
        Assert.Contains("200 OK", await ClientAsync(version, pki.Client, "-sess_out", session), StringComparison.Ordinal);
        Assert.Contains("Reused, TLSv1", await ClientAsync(version, pki.Client, "-sess_in", session), StringComparison.Ordinal);
        await A_denied_certificate_gets_certificate_revoked(version);
        _listener.ForgetRefusals();
        await RefusedAsync(version, pki.Client, "alert certificate revoked", RefusalCode.CertificateDenied, "-sess_in", session);
    }

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

    private async Task RefusedAsync(string version, OpenSsl.Pair? client, string alert, RefusalCode code, params string[] more)
    {
        Assert.Contains(alert, await ClientAsync(version, client, more), StringComparison.Ordinal);
        var refusal = await _listener.OnlyRefusalAsync();
        Assert.Equal((code, "acc1", "customer1.agent.test"), (refusal.Code, refusal.AccountId, refusal.Host));
    }

    private async Task<string> ClientAsync(string version, OpenSsl.Pair? client, params string[] more)
    {
        string[] identity = client is null ? [] : ["-cert", client.Certificate, "-key", client.Key];
        var result = await CommandLine.RunAsync(
            "openssl", ["s_client", "-connect", $"127.0.0.1:{_listener.Port}", "-servername", "customer1.agent.test", version, "-ign_eof", .. identity, .. more],
            "GET / HTTP/1.1\r\nHost: customer1.agent.test\r\nConnection: close\r\n\r\n");
        return result.All;
    }
}
