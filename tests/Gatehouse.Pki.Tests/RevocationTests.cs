using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki.Tests;

/// <summary>Verdicts with CRLs made by OpenSSL, beside OpenSSL's own answer.</summary>
public sealed class RevocationTests : IDisposable
{
    private const string Ca = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash";
    private const string Leaf = "basicConstraints=CA:FALSE\nextendedKeyUsage=clientAuth";
    private readonly OpenSsl _openssl = new();

    // Asked each time: a certificate made later than the test began would not be valid yet.
    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public RevocationTests() => _openssl.Root("ca", "/O=Example ORG/CN=CA Cert", Ca);

    public void Dispose() => _openssl.Dispose();

    [Theory]
    [InlineData("keyCompromise", ", reason: the key is compromised")]
    [InlineData("superseded", ", reason: superseded")]
    [InlineData("unspecified", "). It is on")]
    [InlineData("certificateHold", ", reason: on hold")]
    public void Revoked_is_refused_with_date_reason_and_number(string reason, string text)
    {
        _openssl.Issue("client", "ca", "/CN=Client", Leaf);
        _openssl.Issue("other", "ca", "/CN=Other", Leaf);
        _openssl.Revoke("ca", "client", "-crl_reason", reason);
        CertificateRevocationList list = _openssl.Crl("ca");
        DateTimeOffset since = list.Parsed.Entries.Find(ParsedCertificate.TryParse(_openssl.Der("client.crt"), out _)!.Serial.Span)!.Value.Since;

        Verdict verdict = Agree("client", "ca", [], ["ca"], CertificateFault.Revoked, since.AddHours(3).AddMinutes(4));

        Assert.Contains($"was revoked 3 hours 4 minutes ago ({since:yyyy-MM-dd HH:mm:ss} UTC)", verdict.Message);
        Assert.Contains(text, verdict.Message);
        Assert.Contains("the CRL number 1A of \"CN=CA Cert,O=Example ORG\"", verdict.Message);
        Agree("other", "ca", [], ["ca"], null);
    }

    [Fact]
    public void Accepted_verdict_ends_when_the_policy_would_turn_it()
    {
        _openssl.Issue("client", "ca", "/CN=Client", Leaf);
        CertificateRevocationList list = _openssl.Crl("ca");
        DateTimeOffset next = list.NextUpdate!.Value;
        DateTimeOffset end = CertificateFacts.TryRead(_openssl.Der("client.crt"))!.NotAfter;
        var grace = TimeSpan.FromHours(36);

        Assert.Equal(next, Judge("client", CrlPolicy.Strict, default, next, list).ValidUntil);
        Assert.Equal(next + grace, Judge("client", CrlPolicy.Grace, grace, next.AddHours(36), list).ValidUntil);
        Assert.Equal(end, Judge("client", CrlPolicy.IgnoreStale, default, next.AddDays(20), list).ValidUntil);
        Verdict strict = Judge("client", CrlPolicy.Strict, default, next.AddSeconds(1), list);
        Assert.Equal(CertificateFault.CrlStale, strict.Fault);
        Assert.Contains("has been out of date for 1 second (next update was due", strict.Message);
        Verdict late = Judge("client", CrlPolicy.Grace, grace, next.AddHours(36).AddSeconds(1), list);
        Assert.Equal(CertificateFault.CrlStale, late.Fault);
        Assert.Contains("longer than the grace time of 1 day 12 hours", late.Message);
        Assert.False(_openssl.AcceptsWithCrls("client", "ca", [], ["ca"], next.AddSeconds(1)));
    }

    [Fact]
    public void Listed_stays_revoked_under_every_policy_and_beside_expiry()
    {
        _openssl.Issue("client", "ca", "/CN=Client", Leaf);
        _openssl.Revoke("ca", "client");
        CertificateRevocationList list = _openssl.Crl("ca");
        foreach (CrlPolicy policy in Enum.GetValues<CrlPolicy>())
            Assert.Equal(CertificateFault.Revoked, Judge("client", policy, TimeSpan.FromDays(9), Now.AddDays(100), list).Fault);
    }

    [Fact]
    public void Later_list_takes_the_place_of_the_earlier_one()
    {
        _openssl.Issue("client", "ca", "/CN=Client", Leaf);
        _openssl.Revoke("ca", "client", "-crl_reason", "certificateHold");
        CertificateRevocationList held = _openssl.Crl("ca", "old", more: ["-crl_lastupdate", "20200101000000Z", "-crl_nextupdate", "20200102000000Z"]);
        _openssl.Write("ca.index", "");
        CertificateRevocationList released = _openssl.Crl("ca", "new");

        Assert.Equal(CertificateFault.Revoked, Judge("client", CrlPolicy.Strict, default, Now, held).Fault);
        Assert.True(Judge("client", CrlPolicy.Strict, default, released.ThisUpdate, held, released).Accepted);
        Assert.True(Judge("client", CrlPolicy.Strict, default, released.ThisUpdate, released, held).Accepted);
    }

    [Fact]
    public void Revoked_intermediate_ends_the_chain_but_a_ca_without_list_does_not()
    {
        _openssl.Issue("mid", "ca", "/CN=Issuing CA", Ca);
        _openssl.Issue("client", "mid", "/CN=Client", Leaf);
        _openssl.Crl("mid", "mid");
        Agree("client", "ca", ["mid"], ["mid"], null);
        _openssl.Revoke("ca", "mid", "-crl_reason", "CACompromise");
        _openssl.Crl("ca", "root");

        Verdict verdict = Agree("client", "ca", ["mid"], ["mid", "root"], CertificateFault.Revoked, check: "-crl_check_all");

        Assert.Contains("The intermediate CA certificate \"CN=Issuing CA\"", verdict.Message);
        // Also when the bundle names both: the list of the one against the other counts.
        TrustAnchors both = TrustAnchors.Parse(_openssl.Text("ca.crt") + _openssl.Text("mid.crt"));
        RevocationRules rules = RevocationRules.Create([CertificateRevocationList.Parse(_openssl.Bytes("root.crl"))], CrlPolicy.Strict, default, []);
        Assert.Equal(CertificateFault.Revoked, ClientChainVerifier.Verify(_openssl.Der("client.crt"), [], both, rules, Now).Fault);
    }

    [Fact]
    public void List_of_another_key_of_that_name_counts_only_against_those_on_it()
    {
        _openssl.Root("again", "/O=Example ORG/CN=CA Cert", Ca);
        _openssl.Issue("client", "ca", "/CN=Client", Leaf);
        _openssl.Issue("other", "ca", "/CN=Other", Leaf);
        _openssl.Revoke("again", "client");
        CertificateRevocationList list = _openssl.Crl("again", more: ["-crl_lastupdate", "20200101000000Z", "-crl_nextupdate", "20200102000000Z"]);

        Verdict verdict = Judge("client", CrlPolicy.Strict, default, Now, list);
        Assert.Equal(CertificateFault.Revoked, verdict.Fault);
        Assert.Contains("made with none of the CA keys known here", verdict.Message);
        Assert.True(Judge("other", CrlPolicy.Strict, default, Now, list).Accepted);
        // The CA's own list answers, and then the other one is out of the question.
        Assert.True(Judge("client", CrlPolicy.Strict, default, Now.AddMinutes(1), list, _openssl.Crl("ca", "own")).Accepted);
    }

    [Fact]
    public void Ca_with_a_second_key_for_lists()
    {
        _openssl.Issue("client", "ca", "/CN=Client", Leaf);
        _openssl.Issue("lists", "ca", "/O=Example ORG/CN=CA Cert", "keyUsage=critical,cRLSign\nsubjectKeyIdentifier=hash");
        _openssl.Revoke("ca", "client");
        _openssl.Crl("ca", "lists", signer: "lists");

        Verdict proven = Agree("client", "ca", ["lists"], ["lists"], CertificateFault.Revoked);
        Assert.DoesNotContain("none of the CA keys", proven.Message);
        // The client may keep the certificate for lists to itself; that does not help it.
        Assert.Equal(CertificateFault.Revoked, Judge("client", CrlPolicy.Strict, default, Now, CertificateRevocationList.Parse(_openssl.Bytes("lists.crl"))).Fault);
    }

    [Fact]
    public void Scope_limits_age_but_not_revocation()
    {
        _openssl.Issue("client", "ca", "/CN=Client", Leaf);
        CertificateRevocationList cas = _openssl.Crl("ca", "cas", "issuingDistributionPoint=critical,@idp\n[idp]\nonlyCA=TRUE", null, "-crl_lastupdate", "20200101000000Z", "-crl_nextupdate", "20200102000000Z");
        Assert.True(Judge("client", CrlPolicy.Strict, default, Now, cas).Accepted);
        CertificateRevocationList users = _openssl.Crl("ca", "users", "issuingDistributionPoint=critical,@idp\n[idp]\nonlyuser=TRUE", null, "-crl_lastupdate", "20200101000000Z", "-crl_nextupdate", "20200102000000Z");
        Assert.Equal(CertificateFault.CrlStale, Judge("client", CrlPolicy.Strict, default, Now, users).Fault);
    }

    [Theory]
    [InlineData("client", DenyKind.SerialAndIssuer)]
    [InlineData("client", DenyKind.CertificateSha256)]
    [InlineData("client", DenyKind.PublicKeySha256)]
    [InlineData("mid", DenyKind.SerialAndIssuer)]
    [InlineData("mid", DenyKind.PublicKeySha256)]
    [InlineData("ca", DenyKind.CertificateSha256)]
    public void Denied_beats_everything(string denied, DenyKind kind)
    {
        _openssl.Issue("mid", "ca", "/CN=Issuing CA", Ca);
        _openssl.Issue("client", "mid", "/CN=Client", Leaf);
        _openssl.Issue("other", "mid", "/CN=Other", Leaf);
        DenyEntry entry = DenyEntry.FromCertificate(_openssl.Bytes(denied + ".crt"), kind);
        RevocationRules rules = RevocationRules.Create([], CrlPolicy.Strict, default, [entry]);
        TrustAnchors anchors = TrustAnchors.Parse(_openssl.Text("ca.crt"));
        Verdict Verify(string leaf, DateTimeOffset at) => ClientChainVerifier.Verify(_openssl.Der(leaf + ".crt"), [_openssl.Der("mid.crt")], anchors, rules, at);

        Assert.Equal(CertificateFault.Denied, Verify("client", Now).Fault);
        Verdict late = Verify("client", Now.AddDays(4000));
        Assert.Equal(CertificateFault.Denied, late.Fault);
        Assert.Contains("It also expired", late.Message);
        Assert.Equal(denied != "client", Verify("other", Now).Fault == CertificateFault.Denied);
    }

    private Verdict Judge(string leaf, CrlPolicy policy, TimeSpan grace, DateTimeOffset at, params CertificateRevocationList[] lists) => ClientChainVerifier.Verify(
        _openssl.Der(leaf + ".crt"), [], TrustAnchors.Parse(_openssl.Text("ca.crt")), RevocationRules.Create(lists, policy, grace, []), at);

    /// <summary>Ours and OpenSSL's verdict are the same; returns ours.</summary>
    private Verdict Agree(string leaf, string anchor, string[] intermediates, string[] crls, CertificateFault? expected, DateTimeOffset? at = null, string check = "-crl_check")
    {
        DateTimeOffset now = at ?? TimeProvider.System.GetUtcNow();
        RevocationRules rules = RevocationRules.Create([.. crls.Select(file => CertificateRevocationList.Parse(_openssl.Bytes(file + ".crl")))], CrlPolicy.Strict, default, []);
        Verdict ours = ClientChainVerifier.Verify(_openssl.Der(leaf + ".crt"), [.. intermediates.Select(file => (ReadOnlyMemory<byte>)_openssl.Der(file + ".crt"))],
            TrustAnchors.Parse(_openssl.Text(anchor + ".crt")), rules, now);
        Assert.True(ours.Fault == expected, $"expected {expected?.ToString() ?? "accepted"}, got {ours.Fault}: {ours.Message}");
        Assert.True(_openssl.AcceptsWithCrls(leaf, anchor, intermediates, crls, now, check) == ours.Accepted, $"OpenSSL disagrees: ours is {ours.Fault?.ToString() ?? "accepted"}");
        Assert.Equal(ours.Accepted, ours.NextStep.Length == 0);
        return ours;
    }
}
