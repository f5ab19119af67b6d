namespace Gatehouse.Pki.Tests;

/// <summary>Certificates made from what others made, in both directions, judged by OpenSSL and by the gateway's rules.</summary>
public sealed class SigningTests : IDisposable
{
    private static readonly DateTimeOffset s_now = TimeProvider.System.GetUtcNow();
    private readonly OpenSsl _openssl = new();

    public void Dispose() => _openssl.Dispose();

    private PkiFile Read(string file) => PkiFile.Read(_openssl.Bytes(file));

    private void OurCa()
    {
        IssuedCertificate ca = CertificateIssuer.CreateCa("/O=Example ORG/CN=CA Cert", 9999, KeyKind.EcP256, s_now, pathLength: 0);
        _openssl.Write("ca.crt", ca.CertificatePem);
        _openssl.Write("ca.key", ca.PrivateKeyPem);
    }

    private SignedCertificate Sign(string request, string? subject = null, string? name = null, int days = 365)
    {
        using PkiFile file = Read(request);
        return CertificateIssuer.Sign(_openssl.Text("ca.crt"), _openssl.Text("ca.key"), file, subject, name, days, s_now);
    }

    [Fact]
    public void Request_of_the_recipe_is_signed_by_a_ca_of_the_recipe()
    {
        _openssl.RecipeCa();
        _openssl.RecipeClient("recipe");
        _openssl.Write("client.crt", Sign("recipe.csr", name: "delegate-1").CertificatePem);

        (Verdict ours, bool openSsl) = _openssl.Judge("client", ["ca"], []);

        Assert.True(ours.Accepted && openSsl, ours.Message);
        Assert.Equal(("CN=Client,O=Example ORG", 3), (ours.Leaf!.Subject, ours.Leaf.Version));
        Assert.Equal(["delegate-1"], ours.Leaf.DnsNames);
        Assert.Equal(["clientAuth"], ours.Leaf.Purposes!);
        _openssl.Run("verify", "-purpose", "sslclient", "-CAfile", "ca.crt", "client.crt");
        // The key that was never here fits.
        Assert.Equal(_openssl.Run("pkey", "-in", "recipe.key", "-pubout"), _openssl.Run("x509", "-in", "client.crt", "-noout", "-pubkey"));
    }

    [Fact]
    public void Openssl_signs_with_our_ca()
    {
        OurCa();
        _openssl.RecipeClient();

        (Verdict ours, bool openSsl) = _openssl.Judge("client", ["ca"], []);

        Assert.True(ours.Accepted && openSsl, ours.Message);
        Assert.Contains("pathlen:0", _openssl.Run("x509", "-in", "ca.crt", "-noout", "-text"));
    }

    [Fact]
    public void A_request_cannot_make_itself_more_than_a_client()
    {
        OurCa();
        _openssl.Write("greedy.cnf", "[req]\nprompt=no\ndistinguished_name=dn\nreq_extensions=e\n[dn]\nCN=Greedy\n[e]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\nextendedKeyUsage=serverAuth\nsubjectAltName=DNS:a.example,IP:10.0.0.1\n");
        _openssl.Run("req", "-new", "-config", "greedy.cnf", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "g.key", "-out", "g.csr");

        SignedCertificate signed = Sign("g.csr");
        _openssl.Write("g.crt", signed.CertificatePem);

        Assert.Equal(["basicConstraints", "keyUsage", "extendedKeyUsage"], signed.LeftOut);
        string text = _openssl.Run("x509", "-in", "g.crt", "-noout", "-text");
        Assert.Contains("CA:FALSE", text);
        Assert.Contains("DNS:a.example, IP Address:10.0.0.1", text);
        Assert.DoesNotContain("Server Authentication", text);
    }

    [Theory]
    [InlineData("is not signed with its own key", "changed.csr")]
    [InlineData("RSA key of 1024 bits", "weak.csr")]
    [InlineData("holds a certificate, not a request", "ca.crt")]
    [InlineData("holds a private key, not a request", "ca.key")]
    public void Requests_that_are_none_are_refused(string why, string file)
    {
        OurCa();
        _openssl.Run("req", "-new", "-newkey", "rsa:1024", "-nodes", "-subj", "/CN=Weak", "-keyout", "weak.key", "-out", "weak.csr");
        _openssl.Run("req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=Honest", "-keyout", "h.key", "-outform", "DER", "-out", "h.der");
        byte[] changed = _openssl.Bytes("h.der");
        changed[changed.AsSpan().IndexOf("Honest"u8)] = (byte)'D';
        _openssl.WriteBytes("changed.csr", changed);

        Assert.Contains(why, Assert.Throws<CertificateIssuingException>(() => Sign(file)).Message);
    }

    [Fact]
    public void Renewal_keeps_name_and_kind_of_key_and_changes_the_rest()
    {
        OurCa();
        _openssl.Issue("old", "ca", "/O=Example ORG/OU=Fleet/CN=delegate 7", "subjectAltName=DNS:delegate-7,URI:spiffe://example/7", ["-newkey", "rsa:2048"]);
        using PkiFile old = Read("old.crt");

        IssuedCertificate renewed = CertificateIssuer.Renew(_openssl.Text("ca.crt"), _openssl.Text("ca.key"), old, 30, key: null, s_now);
        _openssl.Write("new.crt", renewed.CertificatePem);
        _openssl.Write("new.key", renewed.PrivateKeyPem);

        CertificateFacts was = CertificateFacts.TryRead(_openssl.Der("old.crt"))!, now = _openssl.Judge("new", ["ca"], []).Ours.Leaf!;
        Assert.Equal((was.Subject, was.PublicKey), (now.Subject, now.PublicKey));
        Assert.NotEqual(was.PublicKeySha256, now.PublicKeySha256);
        Assert.NotEqual(was.SerialNumber, now.SerialNumber);
        Assert.Contains("DNS:delegate-7, URI:spiffe://example/7", _openssl.Run("x509", "-in", "new.crt", "-noout", "-ext", "subjectAltName"));
        Assert.True(_openssl.Judge("new", ["ca"], []).Ours.Accepted);
        PemIdentity.Parse(renewed.CertificatePem, renewed.PrivateKeyPem).Dispose();
    }

    [Fact]
    public void Renewal_for_the_same_key_needs_no_private_key()
    {
        OurCa();
        _openssl.RecipeClient("old");
        using PkiFile old = Read("old.crt"), ca = Read("ca.crt");

        string renewed = CertificateIssuer.RenewForSameKey(_openssl.Text("ca.crt"), _openssl.Text("ca.key"), old, 30, s_now);

        using PemIdentity pair = PemIdentity.Parse(renewed, _openssl.Text("old.key"));
        Assert.Equal(3, pair.Facts.Version);
        Assert.Contains("is a CA certificate", Assert.Throws<CertificateIssuingException>(() =>
            CertificateIssuer.RenewForSameKey(_openssl.Text("ca.crt"), _openssl.Text("ca.key"), ca, 30, s_now)).Message);
    }

    [Fact]
    public void Keys_are_pkcs8_as_a_java_rsa_loader_takes_it()
    {
        OurCa();
        IssuedCertificate client = CertificateIssuer.CreateClient(_openssl.Text("ca.crt"), _openssl.Text("ca.key"), "/CN=Client", null, 30, KeyKind.Rsa2048, s_now);
        _openssl.Write("client.key", client.PrivateKeyPem);

        // PrivateKeyInfo: version 0, the algorithm, an octet string.
        string structure = _openssl.Run("asn1parse", "-in", "client.key");
        Assert.Matches(@"INTEGER\s+:00\s[\s\S]*rsaEncryption[\s\S]*OCTET STRING", structure);
        // The delegate's own way: strip the PEM, PKCS8EncodedKeySpec, KeyFactory RSA. Java runs a source file; Debian's JRE has what that takes.
        _openssl.Write("Load.java", """
            import java.nio.file.*; import java.security.*; import java.security.interfaces.*; import java.security.spec.*; import java.util.*;
            public class Load { public static void main(String[] a) throws Exception {
              String pem = Files.readString(Path.of(a[0])).replace("-----BEGIN PRIVATE KEY-----", "").replace("-----END PRIVATE KEY-----", "").replaceAll("\\s", "");
              RSAPrivateKey key = (RSAPrivateKey) KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));
              System.out.println("Modulus=" + key.getModulus().toString(16).toUpperCase()); } }
            """);
        Assert.Equal(_openssl.Run("rsa", "-in", "client.key", "-noout", "-modulus").Trim(), _openssl.RunProgram("java", "Load.java", "client.key").Trim());
    }
}
