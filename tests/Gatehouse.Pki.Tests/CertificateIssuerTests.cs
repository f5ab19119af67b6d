namespace Gatehouse.Pki.Tests;

/// <summary>What we issue, judged by OpenSSL and by ourselves.</summary>
public sealed class CertificateIssuerTests : IDisposable
{
    private static readonly DateTimeOffset s_now = TimeProvider.System.GetUtcNow();
    private readonly OpenSsl _openssl = new();

    public void Dispose() => _openssl.Dispose();

    [Theory]
    [InlineData(KeyKind.Rsa2048, KeyKind.EcP256)]
    [InlineData(KeyKind.EcP256, KeyKind.Rsa3072)]
    [InlineData(KeyKind.EcP384, KeyKind.EcP384)]
    public void Client_certificate_passes_openssl_and_us(KeyKind ca, KeyKind client)
    {
        Make("ca", CertificateIssuer.CreateCa("/O=Example ORG/CN=CA Cert", 9999, ca, s_now));
        Make("client", CertificateIssuer.CreateClient(_openssl.Text("ca.crt"), _openssl.Text("ca.key"), "/O=Example ORG/CN=Client", "My_Delegate 1", 9999, client, s_now));

        (Verdict ours, bool openSsl) = _openssl.Judge("client", ["ca"], []);

        Assert.True(ours.Accepted, ours.Message);
        Assert.True(openSsl);
        _openssl.Run("verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", "ca.crt", "client.crt");
        CertificateFacts facts = ours.Leaf!;
        Assert.Equal(["my-delegate-1"], facts.DnsNames);
        Assert.Equal(32, facts.SerialNumber.Length);
        Assert.Equal(3, facts.Version);
        Assert.True(facts.NotAfter.Year >= 2053, "dates past 2049 must be written as GeneralizedTime");
        Assert.Equal(CertificateFacts.TryRead(_openssl.Der("ca.crt"))!.SubjectKeyId, facts.AuthorityKeyId);
        Assert.True(facts.NotBefore < s_now.AddMinutes(-4));
        Assert.Equal(0, _openssl.Try("pkey", "-in", "client.key", "-noout").Code);
        Assert.Empty(CaBundle.Check(_openssl.Text("ca.crt"), s_now).Errors);
        Assert.Empty(CaBundle.Check(_openssl.Text("ca.crt"), s_now).Warnings);
    }

    [Fact]
    public void Client_certificate_does_not_pass_as_server_or_ca()
    {
        Make("ca", CertificateIssuer.CreateCa("/CN=CA", 10, KeyKind.EcP256, s_now));
        Make("client", CertificateIssuer.CreateClient(_openssl.Text("ca.crt"), _openssl.Text("ca.key"), "CN=Client,O=Example ORG", null, 900, KeyKind.EcP256, s_now));

        Assert.NotEqual(0, _openssl.Try("verify", "-purpose", "sslserver", "-CAfile", "ca.crt", "client.crt").Code);
        CertificateFacts facts = CertificateFacts.TryRead(_openssl.Der("client.crt"))!;
        Assert.Equal(CertificateFacts.TryRead(_openssl.Der("ca.crt"))!.NotAfter, facts.NotAfter);
        Assert.Equal("CN=Client,O=Example ORG", facts.Subject);
        CertificateIssuingException refused = Assert.Throws<CertificateIssuingException>(() =>
            CertificateIssuer.CreateClient(_openssl.Text("client.crt"), _openssl.Text("client.key"), "/CN=x", null, 1, KeyKind.EcP256, s_now));
        Assert.Contains("not a CA certificate", refused.Message);
    }

    [Fact]
    public void Server_certificate_passes_openssl_for_every_name()
    {
        Make("ca", CertificateIssuer.CreateCa("/CN=Dev CA", 365, KeyKind.EcP256, s_now, pathLength: 0));
        Make("server", CertificateIssuer.CreateServer(_openssl.Text("ca.crt"), _openssl.Text("ca.key"), ["*.agent.example.io", "localhost", "127.0.0.1", "::1"], 365, KeyKind.EcP256, s_now));

        _openssl.Run("verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", "customer1.agent.example.io", "-CAfile", "ca.crt", "server.crt");
        _openssl.Run("verify", "-purpose", "sslserver", "-verify_hostname", "localhost", "-CAfile", "ca.crt", "server.crt");
        _openssl.Run("verify", "-purpose", "sslserver", "-verify_ip", "127.0.0.1", "-CAfile", "ca.crt", "server.crt");
        _openssl.Run("verify", "-purpose", "sslserver", "-verify_ip", "::1", "-CAfile", "ca.crt", "server.crt");
        Assert.NotEqual(0, _openssl.Try("verify", "-purpose", "sslserver", "-verify_hostname", "a.b.agent.example.io", "-CAfile", "ca.crt", "server.crt").Code);
        Assert.Equal(CertificateFault.Purpose, _openssl.Judge("server", ["ca"], []).Ours.Fault);
    }

    [Theory]
    [InlineData("rsa", "-traditional")]
    [InlineData("rsa", "")]
    [InlineData("ec", "-traditional")]
    [InlineData("ec", "")]
    public void Ca_of_openssl_in_every_key_format(string kind, string format)
    {
        _openssl.Root("ca", "/O=Example ORG/CN=CA Cert", "basicConstraints=critical,CA:TRUE", kind == "rsa" ? ["-newkey", "rsa:2048"] : null);
        string key = _openssl.Run(format.Length == 0 ? ["pkey", "-in", "ca.key"] : ["pkey", "-in", "ca.key", format]);
        Assert.Equal(format.Length > 0, key.Contains(kind == "rsa" ? "RSA PRIVATE KEY" : "EC PRIVATE KEY"));

        Make("client", CertificateIssuer.CreateClient("\uFEFF" + _openssl.Text("ca.crt").Replace("\n", "\r\n"), key.Replace("\n", "\r\n"), "/CN=Client", null, 30, KeyKind.EcP256, s_now.AddMinutes(1)));

        (Verdict ours, bool openSsl) = _openssl.Judge("client", ["ca"], [], s_now.AddMinutes(1));
        Assert.True(ours.Accepted && openSsl, ours.Message);
    }

    [Fact]
    public void Key_of_another_ca_is_named_as_such()
    {
        IssuedCertificate one = CertificateIssuer.CreateCa("/CN=One", 30, KeyKind.EcP256, s_now), two = CertificateIssuer.CreateCa("/CN=Two", 30, KeyKind.Rsa2048, s_now);
        var refused = Assert.Throws<CertificateIssuingException>(() => CertificateIssuer.CreateClient(one.CertificatePem, two.PrivateKeyPem, "/CN=x", null, 1, KeyKind.EcP256, s_now));
        Assert.Contains("do not belong together", refused.Message);
        Assert.Contains("CN=One", refused.Message);
        Assert.DoesNotContain("PRIVATE KEY", one.ToString());
    }

    [Theory]
    [InlineData(@"/O=Example ORG/CN=a\/b", @"CN=a/b,O=Example ORG")]
    [InlineData("CN=CA Cert,O=Example ORG", "CN=CA Cert,O=Example ORG")]
    [InlineData(@"CN=Smith\, John\2B,O=Ünïcode", @"CN=Smith\, John\+,O=Ünïcode")]
    [InlineData("CN=a+UID=7, O=b", "CN=a+UID=7,O=b")]
    [InlineData("/C=DE/emailAddress=a@b.example/DC=example", "DC=example,emailAddress=a@b.example,C=DE")]
    [InlineData("/1.2.3.4=x", "1.2.3.4=x")]
    public void Subjects(string subject, string expected)
    {
        _openssl.Write("ca.crt", CertificateIssuer.CreateCa(subject, 30, KeyKind.EcP256, s_now).CertificatePem);
        Assert.Equal(expected, CertificateFacts.TryRead(_openssl.Der("ca.crt"))!.Subject);
        _openssl.Run("x509", "-in", "ca.crt", "-noout", "-subject");
    }

    [Theory]
    [InlineData("")]
    [InlineData("Example")]
    [InlineData("/CN=")]
    [InlineData("/XY=1")]
    [InlineData("/C=Germany")]
    [InlineData("CN=a,O=")]
    [InlineData("/CN=12345678901234567890123456789012345678901234567890123456789012345")]
    [InlineData("/CN=a\nb")]
    [InlineData("/CN=a\\")]
    [InlineData("/999.1=x")]
    public void Subjects_that_cannot_be(string subject) =>
        Assert.Throws<CertificateIssuingException>(() => CertificateIssuer.CreateCa(subject, 30, KeyKind.EcP256, s_now));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(36501)]
    public void Days_out_of_range(int days) =>
        Assert.Contains($"{days} days", Assert.Throws<CertificateIssuingException>(() => CertificateIssuer.CreateCa("/CN=x", days, KeyKind.EcP256, s_now)).Message);

    [Fact]
    public void Key_kinds_have_names()
    {
        foreach (KeyKind kind in Enum.GetValues<KeyKind>())
        {
            Assert.True(KeyKinds.TryParse(KeyKinds.Name(kind).ToUpperInvariant(), out KeyKind read));
            Assert.Equal(kind, read);
            Assert.Contains(KeyKinds.Name(kind), KeyKinds.Names);
        }

        Assert.False(KeyKinds.TryParse("rsa:1024", out _));
    }

    private void Make(string name, IssuedCertificate issued)
    {
        _openssl.Write(name + ".crt", issued.CertificatePem);
        _openssl.Write(name + ".key", issued.PrivateKeyPem);
    }
}
