using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gatehouse.Pki;

namespace Gatehouse.Cli.SelfTest;

/// <summary>Client certificates that must not be believed, made on the spot. Their keys are thrown away with the process.</summary>
internal sealed class ForgedChain(DateTimeOffset now)
{
    private static readonly TimeSpan s_age = TimeSpan.FromDays(800);

    /// <summary>Signed by itself.</summary>
    public SslStreamCertificateContext SelfSigned()
    {
        using var key = NewKey();
        return Join(Plain("CN=gatehouse-selftest", key).CreateSelfSigned(now.AddDays(-1), now.AddDays(30)));
    }

    /// <summary>A CA of our own, which bears the name and key identifier of the one that issued <paramref name="real"/>.</summary>
    public IssuedCertificate LookAlikeCa(X509Certificate2 real)
    {
        using var key = NewKey();
        var request = new CertificateRequest(real.IssuerName, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        var authority = real.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().FirstOrDefault()?.KeyIdentifier;
        request.CertificateExtensions.Add(authority is { } id ? new X509SubjectKeyIdentifierExtension(id.Span, critical: false) : new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        using var certificate = request.CreateSelfSigned(now - s_age, now.AddDays(30));
        return new IssuedCertificate(certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>A client certificate of <paramref name="ca"/>, with the CA's own behind it.</summary>
    public SslStreamCertificateContext ClientOf(IssuedCertificate ca) =>
        Load(CertificateIssuer.CreateClient(ca.CertificatePem, ca.PrivateKeyPem, "/CN=gatehouse-selftest", null, 20, KeyKind.EcP256, now), ca);

    /// <summary>One that has long expired.</summary>
    public SslStreamCertificateContext ExpiredOf(IssuedCertificate ca) =>
        Load(CertificateIssuer.CreateClient(ca.CertificatePem, ca.PrivateKeyPem, "/CN=gatehouse-selftest", null, 30, KeyKind.EcP256, now - s_age / 2), ca);

    /// <summary>One for servers only.</summary>
    public SslStreamCertificateContext ServerOf(IssuedCertificate ca) =>
        Load(CertificateIssuer.CreateServer(ca.CertificatePem, ca.PrivateKeyPem, ["selftest.invalid"], 20, KeyKind.EcP256, now), ca);

    /// <summary>The CA itself as a client.</summary>
    public static SslStreamCertificateContext Itself(IssuedCertificate ca) => Load(ca, null);

    /// <summary>A client certificate signed with the key of the good client certificate, which is sent along as its issuer.</summary>
    public SslStreamCertificateContext SignedBy(PemIdentity good)
    {
        using var key = NewKey();
        var signer = good.Leaf.GetRSAPrivateKey() is { } rsa ? X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1) : X509SignatureGenerator.CreateForECDsa(good.Leaf.GetECDsaPrivateKey()!);
        var notAfter = new DateTimeOffset(good.Leaf.NotAfter) < now.AddDays(20) ? new DateTimeOffset(good.Leaf.NotAfter) : now.AddDays(20);
        using var bare = Plain("CN=gatehouse-selftest-minted", key).Create(good.Leaf.SubjectName, signer, new DateTimeOffset(good.Leaf.NotBefore), notAfter, RandomNumberGenerator.GetBytes(8));
        return Join(bare.CopyWithPrivateKey(key), [X509CertificateLoader.LoadCertificate(good.Leaf.RawDataMemory.Span), .. good.Intermediates]);
    }

    /// <summary>A certificate with so many issuers above it.</summary>
    public SslStreamCertificateContext LongChain(int length)
    {
        var above = new X509Certificate2Collection();
        var issuerKey = NewKey();
        var issuer = new X500DistinguishedName("CN=gatehouse-selftest 0");
        for (var i = 1; i < length; i++)
        {
            var key = NewKey();
            var request = new CertificateRequest($"CN=gatehouse-selftest {i}", key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
            above.Insert(0, request.Create(issuer, X509SignatureGenerator.CreateForECDsa(issuerKey), now.AddDays(-1), now.AddDays(20), RandomNumberGenerator.GetBytes(8)));
            issuerKey.Dispose();
            (issuerKey, issuer) = (key, request.SubjectName);
        }

        using var leafKey = NewKey();
        using var leaf = Plain("CN=gatehouse-selftest", leafKey).Create(issuer, X509SignatureGenerator.CreateForECDsa(issuerKey), now.AddDays(-1), now.AddDays(20), RandomNumberGenerator.GetBytes(8));
        issuerKey.Dispose();
        return Join(leaf.CopyWithPrivateKey(leafKey), above);
    }

    /// <summary>A certificate that claims an issuer whose RSA key has so many bits. Nobody has that key: the signature is noise, which the other side learns only by computing.</summary>
    public SslStreamCertificateContext HugeIssuerKey(int bits)
    {
        using var ca = NewKey();
        var modulus = RandomNumberGenerator.GetBytes(bits / 8);
        modulus[0] |= 0x80;
        modulus[^1] |= 1;
        using var huge = RSA.Create(new RSAParameters { Modulus = modulus, Exponent = [1, 0, 1] });
        var issuer = new CertificateRequest("CN=gatehouse-selftest huge key", huge, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        issuer.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        var above = issuer.Create(new X500DistinguishedName("CN=gatehouse-selftest root"), X509SignatureGenerator.CreateForECDsa(ca), now.AddDays(-1), now.AddDays(20), RandomNumberGenerator.GetBytes(8));

        using var key = NewKey();
        using var leaf = Plain("CN=gatehouse-selftest", key).Create(issuer.SubjectName, new NoiseSignature(bits / 8), now.AddDays(-1), now.AddDays(20), RandomNumberGenerator.GetBytes(8));
        return Join(leaf.CopyWithPrivateKey(key), [above]);
    }

    /// <summary>A certificate of so many bytes.</summary>
    public SslStreamCertificateContext HugeCertificate(int bytes)
    {
        using var key = NewKey();
        var request = Plain("CN=gatehouse-selftest", key);
        request.CertificateExtensions.Add(new X509Extension("1.3.6.1.4.1.99999.1", [0x04, 0x83, (byte)(bytes >> 16), (byte)(bytes >> 8), (byte)bytes, .. new byte[bytes]], critical: false));
        return Join(request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30)));
    }

    private static ECDsa NewKey() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private static CertificateRequest Plain(string subject, ECDsa key)
    {
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2")], critical: false)); // clientAuth
        return request;
    }

    private static SslStreamCertificateContext Load(IssuedCertificate issued, IssuedCertificate? ca) =>
        Join(X509Certificate2.CreateFromPem(issued.CertificatePem, issued.PrivateKeyPem), ca is null ? [] : [X509Certificate2.CreateFromPem(ca.CertificatePem)]);

    // SChannel takes no ephemeral keys: a round trip gives the key a (temporary) home.
    private static SslStreamCertificateContext Join(X509Certificate2 leaf, X509Certificate2Collection? above = null) =>
        SslStreamCertificateContext.Create(OperatingSystem.IsWindows() ? X509CertificateLoader.LoadPkcs12(leaf.Export(X509ContentType.Pkcs12), null) : leaf, above, offline: true);

    /// <summary>Random bytes in the place of an RSA signature.</summary>
    private sealed class NoiseSignature(int bytes) : X509SignatureGenerator
    {
        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) =>
            [0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B, 0x05, 0x00]; // sha256WithRSAEncryption

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm)
        {
            var noise = RandomNumberGenerator.GetBytes(bytes);
            noise[0] &= 0x3F; // Below the modulus, or it would be refused without computing.
            return noise;
        }

        protected override PublicKey BuildPublicKey() => throw new NotSupportedException();
    }
}
