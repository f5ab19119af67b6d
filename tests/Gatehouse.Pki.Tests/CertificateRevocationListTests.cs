using System.Text;

namespace Gatehouse.Pki.Tests;

/// <summary>Lists made by OpenSSL, and what is not one complete list.</summary>
public sealed class CertificateRevocationListTests : IDisposable
{
    private readonly OpenSsl _openssl = new();

    public CertificateRevocationListTests() => _openssl.QuickCa();

    public void Dispose() => _openssl.Dispose();

    [Fact]
    public void Pem_and_der_say_what_OpenSsl_says()
    {
        _openssl.Issue("client", "ca", "/CN=Client", "");
        _openssl.Revoke("ca", "client");

        CertificateRevocationList list = _openssl.Crl("ca");

        Assert.Equal("CN=CA Cert,O=Example ORG", list.Issuer);
        Assert.Equal("1A", list.Number);
        Assert.Equal(1, list.Count);
        Assert.Equal(TimeSpan.FromHours(24), list.NextUpdate - list.ThisUpdate);
        Assert.Equal(_openssl.Run("crl", "-in", "ca.crl", "-noout", "-fingerprint", "-sha256").Trim().Split('=')[1].Replace(":", ""), list.Sha256);
        byte[] der = _openssl.Bytes("ca.crl.der");
        Assert.Equal(der, list.Der.ToArray());
        Assert.Equal(list.Sha256, CertificateRevocationList.Parse(der).Sha256);
    }

    [Fact]
    public void Version_1_without_entries()
    {
        CertificateRevocationList list = _openssl.Crl("ca", extensions: null);
        Assert.Equal(0, list.Count);
    }

    [Fact]
    public void Text_around_the_block_and_Windows_line_ends_do_no_harm()
    {
        _openssl.Crl("ca");
        string text = "\uFEFF0 A list\r\n" + _openssl.Run("crl", "-in", "ca.crl", "-text").ReplaceLineEndings("\r\n");
        Assert.Equal(0, CertificateRevocationList.Parse(Encoding.UTF8.GetBytes(text)).Count);
        Assert.Equal(0, CertificateRevocationList.Parse(Encoding.UTF8.GetBytes(text[1..])).Count);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("hello", "neither PEM")]
    [InlineData("0", "neither PEM")]
    [InlineData("-----BEGIN PRIVATE KEY-----", "private key")]
    [InlineData("-----BEGIN X509 CRL-----\nAAAA\n", "is damaged")]
    [InlineData("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n", "not a well-formed CRL")]
    [InlineData("-----BEGIN PKCS7-----\nAAAA\n-----END PKCS7-----\n", "block \"PKCS7\"")]
    public void Something_else_is_refused_with_its_reason(string text, string message) =>
        Assert.Contains(message, Assert.Throws<RevocationListException>(() => CertificateRevocationList.Parse(Encoding.UTF8.GetBytes(text))).Message);

    [Fact]
    public void Certificates_and_several_lists_are_refused()
    {
        CertificateRevocationList list = _openssl.Crl("ca");
        byte[] pem = _openssl.Bytes("ca.crl");

        Refused([.. pem, .. pem], "several CRLs");
        Refused(_openssl.Bytes("ca.crt"), "a certificate and no CRL");
        Refused(_openssl.Der("ca.crt"), "is a certificate");
        Refused([.. list.Der.Span, .. list.Der.Span], "bytes behind the end");
    }

    [Fact]
    public void Too_large_is_refused_before_anything_is_read()
    {
        byte[] der = new byte[CertificateRevocationList.MaxBytes + 1];
        new byte[] { 0x30, 0x83, 0x7F, 0xFF, 0xFC }.CopyTo(der, 0);
        Refused(der, "8388609 bytes long; at most 8388608");
        Refused(Encoding.ASCII.GetBytes("-----BEGIN X509 CRL-----\n" + new string('A', 13_000_000)), "at most 8388608");
    }

    [Theory]
    [InlineData("2.5.29.27=critical,ASN1:INTEGER:1", "delta CRL (RFC 5280 §5.2.4)")]
    [InlineData("1.2.3.4=critical,ASN1:NULL", "critical extension 1.2.3.4")]
    [InlineData("issuingDistributionPoint=critical,@idp\n[idp]\nindirectCRL=TRUE", "indirect CRL")]
    public void Lists_that_mean_something_else_are_refused(string extensions, string message)
    {
        RevocationListException refusal = Assert.Throws<RevocationListException>(() => _openssl.Crl("ca", extensions: extensions));
        Assert.Contains(message, refusal.Message);
        Assert.EndsWith(".", refusal.Message);
    }

    [Fact]
    public void Weak_signatures_are_refused()
    {
        Assert.Contains("SHA-1, which can be forged", Assert.Throws<RevocationListException>(() => _openssl.Crl("ca", more: ["-md", "sha1"])).Message);
        _openssl.Root("ed", "/CN=Ed CA", "basicConstraints=critical,CA:TRUE", ["-newkey", "ed25519"]);
        Assert.Contains("Ed25519, which is not supported", Assert.Throws<RevocationListException>(() => _openssl.Crl("ed", more: ["-md", "null"])).Message);
    }

    private static void Refused(byte[] file, string message) =>
        Assert.Contains(message, Assert.Throws<RevocationListException>(() => CertificateRevocationList.Parse(file)).Message);
}
