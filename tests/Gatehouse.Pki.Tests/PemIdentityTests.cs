using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gatehouse.Pki.Tests;

/// <summary>Client files as they lie on delegates.</summary>
public sealed class PemIdentityTests : IDisposable
{
    private static readonly DateTimeOffset s_now = TimeProvider.System.GetUtcNow();
    private readonly OpenSsl _openssl = new();

    public void Dispose() => _openssl.Dispose();

    [Fact]
    public void Leaf_and_intermediates_in_any_order()
    {
        _openssl.QuickCa();
        _openssl.Issue("one", "ca", "/CN=One", "basicConstraints=critical,CA:TRUE");
        _openssl.Issue("two", "one", "/CN=Two", "basicConstraints=critical,CA:TRUE");
        _openssl.Issue("client", "two", "/CN=Client", "extendedKeyUsage=clientAuth", ["-newkey", "rsa:2048"]);

        using PemIdentity identity = PemIdentity.Parse(_openssl.Text("ca.crt") + _openssl.Text("one.crt") + _openssl.Text("client.crt") + _openssl.Text("two.crt"), _openssl.Text("client.key"));

        Assert.Equal("CN=Client", identity.Facts.Subject);
        Assert.True(identity.Leaf.HasPrivateKey);
        Assert.Equal(["CN=Two", "CN=One"], identity.Intermediates.Select(certificate => certificate.Subject));
        using RSA key = identity.Leaf.GetRSAPrivateKey()!;
        Assert.Equal(256, key.SignData([1], HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).Length);
        Verdict verdict = ClientChainVerifier.Verify(identity.Leaf.RawData, [.. identity.Intermediates.Select(certificate => (ReadOnlyMemory<byte>)certificate.RawData)],
            TrustAnchors.Parse(_openssl.Text("ca.crt")), TimeProvider.System.GetUtcNow());
        Assert.True(verdict.Accepted, verdict.Message);
    }

    [Theory]
    [InlineData("rsa", true)]
    [InlineData("ec", true)]
    [InlineData("rsa", false)]
    [InlineData("ec", false)]
    public void Key_formats(string kind, bool traditional)
    {
        IssuedCertificate issued = CertificateIssuer.CreateCa("/CN=Client", 30, kind == "rsa" ? KeyKind.Rsa2048 : KeyKind.EcP384, s_now);
        _openssl.Write("client.key", issued.PrivateKeyPem);
        string key = _openssl.Run(traditional ? ["pkey", "-in", "client.key", "-traditional"] : ["pkey", "-in", "client.key"]);
        using PemIdentity identity = PemIdentity.Parse(issued.CertificatePem, "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + key);
        Assert.True(identity.Leaf.HasPrivateKey);
        Assert.Empty(identity.Intermediates);
    }

    [Fact]
    public void Encrypted_keys()
    {
        IssuedCertificate issued = CertificateIssuer.CreateCa("/CN=Client", 30, KeyKind.Rsa2048, s_now);
        _openssl.Write("client.key", issued.PrivateKeyPem);
        string modern = _openssl.Run("pkcs8", "-topk8", "-in", "client.key", "-passout", "pass:secret");
        string legacy = _openssl.Run("rsa", "-in", "client.key", "-traditional", "-aes128", "-passout", "pass:secret");

        using PemIdentity identity = PemIdentity.Parse(issued.CertificatePem, modern, "secret");
        Assert.True(identity.Leaf.HasPrivateKey);
        Assert.Contains("encrypted, and no password", Refused(issued.CertificatePem, modern));
        Assert.Contains("password does not open it", Assert.Throws<PemIdentityException>(() => PemIdentity.Parse(issued.CertificatePem, modern, "wrong")).Message);
        Assert.Contains("Proc-Type: 4,ENCRYPTED", legacy);
        Assert.Contains("old format (Proc-Type: 4,ENCRYPTED)", Refused(issued.CertificatePem, legacy));
    }

    [Fact]
    public void Files_that_do_not_fit_are_named()
    {
        IssuedCertificate one = CertificateIssuer.CreateCa("/CN=One", 30, KeyKind.EcP256, s_now), two = CertificateIssuer.CreateCa("/CN=Two", 30, KeyKind.EcP256, s_now);
        string mismatch = Refused(one.CertificatePem, two.PrivateKeyPem);
        Assert.Contains("do not belong together", mismatch);
        Assert.Contains("CN=One", mismatch);
        Assert.Contains("contains no certificate", Refused(one.PrivateKeyPem, one.PrivateKeyPem));
        Assert.Contains("contains no private key", Refused(one.CertificatePem, one.CertificatePem));
        Assert.Contains("contains 2 private keys", Refused(one.CertificatePem, one.PrivateKeyPem + two.PrivateKeyPem));
        Assert.Contains("is damaged", Refused(one.CertificatePem, "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----"));
        Assert.Contains("is damaged", Refused("-----BEGIN CERTIFICATE-----\nMIIB", one.PrivateKeyPem));
        Assert.Contains("OpenSSH", Refused(one.CertificatePem, "-----BEGIN OPENSSH PRIVATE KEY-----\nMIIB\n-----END OPENSSH PRIVATE KEY-----"));
    }

    private static string Refused(string certificate, string key) => Assert.Throws<PemIdentityException>(() => PemIdentity.Parse(certificate, key)).Message;
}
