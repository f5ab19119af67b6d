using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gatehouse.Pki.Issuing;
using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki;

/// <summary>Makes CA, client and server certificates: X.509 v3, with key identifiers, random 128-bit serial numbers and no more rights than needed.</summary>
public static partial class CertificateIssuer
{
    private const int MaxDays = 36500;

    // For machines whose clock is behind ours.
    private static readonly TimeSpan s_backdate = TimeSpan.FromMinutes(5);

    /// <summary>Makes a self-signed CA.</summary>
    /// <param name="subject">OpenSSL form (<c>/O=Example ORG/CN=CA Cert</c>) or RFC 4514 (<c>CN=CA Cert,O=Example ORG</c>).</param>
    /// <param name="days">Validity, 1 to 36500.</param>
    /// <param name="key">The key pair to make.</param>
    /// <param name="now">Start of validity, less five minutes for clocks that are behind.</param>
    /// <param name="pathLength">How many intermediates may follow; null sets no limit.</param>
    /// <exception cref="CertificateIssuingException">A value cannot be used.</exception>
    public static IssuedCertificate CreateCa(string subject, int days, KeyKind key, DateTimeOffset now, int? pathLength = null)
    {
        DateTimeOffset end = EndOf(days, now);
        if (pathLength is < 0 or > 16)
            throw new CertificateIssuingException($"The path length {pathLength} is out of range. Use 0 to 16, or none.");
        var name = new X500DistinguishedName(SubjectSyntax.Encode(subject));
        using AsymmetricAlgorithm pair = Generate(key);
        (X509SignatureGenerator signer, HashAlgorithmName hash) = SigningAuthority.SignerOf(pair);
        var request = new CertificateRequest(name, signer.PublicKey, hash);
        var keyId = new X509SubjectKeyIdentifierExtension(signer.PublicKey, critical: false);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, pathLength is not null, pathLength ?? 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(keyId);
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(keyId));
        return new IssuedCertificate(Finish(request, name, signer, now - s_backdate, end), KeyPem(pair));
    }

    /// <summary>Makes a TLS client certificate. Its validity never exceeds the CA's.</summary>
    /// <param name="caCertificatePem">The CA certificate.</param>
    /// <param name="caKeyPem">Its private key: PKCS#8, PKCS#1 or SEC 1, not encrypted.</param>
    /// <param name="subject">As in <see cref="CreateCa"/>.</param>
    /// <param name="delegateName">Becomes the dNSName of the subject alternative name, made fit for DNS; null for none.</param>
    /// <param name="days">Validity, 1 to 36500.</param>
    /// <param name="key">The key pair to make.</param>
    /// <param name="now">Start of validity, less five minutes.</param>
    /// <exception cref="CertificateIssuingException">A value cannot be used; key and CA do not match.</exception>
    public static IssuedCertificate CreateClient(
        string caCertificatePem, string caKeyPem, string subject, string? delegateName, int days, KeyKind key, DateTimeOffset now)
    {
        using SigningAuthority ca = SigningAuthority.Load(caCertificatePem, caKeyPem, Oids.ClientAuth, now);
        X509Extension? names = string.IsNullOrWhiteSpace(delegateName) ? null : SanNames.ForDelegate(delegateName);
        return CreateLeaf(ca, SubjectSyntax.Encode(subject), names, Oids.ClientAuth, days, key, now);
    }

    /// <summary>Makes a TLS server certificate. Its validity never exceeds the CA's.</summary>
    /// <param name="caCertificatePem">The CA certificate.</param>
    /// <param name="caKeyPem">Its private key: PKCS#8, PKCS#1 or SEC 1, not encrypted.</param>
    /// <param name="dnsNames">At least one; a leading <c>*.</c> is a wildcard; IP addresses become iPAddress entries. The first is the common name when it is short enough for one (64).</param>
    /// <param name="days">Validity, 1 to 36500.</param>
    /// <param name="key">The key pair to make.</param>
    /// <param name="now">Start of validity, less five minutes.</param>
    /// <exception cref="CertificateIssuingException">A value cannot be used; key and CA do not match.</exception>
    public static IssuedCertificate CreateServer(
        string caCertificatePem, string caKeyPem, IReadOnlyList<string> dnsNames, int days, KeyKind key, DateTimeOffset now)
    {
        X509Extension names = SanNames.ForServer(dnsNames);
        string commonName = dnsNames[0].Trim().Length <= 64 ? dnsNames[0].Trim() : "Gatehouse server";
        using SigningAuthority ca = SigningAuthority.Load(caCertificatePem, caKeyPem, Oids.ServerAuth, now);
        return CreateLeaf(ca, SubjectSyntax.Encode("/CN=" + commonName), names, Oids.ServerAuth, days, key, now);
    }

    private static IssuedCertificate CreateLeaf(
        SigningAuthority ca, byte[] subject, X509Extension? names, string purpose, int days, KeyKind key, DateTimeOffset now)
    {
        using AsymmetricAlgorithm pair = Generate(key);
        (X509SignatureGenerator own, HashAlgorithmName _) = SigningAuthority.SignerOf(pair);
        return new IssuedCertificate(IssueLeaf(ca, subject, own.PublicKey, names, purpose, days, now), KeyPem(pair));
    }

    private static string IssueLeaf(SigningAuthority ca, byte[] subject, PublicKey key, X509Extension? names, string purpose, int days, DateTimeOffset now)
    {
        DateTimeOffset start = now - s_backdate, end = EndOf(days, now);
        (X509SignatureGenerator signer, HashAlgorithmName hash) = ca.Signer();
        var request = new CertificateRequest(new X500DistinguishedName(subject), key, hash);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(key, critical: false));
        request.CertificateExtensions.Add(ca.KeyIdentifier());
        if (names is not null)
            request.CertificateExtensions.Add(names);
        start = start < ca.Certificate.NotBefore ? ca.Certificate.NotBefore : start;
        end = end > ca.Certificate.NotAfter ? ca.Certificate.NotAfter : end;
        // The CA's name as it encoded it: other software compares bytes.
        return Finish(request, new X500DistinguishedName(ca.Certificate.Subject.Der.Span), signer, start, end);
    }

    private static string Finish(CertificateRequest request, X500DistinguishedName issuer, X509SignatureGenerator signer, DateTimeOffset start, DateTimeOffset end)
    {
        byte[] serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x7F) | 0x40); // Positive, and always 16 bytes.
        using X509Certificate2 certificate = request.Create(issuer, signer, start, end, serial);
        return PemText.Write("CERTIFICATE", certificate.RawDataMemory.Span);
    }

    private static string KeyPem(AsymmetricAlgorithm pair) => pair.ExportPkcs8PrivateKeyPem().ReplaceLineEndings("\n") + "\n";

    private static DateTimeOffset EndOf(int days, DateTimeOffset now) => days is >= 1 and <= MaxDays
        ? now.AddDays(days)
        : throw new CertificateIssuingException($"{days} days of validity cannot be used. Use 1 to {MaxDays}.");

    private static AsymmetricAlgorithm Generate(KeyKind kind) => kind switch
    {
        KeyKind.Rsa2048 => RSA.Create(2048),
        KeyKind.Rsa3072 => RSA.Create(3072),
        KeyKind.Rsa4096 => RSA.Create(4096),
        KeyKind.EcP256 => ECDsa.Create(ECCurve.NamedCurves.nistP256),
        KeyKind.EcP384 => ECDsa.Create(ECCurve.NamedCurves.nistP384),
        _ => throw new CertificateIssuingException($"The key kind {kind} cannot be made. Use one of {KeyKinds.Names}."),
    };
}
