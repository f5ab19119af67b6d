using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gatehouse.Pki.Keys;
using Gatehouse.Pki.Parsing;
using Gatehouse.Pki.Verification;

namespace Gatehouse.Pki.Issuing;

/// <summary>A CA certificate with its key, checked to be fit for issuing.</summary>
internal sealed class SigningAuthority : IDisposable
{
    private readonly AsymmetricAlgorithm _key;

    private SigningAuthority(ParsedCertificate certificate, AsymmetricAlgorithm key) => (Certificate, _key) = (certificate, key);

    public ParsedCertificate Certificate { get; }

    /// <summary>Reads both and checks that they belong together and may issue for <paramref name="purpose"/> now.</summary>
    /// <exception cref="CertificateIssuingException">They may not; the message says why.</exception>
    public static SigningAuthority Load(string certificatePem, string keyPem, string purpose, DateTimeOffset now)
    {
        List<ParsedCertificate> certificates = ReadCertificates(certificatePem);
        AsymmetricAlgorithm key;
        try
        {
            key = PrivateKeyReader.Read(keyPem, password: null);
        }
        catch (PrivateKeyException e)
        {
            throw new CertificateIssuingException("The CA key file " + e.Message, e);
        }

        try
        {
            ParsedCertificate certificate = certificates.Find(candidate => candidate.Key.BelongsTo(key)) ?? throw new CertificateIssuingException(Mismatch(certificates[0], key));
            Judge(certificate, purpose, now);
            return new SigningAuthority(certificate, key);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>The generator of this CA's signatures: SHA-256, or as strong as the curve.</summary>
    public (X509SignatureGenerator Generator, HashAlgorithmName Hash) Signer() => SignerOf(_key);

    public static (X509SignatureGenerator Generator, HashAlgorithmName Hash) SignerOf(AsymmetricAlgorithm key) => key switch
    {
        RSA rsa => (X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1), HashAlgorithmName.SHA256),
        ECDsa { KeySize: 521 } ec => (X509SignatureGenerator.CreateForECDsa(ec), HashAlgorithmName.SHA512),
        ECDsa { KeySize: 384 } ec => (X509SignatureGenerator.CreateForECDsa(ec), HashAlgorithmName.SHA384),
        _ => (X509SignatureGenerator.CreateForECDsa((ECDsa)key), HashAlgorithmName.SHA256),
    };

    /// <summary>What its certificates carry to find it: its key identifier or, when it has none, its issuer and serial number.</summary>
    public X509Extension KeyIdentifier() => Certificate.SubjectKeyId is { } id
        ? X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(id.Span)
        : X509AuthorityKeyIdentifierExtension.CreateFromIssuerNameAndSerialNumber(new X500DistinguishedName(Certificate.Issuer.Der.Span), Certificate.Serial.Span);

    public void Dispose() => _key.Dispose();

    private static List<ParsedCertificate> ReadCertificates(string? pem)
    {
        var certificates = new List<ParsedCertificate>();
        foreach (PemBlock block in PemText.Read(pem ?? "", max: 64))
        {
            if (!block.IsCertificate)
                continue;
            string why = "is damaged PEM";
            certificates.Add((block.Der is { } der ? ParsedCertificate.TryParse(der, out why) : null)
                ?? throw new CertificateIssuingException($"Certificate {certificates.Count + 1} of the CA file {why}. Copy it again."));
        }

        return certificates.Count > 0 ? certificates : throw new CertificateIssuingException("The CA file contains no certificate. It must be PEM (-----BEGIN CERTIFICATE-----).");
    }

    private static void Judge(ParsedCertificate ca, string purpose, DateTimeOffset now)
    {
        string who = $"\"{Wording.Name(ca.Subject)}\"";
        bool versionOneRoot = ca.Version == 1 && ca.IsSelfIssued;
        if (ca.Key.Objection is { } objection)
            throw new CertificateIssuingException($"The CA {who} has {objection.Text}. Make a new CA.");
        if (!ca.IsCa && !versionOneRoot)
            throw new CertificateIssuingException($"{who} is not a CA certificate (no basic constraints CA:TRUE). Use the CA certificate and its key.");
        if (ca.KeyUsage is { } usage && !usage.HasFlag(KeyUsages.KeyCertSign))
            throw new CertificateIssuingException($"The CA {who} may not sign certificates (key usage without keyCertSign). Use another CA.");
        if (ca.ExtendedKeyUsages is { } purposes && !purposes.Contains(purpose))
            throw new CertificateIssuingException($"The CA {who} may not issue such certificates (extended key usage). Use another CA.");
        if (now > ca.NotAfter)
            throw new CertificateIssuingException($"The CA {who} expired {Wording.Duration(now - ca.NotAfter)} ago ({Wording.Time(ca.NotAfter)}). Make a new CA.");
    }

    private static string Mismatch(ParsedCertificate certificate, AsymmetricAlgorithm key) =>
        $"CA certificate and CA key do not belong together: \"{Wording.Name(certificate.Subject)}\" has {certificate.Key.Name}, {KeyText.Fingerprint(certificate.Key.Der.Span)}; "
        + $"the key file holds {KeyText.Describe(key)}. Use the key the CA was made with.";
}
