using Gatehouse.Pki.Verification;

namespace Gatehouse.Pki.Tests;

/// <summary>Verdicts on certificates made by OpenSSL, beside OpenSSL's own answer.</summary>
public sealed class ClientChainVerifierTests : IDisposable
{
    private const string CaExtensions = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash";
    private const string LeafExtensions = "basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage=clientAuth\nauthorityKeyIdentifier=keyid";
    // OpenSSL 3 adds identifiers to self-signed certificates unless told not to; 1.1 without its configuration file does not.
    private const string NoKeyIds = "basicConstraints=CA:TRUE\nsubjectKeyIdentifier=none\nauthorityKeyIdentifier=none";
    private readonly OpenSsl _openssl = new();

    public void Dispose() => _openssl.Dispose();

    [Fact]
    public void Documented_recipe_is_accepted()
    {
        _openssl.RecipeCa();
        _openssl.RecipeClient();

        Verdict verdict = Agree("client", ["ca"], [], null);

        Assert.Equal(1, verdict.Leaf!.Version);
        Assert.Equal("CN=Client,O=Example ORG", verdict.Leaf.Subject);
        Assert.Equal("CN=CA Cert,O=Example ORG", verdict.Leaf.Issuer);
        Assert.Equal("serial=" + verdict.Leaf.SerialNumber, _openssl.Run("x509", "-in", "client.crt", "-noout", "-serial").Trim());
        Assert.Equal(_openssl.Run("x509", "-in", "ca.crt", "-noout", "-fingerprint", "-sha256").Trim().Split('=')[1].Replace(":", ""), verdict.AnchorSha256);
        Assert.Equal(CertificateFacts.TryRead(_openssl.Der("client.crt"))!.NotAfter < CertificateFacts.TryRead(_openssl.Der("ca.crt"))!.NotAfter
            ? verdict.Leaf.NotAfter : CertificateFacts.TryRead(_openssl.Der("ca.crt"))!.NotAfter, verdict.ValidUntil);
    }

    [Fact]
    public void Recipe_run_twice_both_anchors_work_in_either_order()
    {
        _openssl.Root("one", "/O=Example ORG/CN=CA Cert", NoKeyIds);
        _openssl.Root("two", "/O=Example ORG/CN=CA Cert", NoKeyIds);
        _openssl.RecipeClient("first", "one");
        _openssl.RecipeClient("second", "two");

        foreach (string[] anchors in new string[][] { ["one", "two"], ["two", "one"] })
        {
            Assert.True(_openssl.Judge("first", anchors, []).Ours.Accepted);
            Assert.True(_openssl.Judge("second", anchors, []).Ours.Accepted);
        }

        Assert.Null(CertificateFacts.TryRead(_openssl.Der("one.crt"))!.SubjectKeyId);
        Verdict other = Agree("second", ["one"], [], CertificateFault.UnknownCa);
        Assert.Contains("was the CA made anew?", other.Message);
    }

    [Fact]
    public void Another_ca_is_unknown_and_the_message_names_both()
    {
        _openssl.QuickCa();
        _openssl.QuickCa("other", "/O=Other ORG/CN=Other CA");
        _openssl.RecipeClient("client", "other");

        Verdict verdict = Agree("client", ["ca"], [], CertificateFault.UnknownCa);

        Assert.Contains("CN=Other CA,O=Other ORG", verdict.Message);
        Assert.Contains("CN=CA Cert,O=Example ORG", verdict.Message);
        Assert.Contains("intermediate", verdict.NextStep);
        Agree("client", ["ca"], ["other"], CertificateFault.UnknownCa);
    }

    [Fact]
    public void Dates_are_told_with_zone_and_distance()
    {
        _openssl.QuickCa();
        _openssl.Issue("client", "ca", "/CN=Client", LeafExtensions);
        CertificateFacts facts = CertificateFacts.TryRead(_openssl.Der("client.crt"))!;

        Verdict late = Agree("client", ["ca"], [], CertificateFault.Expired, facts.NotAfter.AddDays(3).AddHours(4));
        Assert.Contains($"expired 3 days 4 hours ago ({facts.NotAfter:yyyy-MM-dd HH:mm:ss} UTC)", late.Message);
        Verdict early = Agree("client", ["ca"], [], CertificateFault.NotYetValid, facts.NotBefore.AddMinutes(-90));
        Assert.Contains("becomes valid only in 1 hour", early.Message);
        Assert.True(_openssl.Judge("client", ["ca"], [], facts.NotAfter).Ours.Accepted);
    }

    [Fact]
    public void Expired_anchor_is_expired_and_named()
    {
        _openssl.Root("ca", "/CN=Short CA", CaExtensions);
        _openssl.Issue("client", "ca", "/CN=Client", LeafExtensions, null, "-days", "3000");

        Verdict verdict = Agree("client", ["ca"], [], CertificateFault.Expired, CertificateFacts.TryRead(_openssl.Der("ca.crt"))!.NotAfter.AddDays(1));

        Assert.Contains("The account's CA certificate \"CN=Short CA\"", verdict.Message);
    }

    [Theory]
    [InlineData("extendedKeyUsage=serverAuth", CertificateFault.Purpose)]
    [InlineData("extendedKeyUsage=anyExtendedKeyUsage", CertificateFault.Purpose)]
    [InlineData("extendedKeyUsage=clientAuth,serverAuth", null)]
    [InlineData("basicConstraints=CA:FALSE", null)]
    [InlineData("keyUsage=critical,keyEncipherment", CertificateFault.Purpose)]
    [InlineData("keyUsage=critical,keyAgreement", null)]
    [InlineData("basicConstraints=critical,CA:TRUE", null)]
    [InlineData("1.2.3.4=critical,ASN1:NULL", CertificateFault.Malformed)]
    [InlineData("1.2.3.4=ASN1:NULL", null)]
    public void Leaf_extensions(string extensions, CertificateFault? expected)
    {
        _openssl.QuickCa();
        _openssl.Issue("client", "ca", "/CN=Client", extensions);

        Verdict verdict = Agree("client", ["ca"], [], expected);

        if (expected == CertificateFault.Malformed)
            Assert.Contains("1.2.3.4", verdict.Message);
    }

    [Theory]
    [InlineData("basicConstraints=critical,CA:TRUE", null)]
    [InlineData("basicConstraints=critical,CA:TRUE\nextendedKeyUsage=clientAuth", null)]
    [InlineData("basicConstraints=critical,CA:TRUE\nextendedKeyUsage=serverAuth", CertificateFault.Purpose)]
    [InlineData("basicConstraints=critical,CA:TRUE\nkeyUsage=cRLSign", CertificateFault.IssuerNotCa)]
    [InlineData("basicConstraints=CA:FALSE", CertificateFault.IssuerNotCa)]
    [InlineData("", CertificateFault.IssuerNotCa)]
    [InlineData("basicConstraints=critical,CA:TRUE,pathlen:0", null)]
    public void Intermediate_extensions(string extensions, CertificateFault? expected)
    {
        _openssl.QuickCa();
        _openssl.Issue("mid", "ca", "/CN=Issuer two", extensions);
        _openssl.Issue("client", "mid", "/CN=Client", LeafExtensions.Replace("\nauthorityKeyIdentifier=keyid", ""));

        Agree("client", ["ca"], ["mid"], expected);
    }

    [Fact]
    public void Intermediate_may_be_the_anchor_with_or_without_being_sent()
    {
        _openssl.QuickCa();
        _openssl.Issue("mid", "ca", "/CN=Issuing CA", CaExtensions);
        _openssl.Issue("client", "mid", "/CN=Client", LeafExtensions);

        Agree("client", ["mid"], [], null);
        Agree("client", ["mid"], ["mid", "ca"], null);
        Agree("client", ["ca"], ["mid", "mid", "ca"], null);
        Verdict missing = Agree("client", ["ca"], [], CertificateFault.ChainIncomplete);
        Assert.Contains("CN=Issuing CA", missing.NextStep);
    }

    [Fact]
    public void Missing_issuer_with_issuer_named_in_key_identifier_is_incomplete()
    {
        _openssl.QuickCa();
        _openssl.Issue("mid", "ca", "/CN=Delegates", CaExtensions);
        _openssl.Issue("client", "mid", "/CN=Client", "authorityKeyIdentifier=keyid:always,issuer:always");

        Agree("client", ["ca"], [], CertificateFault.ChainIncomplete);
    }

    [Fact]
    public void Client_key_cannot_issue()
    {
        _openssl.QuickCa();
        _openssl.RecipeClient();
        _openssl.Issue("rogue", "client", "/CN=Rogue", "");

        Agree("rogue", ["ca"], ["client"], CertificateFault.IssuerNotCa);
        Agree("rogue", ["ca"], [], CertificateFault.UnknownCa);
    }

    [Fact]
    public void The_ca_itself_is_no_client_certificate()
    {
        _openssl.QuickCa();
        Verdict verdict = _openssl.Judge("ca", ["ca"], []).Ours;
        Assert.Equal(CertificateFault.Purpose, verdict.Fault);
    }

    [Theory]
    [InlineData("-sha1", "rsa:2048", CertificateFault.Weak)]
    [InlineData("-sha256", "rsa:1024", CertificateFault.Weak)]
    [InlineData("-sha384", "rsa:3072", null)]
    [InlineData("-sha512", "rsa:4096", null)]
    public void Leaf_strength(string digest, string key, CertificateFault? expected)
    {
        _openssl.RecipeCa();
        _openssl.Issue("client", "ca", "/CN=Client", LeafExtensions, ["-newkey", key], digest);

        Assert.Equal(expected, _openssl.Judge("client", ["ca"], []).Ours.Fault);
    }

    [Fact]
    public void Ca_keys_too_small_or_too_large()
    {
        _openssl.Root("small", "/CN=Small", CaExtensions, ["-newkey", "rsa:1024"]);
        _openssl.Issue("client", "small", "/CN=Client", LeafExtensions);
        Verdict verdict = _openssl.Judge("client", ["small"], []).Ours;
        Assert.Equal(CertificateFault.Weak, verdict.Fault);
        Assert.Contains("1024 bits", verdict.Message);
    }

    [Theory]
    [InlineData("prime256v1", "-sha256", null)]
    [InlineData("secp384r1", "-sha384", null)]
    [InlineData("secp521r1", "-sha512", null)]
    [InlineData("secp224r1", "-sha256", CertificateFault.Weak)]
    [InlineData("secp256k1", "-sha256", CertificateFault.Malformed)]
    public void Elliptic_curves(string curve, string digest, CertificateFault? expected)
    {
        string[] key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:" + curve];
        _openssl.Root("ca", "/CN=EC CA", CaExtensions, key, digest);
        _openssl.Issue("client", "ca", "/CN=Client", LeafExtensions, key, digest);

        Assert.Equal(expected, _openssl.Judge("client", ["ca"], []).Ours.Fault);
    }

    [Fact]
    public void Ed25519_is_said_to_be_unsupported()
    {
        _openssl.Root("ca", "/CN=Ed CA", CaExtensions, ["-newkey", "ed25519"]);
        _openssl.Issue("client", "ca", "/CN=Client", LeafExtensions);

        Verdict verdict = _openssl.Judge("client", ["ca"], []).Ours;

        Assert.Equal(CertificateFault.Malformed, verdict.Fault);
        Assert.Contains("Ed25519", verdict.Message);
    }

    [Theory]
    [InlineData("-sha256", "32")]
    [InlineData("-sha384", "48")]
    [InlineData("-sha512", "max")]
    [InlineData("-sha256", "max")]
    [InlineData("-sha256", "0")]
    public void Pss_with_any_salt(string digest, string salt)
    {
        _openssl.RecipeCa();
        _openssl.Issue("client", "ca", "/CN=Client", LeafExtensions, null, digest, "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:" + salt);
        Agree("client", ["ca"], [], null);

        byte[] forged = _openssl.Der("client.crt");
        forged[^1] ^= 1;
        Verdict verdict = ClientChainVerifier.Verify(forged, [], TrustAnchors.Parse(_openssl.Text("ca.crt")), TimeProvider.System.GetUtcNow());
        Assert.Equal(CertificateFault.UnknownCa, verdict.Fault);
    }

    [Fact]
    public void Pss_only_ca_key()
    {
        string[] key = ["-newkey", "rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048"];
        _openssl.Root("ca", "/CN=PSS CA", CaExtensions, key);
        _openssl.Issue("client", "ca", "/CN=Client", LeafExtensions);
        Agree("client", ["ca"], [], null);
    }

    [Theory]
    [InlineData("0", CertificateFault.IssuerNotCa)]
    [InlineData("1", null)]
    public void Path_length_of_the_anchor_counts(string length, CertificateFault? expected)
    {
        _openssl.Root("ca", "/CN=Root", $"basicConstraints=critical,CA:TRUE,pathlen:{length}\nsubjectKeyIdentifier=hash");
        _openssl.Issue("mid", "ca", "/CN=Issuing CA", CaExtensions);
        _openssl.Issue("client", "mid", "/CN=Client", LeafExtensions);

        Agree("client", ["ca"], ["mid"], expected);
        Agree("client", ["mid"], [], null);
    }

    [Theory]
    [InlineData("permitted;DNS:corp.example", "DNS:a.corp.example", null)]
    [InlineData("permitted;DNS:corp.example", "DNS:corp.example.evil", CertificateFault.IssuerNotCa)]
    [InlineData("excluded;DNS:corp.example", "DNS:x.corp.example", CertificateFault.IssuerNotCa)]
    [InlineData("permitted;DNS:corp.example", "IP:10.0.0.1", null)]
    [InlineData("permitted;IP:10.0.0.0/255.0.0.0", "IP:10.1.2.3", null)]
    [InlineData("permitted;IP:10.0.0.0/255.0.0.0", "IP:11.1.2.3", CertificateFault.IssuerNotCa)]
    [InlineData("permitted;email:.example.com", "email:a@b.example.com", null)]
    [InlineData("permitted;email:example.com", "email:a@b.example.com", CertificateFault.IssuerNotCa)]
    [InlineData("permitted;URI:.example.com", "URI:https://a.example.com/x", null)]
    [InlineData("permitted;URI:.example.com", "URI:https://a.example.org/x", CertificateFault.IssuerNotCa)]
    [InlineData("excluded;dirName:base", "DNS:a", CertificateFault.IssuerNotCa)]
    [InlineData("permitted;dirName:base", "DNS:a", null)]
    public void Name_constraints(string constraint, string name, CertificateFault? expected)
    {
        _openssl.Root("ca", "/CN=Root", CaExtensions + "\nnameConstraints=critical," + constraint + "\n[base]\nO=Example ORG");
        _openssl.Issue("client", "ca", "/O=Example ORG/CN=Delegate one", LeafExtensions + "\nsubjectAltName=" + name);

        Agree("client", ["ca"], [], expected);
    }

    [Fact]
    public void Name_chaining_folds_case_and_spaces()
    {
        _openssl.Root("ca", "/O=Example ORG/CN=CA Cert", CaExtensions);
        _openssl.Run("req", "-x509", "-key", "ca.key", "-subj", "/O=EXAMPLE  org/CN= ca cert", "-days", "30", "-out", "same.crt", "-addext", "keyUsage=keyCertSign");
        _openssl.Issue("client", "ca", "/CN=Client", "extendedKeyUsage=clientAuth");

        Agree("client", ["same"], [], null);
    }

    [Fact]
    public void Limits_of_what_is_sent()
    {
        _openssl.QuickCa();
        _openssl.RecipeClient();
        ReadOnlyMemory<byte> leaf = _openssl.Der("client.crt");
        TrustAnchors anchors = TrustAnchors.Parse(_openssl.Text("ca.crt"));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();

        Assert.True(ClientChainVerifier.Verify(leaf, [.. Enumerable.Repeat(leaf, 15)], anchors, now).Accepted);
        Assert.Equal(CertificateFault.TooLarge, ClientChainVerifier.Verify(leaf, [.. Enumerable.Repeat(leaf, 16)], anchors, now).Fault);
        Assert.Equal(CertificateFault.TooLarge, ClientChainVerifier.Verify(leaf, [new byte[16 * 1024 + 1]], anchors, now).Fault);
        Assert.Equal(CertificateFault.TooLarge, ClientChainVerifier.Verify(leaf, [.. Enumerable.Repeat(new ReadOnlyMemory<byte>(new byte[16 * 1024]), 4)], anchors, now).Fault);
        Assert.True(ClientChainVerifier.Verify(leaf, [new byte[] { 1, 2, 3 }], anchors, now).Accepted);
    }

    [Theory]
    [InlineData(3, 64, 256, null)]
    [InlineData(2, 64, 256, "longer than 2 certificates")]
    [InlineData(3, 1, 256, "more than 1 signature checks")]
    [InlineData(3, 64, 1, "more ways than are tried")]
    public void Limits_of_the_search(int length, int checks, int steps, string? message)
    {
        _openssl.QuickCa();
        _openssl.Issue("mid", "ca", "/CN=Issuing CA", CaExtensions);
        _openssl.Issue("client", "mid", "/CN=Client", LeafExtensions);

        Verdict verdict = ClientChainVerifier.Verify(_openssl.Der("client.crt"), [_openssl.Der("mid.crt")], TrustAnchors.Parse(_openssl.Text("ca.crt")),
            RevocationRules.None, TimeProvider.System.GetUtcNow(), new SearchLimits(MaxPathLength: length, MaxSignatureChecks: checks, MaxSteps: steps));

        Assert.Equal(message is null ? null : CertificateFault.TooLarge, verdict.Fault);
        Assert.Contains(message ?? "was issued by a CA of the account", verdict.Message);
    }

    /// <summary>Ours and OpenSSL's verdict are the same; returns ours.</summary>
    private Verdict Agree(string leaf, string[] anchors, string[] intermediates, CertificateFault? expected, DateTimeOffset? at = null)
    {
        (Verdict ours, bool openSsl) = _openssl.Judge(leaf, anchors, intermediates, at);
        Assert.True(ours.Fault == expected, $"expected {expected?.ToString() ?? "accepted"}, got {ours.Fault}: {ours.Message}");
        Assert.Equal(expected is null, ours.Accepted);
        Assert.True(openSsl == ours.Accepted, $"OpenSSL disagrees: ours is {ours.Fault?.ToString() ?? "accepted"}");
        Assert.Equal(ours.Accepted, ours.NextStep.Length == 0);
        return ours;
    }
}
