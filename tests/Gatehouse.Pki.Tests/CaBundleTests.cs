namespace Gatehouse.Pki.Tests;

/// <summary>Bundles as people upload them.</summary>
public sealed class CaBundleTests : IDisposable
{
    private const string CaExtensions = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash";
    private static readonly DateTimeOffset s_now = TimeProvider.System.GetUtcNow();
    private readonly OpenSsl _openssl = new();

    public void Dispose() => _openssl.Dispose();

    [Fact]
    public void Recipe_ca_is_fine_in_any_wrapping()
    {
        _openssl.RecipeCa();
        string pem = _openssl.Text("ca.crt");
        string wrapped = "\uFEFFBag attributes: none\r\nsubject=x\r\n" + pem.Replace("\n", "\r\n") + "trailing words\r\n";

        CaBundleReport report = CaBundle.Check(wrapped, TimeProvider.System.GetUtcNow());

        Assert.True(report.IsUsable);
        Assert.Empty(report.Warnings);
        Assert.Equal(pem, report.NormalizedPem);
        Assert.Equal("CN=CA Cert,O=Example ORG", Assert.Single(report.Certificates).Subject);
        Assert.Single(TrustAnchors.Parse(report.NormalizedPem).Facts);
    }

    [Theory]
    [InlineData("", CaBundleCodes.CaMissing)]
    [InlineData("   \n", CaBundleCodes.CaMissing)]
    [InlineData("hello", CaBundleCodes.NotPem)]
    [InlineData("-----BEGIN CERTIFICATE-----\nMIIB\n", CaBundleCodes.Malformed)]
    [InlineData("-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----", CaBundleCodes.Malformed)]
    [InlineData("-----BEGIN CERTIFICATE-----\nMIIBAA==\n-----END CERTIFICATE-----", CaBundleCodes.Malformed)]
    [InlineData("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----", CaBundleCodes.Malformed)]
    [InlineData("-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----", CaBundleCodes.UnexpectedBlock)]
    [InlineData("-----BEGIN ", CaBundleCodes.UnexpectedBlock)]
    [InlineData("-----BEGIN RSA PRIVATE KEY", CaBundleCodes.PrivateKey)]
    [InlineData("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----", CaBundleCodes.PrivateKey)]
    public void Text_that_is_no_bundle(string text, string code)
    {
        CaBundleReport report = CaBundle.Check(text, s_now);
        Assert.Contains(report.Errors, error => error.Code == code);
        Assert.Equal("", report.NormalizedPem);
        Assert.Throws<CaBundleException>(() => TrustAnchors.Parse(text));
    }

    [Fact]
    public void Private_key_is_never_echoed()
    {
        _openssl.QuickCa();
        string key = _openssl.Text("ca.key");

        CaBundleReport report = CaBundle.Check(_openssl.Text("ca.crt") + key, s_now);

        CaBundleFinding error = Assert.Single(report.Errors);
        Assert.Equal(CaBundleCodes.PrivateKey, error.Code);
        Assert.Contains("exposed", error.Message);
        string body = key.Split('\n')[1];
        Assert.DoesNotContain(body, string.Concat(report.Errors.Concat(report.Warnings)) + report.NormalizedPem);
        Assert.Equal("", report.NormalizedPem);
    }

    [Fact]
    public void Leaves_where_a_ca_belongs()
    {
        _openssl.QuickCa();
        _openssl.RecipeClient("v1");
        _openssl.Issue("v3", "ca", "/CN=v3", "extendedKeyUsage=clientAuth");
        _openssl.Issue("false", "ca", "/CN=false", "basicConstraints=CA:FALSE");
        _openssl.Issue("nosign", "ca", "/CN=nosign", "basicConstraints=CA:TRUE\nkeyUsage=cRLSign");
        _openssl.Issue("server", "ca", "/CN=server", "basicConstraints=CA:TRUE\nextendedKeyUsage=serverAuth");

        CaBundleReport report = CaBundle.Check(string.Concat(new[] { "v1", "v3", "false", "nosign", "server" }.Select(name => _openssl.Text(name + ".crt"))), s_now.AddMinutes(1));

        Assert.Equal([CaBundleCodes.NotACa, CaBundleCodes.NotACa, CaBundleCodes.NotACa, CaBundleCodes.KeyUsage, CaBundleCodes.ExtendedKeyUsage], report.Errors.Select(error => error.Code));
        Assert.StartsWith("Certificate 1 (\"CN=Client,O=Example ORG\")", report.Errors[0].Message);
        Assert.StartsWith("Certificate 3 (\"CN=false\")", report.Errors[2].Message);
    }

    [Fact]
    public void Version_one_root_is_a_warning_and_works()
    {
        _openssl.Run("req", "-new", "-nodes", "-newkey", "rsa:2048", "-subj", "/CN=Old root", "-keyout", "ca.key", "-out", "ca.csr");
        _openssl.Run("x509", "-req", "-in", "ca.csr", "-signkey", "ca.key", "-days", "400", "-out", "ca.crt");
        _openssl.RecipeClient();

        CaBundleReport report = CaBundle.Check(_openssl.Text("ca.crt"), TimeProvider.System.GetUtcNow());

        Assert.True(report.IsUsable);
        Assert.Equal(CaBundleCodes.VersionOneRoot, Assert.Single(report.Warnings).Code);
        (Verdict ours, bool openSsl) = _openssl.Judge("client", ["ca"], []);
        Assert.True(ours.Accepted && openSsl);
    }

    [Fact]
    public void Dates()
    {
        _openssl.Root("ca", "/CN=CA", CaExtensions);
        CertificateFacts facts = CertificateFacts.TryRead(_openssl.Der("ca.crt"))!;
        string pem = _openssl.Text("ca.crt");

        Assert.Equal(CaBundleCodes.Expired, Assert.Single(CaBundle.Check(pem, facts.NotAfter.AddSeconds(1)).Errors).Code);
        Assert.Equal(CaBundleCodes.ExpiresSoon, Assert.Single(CaBundle.Check(pem, facts.NotAfter.AddDays(-29)).Warnings).Code);
        Assert.Equal(CaBundleCodes.NotYetValid, Assert.Single(CaBundle.Check(pem, facts.NotBefore.AddHours(-1)).Warnings).Code);
        Assert.Empty(CaBundle.Check(pem, facts.NotAfter.AddDays(-31)).Warnings);
    }

    [Fact]
    public void Strength()
    {
        _openssl.Root("small", "/CN=small", CaExtensions, ["-newkey", "rsa:1024"]);
        _openssl.Root("sha1", "/CN=sha1", CaExtensions, null, "-sha1");
        _openssl.Issue("mid", "sha1", "/CN=mid", CaExtensions, null, "-sha1");
        _openssl.Root("ed", "/CN=ed", CaExtensions, ["-newkey", "ed25519"]);
        _openssl.Root("k1", "/CN=k1", CaExtensions, ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp224r1"]);

        Assert.Equal(CaBundleCodes.WeakKey, Assert.Single(Check("small").Errors).Code);
        Assert.Empty(Check("sha1").Errors);
        Assert.Equal(CaBundleCodes.WeakSignature, Assert.Single(Check("sha1").Warnings).Code);
        Assert.Equal(CaBundleCodes.WeakSignature, Assert.Single(Check("mid").Errors).Code);
        Assert.Equal(CaBundleCodes.Unsupported, Assert.Single(Check("ed").Errors).Code);
        Assert.Equal(CaBundleCodes.WeakKey, Assert.Single(Check("k1").Errors).Code);
    }

    [Fact]
    public void Duplicates_equal_names_and_counts()
    {
        string[] roots = [.. Enumerable.Range(0, 17).Select(i => CertificateIssuer.CreateCa($"/CN=CA {i}", 100, KeyKind.EcP256, s_now).CertificatePem)];
        Assert.True(CaBundle.Check(string.Concat(roots.Take(16)), s_now).IsUsable);
        Assert.Equal(CaBundleCodes.TooMany, Assert.Single(CaBundle.Check(string.Concat(roots), s_now).Errors).Code);

        CaBundleReport twice = CaBundle.Check(roots[0] + roots[1] + roots[0], s_now);
        Assert.Equal(CaBundleCodes.Duplicate, Assert.Single(twice.Warnings).Code);
        Assert.Equal(2, twice.Certificates.Count);
        Assert.Equal(CaBundleCodes.TooLarge, Assert.Single(CaBundle.Check(new string('x', (256 * 1024) + 1), s_now).Errors).Code);

        _openssl.Root("a", "/CN=Same", "basicConstraints=CA:TRUE\nsubjectKeyIdentifier=none\nauthorityKeyIdentifier=none");
        _openssl.Root("b", "/CN=Same", "basicConstraints=CA:TRUE\nsubjectKeyIdentifier=none\nauthorityKeyIdentifier=none");
        Assert.Equal(CaBundleCodes.DuplicateSubject, Assert.Single(CaBundle.Check(_openssl.Text("a.crt") + _openssl.Text("b.crt"), s_now.AddMinutes(1)).Warnings).Code);
    }

    [Fact]
    public void Public_ca_gets_a_hint()
    {
        string pem = CertificateIssuer.CreateCa("/C=US/O=Let's Encrypt/CN=R11", 100, KeyKind.EcP256, s_now).CertificatePem;
        CaBundleFinding warning = Assert.Single(CaBundle.Check(pem, s_now).Warnings);
        Assert.Equal(CaBundleCodes.PublicCa, warning.Code);
        Assert.Contains("anyone can get a certificate from it", warning.Message);
    }

    [Fact]
    public void Every_root_of_mozillas_list_gets_the_hint()
    {
        // Debian's ca-certificates; what a company added to the machine's store is not in this folder.
        string[] roots = [.. Directory.GetFiles("/usr/share/ca-certificates/mozilla", "*.crt").Order()];
        Assert.True(roots.Length > 100, $"Only {roots.Length} roots: is ca-certificates installed?");

        Assert.Empty(roots.Where(root => !CaBundle.Check(File.ReadAllText(root), s_now).Warnings.Any(warning => warning.Code == CaBundleCodes.PublicCa)).Select(Path.GetFileName));
        Assert.Empty(CaBundle.Check(CertificateIssuer.CreateCa("/O=Example ORG/CN=CA Cert", 100, KeyKind.EcP256, s_now).CertificatePem, s_now).Warnings);
    }

    [Fact]
    public void What_is_no_ca_has_one_finding_and_no_command_that_makes_a_new_ca()
    {
        _openssl.QuickCa();
        _openssl.Issue("leaf", "ca", "/CN=leaf", "basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage=serverAuth");
        string leaf = _openssl.Text("leaf.crt"), ca = _openssl.Text("ca.crt");

        CaBundleFinding alone = Assert.Single(CaBundle.Check(leaf, s_now.AddMinutes(1)).Errors);
        Assert.Equal((CaBundleCodes.NotACa, null), (alone.Code, alone.Command));
        Assert.Contains("Upload the CA certificate that issued it, \"", alone.Message);
        string sha256 = CertificateFacts.TryRead(_openssl.Der("leaf.crt"))!.Sha256[..16];
        Assert.Equal($"gatehouse certs bundle remove FILE --sha256 {sha256}", Assert.Single(CaBundle.Check(leaf + ca, s_now.AddMinutes(1)).Errors).Command);
    }

    private CaBundleReport Check(string name) => CaBundle.Check(_openssl.Text(name + ".crt"), TimeProvider.System.GetUtcNow());
}
