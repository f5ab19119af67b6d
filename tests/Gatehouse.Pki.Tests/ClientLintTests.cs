using System.Text;

namespace Gatehouse.Pki.Tests;

/// <summary>What the lints say, each with the command that mends it.</summary>
public sealed class ClientLintTests : IDisposable
{
    private static readonly DateTimeOffset s_now = TimeProvider.System.GetUtcNow();
    private readonly OpenSsl _openssl = new();

    public void Dispose() => _openssl.Dispose();

    private static IReadOnlyList<LintFinding> Lint(string certificate, string? key = null, DateTimeOffset? at = null)
    {
        using PkiFile file = PkiFile.Read(Encoding.UTF8.GetBytes(certificate));
        using PkiFile? keyFile = key is null ? null : PkiFile.Read(Encoding.UTF8.GetBytes(key), () => "word");
        return ClientLint.Check(file, keyFile, at ?? TimeProvider.System.GetUtcNow());
    }

    private static string[] Codes(IReadOnlyList<LintFinding> findings) => [.. findings.Select(finding => finding.Code)];

    [Fact]
    public void Ours_is_without_blemish()
    {
        IssuedCertificate ca = CertificateIssuer.CreateCa("/CN=CA", 900, KeyKind.EcP256, s_now);
        IssuedCertificate client = CertificateIssuer.CreateClient(ca.CertificatePem, ca.PrivateKeyPem, "/CN=Client", "delegate-1", 365, KeyKind.EcP256, s_now);
        Assert.Empty(Lint(client.CertificatePem, client.PrivateKeyPem));
        Assert.Equal([CaBundleCodes.ExpiresSoon], Codes(Lint(client.CertificatePem, null, s_now.AddDays(350))));
        Assert.Equal([CaBundleCodes.Expired], Codes(Lint(client.CertificatePem, null, s_now.AddDays(366))));
        Assert.Equal([CaBundleCodes.NotYetValid], Codes(Lint(client.CertificatePem, null, s_now.AddDays(-2))));
    }

    [Fact]
    public void The_recipe_is_version_1_and_long()
    {
        _openssl.QuickCa();
        _openssl.RecipeClient();
        Assert.Equal([ClientLintCodes.VersionOne, ClientLintCodes.LongValidity], Codes(Lint(_openssl.Text("client.crt"), _openssl.Text("client.key"))));
    }

    [Fact]
    public void Mistakes_have_codes()
    {
        _openssl.QuickCa();
        _openssl.Issue("server", "ca", "/CN=S", "basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\nauthorityKeyIdentifier=keyid");
        _openssl.Issue("bare", "ca", "/CN=B", "basicConstraints=CA:FALSE\nauthorityKeyIdentifier=keyid");
        _openssl.Run("pkcs8", "-topk8", "-in", "bare.key", "-passout", "pass:word", "-out", "bare.enc");
        string ca = _openssl.Text("ca.crt"), bare = _openssl.Text("bare.crt");

        Assert.Equal([ClientLintCodes.Purpose], Codes(Lint(_openssl.Text("server.crt"))));
        Assert.Equal([ClientLintCodes.NoPurpose], Codes(Lint(bare)));
        Assert.Equal([ClientLintCodes.CaCertificate], Codes(Lint(ca)));
        Assert.Equal([ClientLintCodes.KeyMismatch], Codes(Lint(bare, _openssl.Text("ca.key"))));
        Assert.Equal([ClientLintCodes.KeyUnusable, ClientLintCodes.NoPurpose], Codes(Lint(bare, _openssl.Text("bare.enc"))));
        Assert.Equal([ClientLintCodes.NoCertificate], Codes(Lint(_openssl.Text("bare.csr"))));
        Assert.Equal([ClientLintCodes.NoPurpose, ClientLintCodes.Order, ClientLintCodes.RootInChain, ClientLintCodes.KeyInside], Codes(Lint(ca + bare + _openssl.Text("bare.key"))));
    }

    /// <summary>The list of the lint, one by one; every finding comes with a command.</summary>
    [Theory]
    [InlineData(CaBundleCodes.NotACa, "basicConstraints=CA:FALSE", "ec", false)]
    [InlineData(CaBundleCodes.NotACa, "basicConstraints=CA:FALSE\nextendedKeyUsage=clientAuth", "ec", true)]
    [InlineData(CaBundleCodes.KeyUsage, "basicConstraints=CA:TRUE\nkeyUsage=digitalSignature", "ec", false)]
    [InlineData(CaBundleCodes.WeakKey, "basicConstraints=CA:TRUE", "rsa:1024", false)]
    [InlineData(CaBundleCodes.WeakSignature, "basicConstraints=CA:TRUE", "sha1", false)]
    [InlineData(CaBundleCodes.PublicCa, "basicConstraints=CA:TRUE", "/O=DigiCert Inc/CN=Any", false)]
    public void Bundle_findings_come_with_the_command_that_mends_them(string code, string extensions, string how, bool issued)
    {
        _openssl.QuickCa();
        string subject = how.StartsWith('/') ? how : "/CN=Subject";
        string[]? key = how.StartsWith("rsa", StringComparison.Ordinal) ? ["-newkey", how] : null;
        string[] more = how == "sha1" ? ["-sha1"] : [];
        if (issued)
            _openssl.Issue("it", "ca", subject, extensions, key, more);
        else
            _openssl.Root("it", subject, extensions, key, more);

        CaBundleReport report = CaBundle.Check(_openssl.Text("it.crt"), s_now);

        CaBundleFinding finding = report.Errors.Concat(report.Warnings).First(one => one.Code == code);
        // What is alone and no CA, no command makes one.
        if (code == CaBundleCodes.NotACa)
        {
            Assert.Null(finding.Command);
            Assert.Contains("Upload the CA certificate that issue", finding.Text);
            return;
        }

        Assert.StartsWith("gatehouse certs ", finding.Command);
        Assert.EndsWith($" Mend it with \"{finding.Command}\".", finding.Text);
        Assert.Equal(issued, finding.Message.Contains("(a leaf)"));
    }

    [Fact]
    public void What_a_certificate_says_never_gets_into_a_command()
    {
        _openssl.Root("evil", "/CN=x$(touch gotcha)`id`;\"'/O=DigiCert Inc", "basicConstraints=CA:FALSE");
        CaBundleReport report = CaBundle.Check(_openssl.Text("evil.crt"), s_now.AddYears(9));
        Assert.NotEmpty(report.Errors);
        Assert.All(report.Errors.Concat(report.Warnings), finding => Assert.DoesNotContain("gotcha", finding.Command ?? ""));
    }
}
