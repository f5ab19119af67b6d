using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gatehouse.Testing;

namespace Gatehouse.Gateway.Tests;

/// <summary>Client certificates that no account would issue, as files for clients of other makes.</summary>
internal static class CostlyCertificates
{
    /// <summary>A leaf with so many certificates above it that the whole has <paramref name="length"/>; nobody knows its root.</summary>
    public static OpenSsl.Pair ChainOf(int length, TemporaryDirectory directory)
    {
        var pems = new List<string>();
        var (issuer, issuerKey) = (new X500DistinguishedName("CN=Nobody"), NewKey());
        for (var i = 1; i <= length; i++)
        {
            var key = NewKey();
            var request = new CertificateRequest($"CN=Link {i}", key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: i < length, false, 0, critical: true));
            using var certificate = request.Create(issuer, X509SignatureGenerator.CreateForECDsa(issuerKey), Begin, End, RandomNumberGenerator.GetBytes(8));
            pems.Insert(0, certificate.ExportCertificatePem());
            issuerKey.Dispose();
            (issuer, issuerKey) = (request.SubjectName, key);
        }
        using (issuerKey)
            return Save(directory, $"chain-{length}", string.Join('\n', pems), issuerKey.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>A leaf of so many bytes.</summary>
    public static OpenSsl.Pair OfSize(int bytes, TemporaryDirectory directory)
    {
        using var key = NewKey();
        var request = new CertificateRequest("CN=Client", key, HashAlgorithmName.SHA256);
        var value = new AsnWriter(AsnEncodingRules.DER);
        value.WriteOctetString(new byte[bytes]);
        request.CertificateExtensions.Add(new X509Extension("1.3.6.1.4.1.99999.1", value.Encode(), critical: false));
        using var certificate = request.CreateSelfSigned(Begin, End);
        return Save(directory, "large", certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>
    /// A leaf properly issued by <paramref name="ca"/>, whose RSA key has 15,636 bits. Its primes are Mersenne's: others of that size take minutes to find.
    /// </summary>
    public static OpenSsl.Pair WithHugeKey(OpenSsl.Pair ca, TemporaryDirectory directory)
    {
        var (p, q, e) = (BigInteger.Pow(2, 11213) - 1, BigInteger.Pow(2, 4423) - 1, new BigInteger(65537));
        var d = InverseOf(e, (p - 1) * (q - 1));
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence()) // RSAPrivateKey, RFC 8017 A.1.2
        {
            foreach (var value in (BigInteger[])[0, p * q, e, d, p, q, d % (p - 1), d % (q - 1), InverseOf(q, p)])
                writer.WriteInteger(value);
        }
        using var publicKey = RSA.Create(new RSAParameters { Modulus = (p * q).ToByteArray(isUnsigned: true, isBigEndian: true), Exponent = [1, 0, 1] });
        using var issuer = X509Certificate2.CreateFromPemFile(ca.Certificate, ca.Key);
        var request = new CertificateRequest("CN=Client", publicKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.Create(issuer.SubjectName, X509SignatureGenerator.CreateForRSA(issuer.GetRSAPrivateKey()!, RSASignaturePadding.Pkcs1), Begin, End, RandomNumberGenerator.GetBytes(8));
        return Save(directory, "huge-key", certificate.ExportCertificatePem(), PemEncoding.WriteString("RSA PRIVATE KEY", writer.Encode()));
    }

    private static BigInteger InverseOf(BigInteger value, BigInteger modulus)
    {
        var (a, b, x, y) = (value % modulus, modulus, BigInteger.One, BigInteger.Zero);
        while (b != 0)
        {
            var quotient = BigInteger.DivRem(a, b, out var rest);
            (a, b, x, y) = (b, rest, y, x - (quotient * y));
        }
        return ((x % modulus) + modulus) % modulus;
    }

    private static ECDsa NewKey() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private static DateTimeOffset Begin => TimeProvider.System.GetUtcNow().AddDays(-1);

    private static DateTimeOffset End => TimeProvider.System.GetUtcNow().AddDays(20);

    private static OpenSsl.Pair Save(TemporaryDirectory directory, string name, string certificates, string key)
    {
        var pair = new OpenSsl.Pair(directory.File(name + ".crt"), directory.File(name + ".key"));
        File.WriteAllText(pair.Certificate, certificates);
        File.WriteAllText(pair.Key, key);
        return pair;
    }
}
