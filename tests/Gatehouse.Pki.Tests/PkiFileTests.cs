using System.Security.Cryptography;
using System.Text;
using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki.Tests;

/// <summary>The files people have, made by OpenSSL.</summary>
public sealed class PkiFileTests : IDisposable
{
    private readonly OpenSsl _openssl = new();

    public void Dispose() => _openssl.Dispose();

    private PkiFile Read(string file, string? password = null) => PkiFile.Read(_openssl.Bytes(file), password is null ? null : () => password);

    [Fact]
    public void Keys_in_every_format_are_the_same_key()
    {
        foreach (string[] kind in (string[][])[["RSA", "-pkeyopt", "rsa_keygen_bits:2048"], ["EC", "-pkeyopt", "ec_paramgen_curve:prime256v1"]])
        {
            _openssl.Run(["genpkey", "-algorithm", .. kind, "-out", "key.pem"]);
            _openssl.Run("pkey", "-in", "key.pem", "-traditional", "-out", "traditional.pem");
            _openssl.Run("pkey", "-in", "key.pem", "-outform", "DER", "-out", "key.der");
            _openssl.Run("pkey", "-in", "key.pem", "-traditional", "-outform", "DER", "-out", "traditional.der");
            _openssl.Run("pkcs8", "-topk8", "-in", "key.pem", "-passout", "pass:secret word", "-out", "encrypted.pem");
            _openssl.Run("pkcs8", "-topk8", "-in", "key.pem", "-passout", "pass:secret word", "-outform", "DER", "-out", "encrypted.der");
            byte[] expected = PemText.Read(_openssl.Run("pkey", "-in", "key.pem", "-pubout"), 1)[0].Der!;

            foreach (string file in (string[])["key.pem", "traditional.pem", "key.der", "traditional.der", "encrypted.pem", "encrypted.der"])
            {
                using PkiFile read = Read(file, "secret word");
                KeyFacts facts = Assert.Single(read.Keys);
                Assert.Null(facts.Problem);
                Assert.Equal((file, Convert.ToHexString(SHA256.HashData(expected))), (file, facts.PublicKeySha256!));
                Assert.Equal(file.EndsWith("der", StringComparison.Ordinal) ? "DER" : "PEM", read.Format);
                Assert.Equal(file.StartsWith("encrypted", StringComparison.Ordinal), facts.Format.Contains("encrypted"));
                // What is written is PKCS#8, and OpenSSL reads it as the same key.
                _openssl.Write("out.key", read.ExportKeyPem());
                Assert.StartsWith("-----BEGIN PRIVATE KEY-----\n", read.ExportKeyPem());
                Assert.Equal(_openssl.Run("pkey", "-in", "key.pem", "-pubout"), _openssl.Run("pkey", "-in", "out.key", "-pubout"));
            }
        }
    }

    [Fact]
    public void Encrypted_keys_say_what_is_missing_and_are_never_echoed()
    {
        _openssl.Run("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-out", "key.pem");
        _openssl.Run("pkcs8", "-topk8", "-in", "key.pem", "-passout", "pass:right", "-out", "encrypted.pem");
        _openssl.Run("ec", "-in", "key.pem", "-aes256", "-passout", "pass:right", "-out", "legacy.pem");

        using PkiFile none = Read("encrypted.pem"), wrong = Read("encrypted.pem", "wrong"), legacy = Read("legacy.pem", "right");

        Assert.Contains("no password was given", none.Keys[0].Problem);
        Assert.Contains("the password does not open it", wrong.Keys[0].Problem);
        Assert.Contains("OpenSSL's old format", legacy.Keys[0].Problem);
        Assert.Contains("openssl pkey", legacy.Keys[0].Problem);
        Assert.Throws<PkiFileException>(wrong.ExportKeyPem);
        Assert.DoesNotContain("wrong", wrong.Keys[0].Problem);
    }

    [Fact]
    public void Nobody_is_asked_for_a_password_that_nothing_needs()
    {
        _openssl.QuickCa();
        using PkiFile both = PkiFile.Read(Encoding.UTF8.GetBytes(_openssl.Text("ca.crt") + _openssl.Text("ca.key")), () => throw new InvalidOperationException("asked"));
        Assert.Equal((1, 1), (both.Certificates.Count, both.Keys.Count));
    }

    [Theory]
    [InlineData("\uFEFF", "\r\n")]
    [InlineData("Bag Attributes\n    friendlyName: client\nsubject=CN = x\n\n", "\n")]
    public void Wrapping_does_no_harm(string before, string lineEnd)
    {
        _openssl.QuickCa();
        string text = before + _openssl.Text("ca.crt") + "Bag Attributes: <none>\n" + _openssl.Text("ca.key");
        foreach (Encoding encoding in (Encoding[])[new UTF8Encoding(false), Encoding.Unicode])
        {
            byte[] bytes = [.. encoding.GetPreamble(), .. encoding.GetBytes(text.Replace("\n", lineEnd))];
            using PkiFile read = PkiFile.Read(bytes);
            Assert.Equal(_openssl.Text("ca.crt"), read.CertificatesPem);
            Assert.Null(Assert.Single(read.Keys).Problem);
        }
    }

    [Fact]
    public void Pkcs12_of_openssl_is_read_and_ours_is_read_by_openssl()
    {
        _openssl.QuickCa();
        _openssl.Issue("client", "ca", "/CN=Client", "extendedKeyUsage=clientAuth");
        _openssl.Run("pkcs12", "-export", "-in", "client.crt", "-inkey", "client.key", "-certfile", "ca.crt", "-passout", "pass:opens", "-out", "client.p12");
        _openssl.Run("pkcs12", "-export", "-in", "client.crt", "-inkey", "client.key", "-passout", "pass:", "-out", "open.p12");

        using PkiFile read = Read("client.p12", "opens"), open = Read("open.p12");

        Assert.Equal("PKCS#12", read.Format);
        Assert.Equal(2, read.Certificates.Count);
        Assert.Equal(_openssl.Der("client.crt"), read.ChainFor(read)[0].ToArray());
        Assert.Single(open.Keys);
        Assert.Contains("no password was given", Assert.Throws<PkiFileException>(() => Read("client.p12")).Message);
        Assert.Contains("does not open it", Assert.Throws<PkiFileException>(() => Read("client.p12", "wrong")).Message);

        _openssl.WriteBytes("ours.p12", read.ExportPkcs12("new word"));
        _openssl.Run("pkcs12", "-in", "ours.p12", "-passin", "pass:new word", "-nodes", "-out", "back.pem");
        using PkiFile back = Read("back.pem");
        Assert.Equal(read.Keys[0].PublicKeySha256, back.Keys[0].PublicKeySha256);
        Assert.NotEqual(0, _openssl.Try("pkcs12", "-in", "ours.p12", "-passin", "pass:other", "-nodes").Code);
    }

    [Fact]
    public void Old_pkcs12_is_read_or_explained()
    {
        _openssl.QuickCa();
        (int code, _) = _openssl.Try("pkcs12", "-export", "-legacy", "-in", "ca.crt", "-inkey", "ca.key", "-passout", "pass:opens", "-out", "old.p12");
        if (code != 0)
            Assert.Skip("This OpenSSL has no legacy provider.");
        try
        {
            using PkiFile read = Read("old.p12", "opens");
            Assert.Single(read.Keys);
        }
        catch (PkiFileException e)
        {
            Assert.Contains("openssl pkcs12 -legacy", e.Message);
        }
    }

    [Fact]
    public void Der_of_every_kind_is_told_apart()
    {
        _openssl.QuickCa();
        _openssl.RecipeClient();
        _openssl.Run("x509", "-in", "ca.crt", "-outform", "DER", "-out", "ca.der");
        _openssl.Run("x509", "-in", "client.crt", "-outform", "DER", "-out", "client.der");
        _openssl.Run("req", "-in", "client.csr", "-outform", "DER", "-out", "csr.der");
        _openssl.Run("crl2pkcs7", "-nocrl", "-certfile", "ca.crt", "-outform", "DER", "-out", "p7.der");

        using PkiFile ca = Read("ca.der"), client = Read("client.der"), request = Read("csr.der"), p7 = Read("p7.der");

        Assert.Equal(_openssl.Text("ca.crt"), ca.CertificatesPem);
        Assert.Equal(_openssl.Text("client.crt"), client.CertificatesPem);
        Assert.Equal("CN=Client,O=Example ORG", Assert.Single(request.Requests).Subject);
        Assert.Contains("openssl pkcs7", p7.WhyNoCertificate);
    }

    [Fact]
    public void Three_files_that_look_alike_are_told_apart()
    {
        _openssl.QuickCa();
        _openssl.RecipeClient();
        using PkiFile request = Read("client.csr"), key = Read("client.key"), certificate = Read("client.crt");

        Assert.Contains("certificate request (CSR)", request.WhyNoCertificate);
        Assert.Contains("This is the private key", key.WhyNoCertificate);
        Assert.Contains("Do not upload it", key.WhyNoCertificate);
        Assert.Null(certificate.WhyNoCertificate);
        Assert.Contains("swapped", Assert.Throws<PkiFileException>(() => certificate.ChainFor(certificate)).Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("\u0030\u0003\u0002\u0001")]
    public void What_is_nothing_of_the_kind_is_said(string text) =>
        Assert.Contains("neither PEM", Assert.Throws<PkiFileException>(() => PkiFile.Read(Encoding.Latin1.GetBytes(text))).Message);

    [Fact]
    public void Random_and_cut_bytes_end_in_an_answer()
    {
        _openssl.QuickCa();
        _openssl.Run("pkcs12", "-export", "-in", "ca.crt", "-inkey", "ca.key", "-passout", "pass:x", "-out", "all.p12");
        _openssl.Run("pkey", "-in", "ca.key", "-outform", "DER", "-out", "key.der");
        _openssl.Run("req", "-new", "-key", "ca.key", "-subj", "/CN=x", "-outform", "DER", "-out", "csr.der");
        var random = new Random(7);
        foreach (byte[] whole in (byte[][])[_openssl.Der("ca.crt"), _openssl.Bytes("csr.der"), _openssl.Bytes("key.der"), _openssl.Bytes("all.p12")])
        {
            for (int i = 0; i < 60; i++)
            {
                byte[] cut = whole[..random.Next(whole.Length)];
                if (cut.Length > 3 && i % 2 == 0)
                    cut[random.Next(cut.Length)] ^= (byte)(1 << random.Next(8));
                try
                {
                    using PkiFile read = PkiFile.Read(cut, () => "x");
                    Assert.True(read.Keys.All(key => key.Problem is not null || key.PublicKey is not null));
                }
                catch (PkiFileException e)
                {
                    Assert.NotEmpty(e.Message);
                }
            }
        }
    }
}
