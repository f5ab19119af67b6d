using Gatehouse.Contracts;
using Gatehouse.Testing;
using Gatehouse.Tls;

namespace Gatehouse.Gateway.Tests;

/// <summary>Resumption (threats A1, A2, B4), with OpenSSL's own client: at the same name under the same trust, and nowhere else.</summary>
public abstract class WhenSessionsResume(RecipePki pki, ResumptionForm form) : IAsyncLifetime
{
    private const string Host = "customer1.agent.test", OtherHost = "customer2.agent.test";
    private readonly TemporaryDirectory _directory = new();
    private AgentListener _listener = null!;

    public static TheoryData<string> Versions => ["-tls1_2", "-tls1_3"];

    public async ValueTask InitializeAsync()
    {
        _listener = await AgentListener.StartAsync(o => o.With(TlsEngineKind.OpenSsl, resumption: form));
        Assert.Equal("openssl", _listener.Engine);
        await _listener.SetAsync("acc1", "customer1", MtlsMode.STRICT, pki.Ca.CertificatePem);
        await _listener.SetAsync("acc2", "customer2", MtlsMode.STRICT, pki.OtherCa.CertificatePem);
    }

    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        _directory.Dispose();
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_session_resumes_at_its_name_with_the_identity_it_was_made_with(string version)
    {
        var session = await EarnAsync(version);
        var again = await UseAsync(version, Host, session, withCertificate: false);
        Assert.Contains("Reused, TLSv1", again, StringComparison.Ordinal);
        Assert.Contains("authority=customer1.agent.test", again, StringComparison.Ordinal);
        Assert.Contains("CN=Client", again, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_client_behind_an_intermediate_resumes_and_is_judged_with_it(string version)
    {
        var openSsl = new OpenSsl(_directory.Path);
        var intermediate = await openSsl.CreateIntermediateAsync(pki.Ca);
        var deep = await openSsl.CreateClientAsync(intermediate, "deep");
        var session = _directory.File("deep-session");
        string[] identity = ["-cert", deep.Certificate, "-key", deep.Key, "-cert_chain", intermediate.Certificate];
        Assert.Contains("200 OK", await ClientAsync(_listener.Port, version, Host, withCertificate: false, ["-sess_out", session, .. identity]), StringComparison.Ordinal);

        var again = await UseAsync(version, Host, session, withCertificate: false);
        Assert.Contains("Reused, TLSv1", again, StringComparison.Ordinal);
        Assert.Contains("authority=customer1.agent.test", again, StringComparison.Ordinal);
    }

    /// <summary>Whoever sends 10 KB of certificates that nobody needs is served, and is not remembered with them.</summary>
    [Theory, MemberData(nameof(Versions))]
    public async Task A_session_with_too_many_certificates_is_not_kept(string version)
    {
        var others = _directory.File("others");
        File.WriteAllText(others, string.Concat(Enumerable.Repeat(pki.OtherCa.CertificatePem + pki.NewCa.CertificatePem, 6)));
        var session = _directory.File("large-session");
        string[] chain = ["-cert_chain", others];
        Assert.Contains("200 OK", await ClientAsync(_listener.Port, version, Host, withCertificate: true, ["-sess_out", session, .. chain]), StringComparison.Ordinal);
        var again = await ClientAsync(_listener.Port, version, Host, withCertificate: true, ["-sess_in", session, .. chain]);
        Assert.Contains("200 OK", again, StringComparison.Ordinal);
        Assert.DoesNotContain("Reused, ", again, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_session_of_one_tenant_never_resumes_at_anothers_name(string version)
    {
        var session = await EarnAsync(version);
        var again = await UseAsync(version, OtherHost, session);
        Assert.DoesNotContain("Reused, ", again, StringComparison.Ordinal);
        Assert.Contains("certificate_unknown_ca", again, StringComparison.Ordinal);
        Assert.DoesNotContain("authority=", again, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_session_does_not_outlive_a_change_of_trust(string version)
    {
        var session = await EarnAsync(version);
        await _listener.SetAsync("acc1", "customer1", MtlsMode.STRICT, pki.NewCa.CertificatePem);
        var again = await UseAsync(version, Host, session);
        Assert.DoesNotContain("Reused, ", again, StringComparison.Ordinal);
        Assert.Contains("certificate_unknown_ca", again, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_session_does_not_outlive_its_certificate(string version)
    {
        var session = await EarnAsync(version);
        _listener.Time.Offset = TimeSpan.FromDays(10_000);
        var again = await UseAsync(version, Host, session);
        Assert.DoesNotContain("Reused, ", again, StringComparison.Ordinal);
        Assert.Contains("certificate_expired", again, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_session_does_not_outlive_a_revocation(string version)
    {
        var session = await EarnAsync(version);
        var crls = new OpenSslCrls(pki.Ca, _directory.Path);
        await crls.RevokeAsync(pki.Client);
        await _listener.RevokeAsync("acc1", new EndpointRevocation([OpenSslCrls.DerOf(await crls.CreateAsync())], StaleCrlPolicy.Strict, default, []));
        var again = await UseAsync(version, Host, session);
        Assert.DoesNotContain("Reused, ", again, StringComparison.Ordinal);
        Assert.Contains("certificate_revoked", again, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_session_does_not_outlive_the_list_it_was_judged_by(string version)
    {
        await _listener.RevokeAsync("acc1", new EndpointRevocation([OpenSslCrls.DerOf(await new OpenSslCrls(pki.Ca, _directory.Path).CreateAsync())], StaleCrlPolicy.Strict, default, []));
        var session = await EarnAsync(version);
        Assert.Contains("Reused, TLSv1", await UseAsync(version, Host, session), StringComparison.Ordinal);
        _listener.Time.Offset = TimeSpan.FromHours(25); // The same generation.
        var again = await UseAsync(version, Host, session);
        Assert.Contains("crl_stale", again, StringComparison.Ordinal);
        Assert.DoesNotContain("authority=", again, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_session_without_certificate_does_not_get_into_strict(string version)
    {
        await _listener.SetAsync("acc1", "customer1", MtlsMode.LOOSE, pki.Ca.CertificatePem);
        var session = await EarnAsync(version, withCertificate: false);
        await _listener.SetAsync("acc1", "customer1", MtlsMode.STRICT, pki.Ca.CertificatePem);
        var again = await UseAsync(version, Host, session, withCertificate: false);
        Assert.DoesNotContain("Reused, ", again, StringComparison.Ordinal);
        Assert.Contains("client_certificate_required", again, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_session_survives_a_new_server_certificate(string version)
    {
        var session = await EarnAsync(version);
        _listener.ReplaceServerCertificate();
        Assert.Contains("Reused, TLSv1", await UseAsync(version, Host, session), StringComparison.Ordinal);
    }

    protected async Task<string> EarnAsync(string version, bool withCertificate = true)
    {
        var session = _directory.File("session" + version);
        var answer = await ClientAsync(_listener.Port, version, Host, withCertificate, "-sess_out", session);
        Assert.Contains("200 OK", answer, StringComparison.Ordinal);
        Assert.True(File.Exists(session), answer);
        return session;
    }

    protected Task<string> UseAsync(string version, string host, string session, bool withCertificate = true) =>
        ClientAsync(_listener.Port, version, host, withCertificate, "-sess_in", session);

    protected async Task<string> ClientAsync(int port, string version, string host, bool withCertificate, params string[] more)
    {
        string[] identity = withCertificate ? ["-cert", pki.Client.Certificate, "-key", pki.Client.Key] : [];
        var result = await CommandLine.RunAsync(
            "openssl", ["s_client", "-connect", $"127.0.0.1:{port}", "-servername", host, version, "-ign_eof", .. identity, .. more],
            $"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        return result.All;
    }
}
