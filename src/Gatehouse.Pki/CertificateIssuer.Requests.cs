using System.Security.Cryptography.X509Certificates;
using Gatehouse.Pki.Issuing;
using Gatehouse.Pki.Parsing;
using Gatehouse.Pki.Verification;

namespace Gatehouse.Pki;

/// <content>From what somebody else made: requests, and certificates that run out.</content>
public static partial class CertificateIssuer
{
    /// <summary>
    /// Signs a certificate request of any origin. Its subject, key and alternative names are taken over; everything else is ours, as in
    /// <see cref="CreateClient"/>: a request cannot make itself a CA.
    /// </summary>
    /// <param name="caCertificatePem">The CA certificate.</param>
    /// <param name="caKeyPem">Its private key: PKCS#8, PKCS#1 or SEC 1, not encrypted.</param>
    /// <param name="request">A file with exactly one request.</param>
    /// <param name="subject">Instead of the request's, as in <see cref="CreateCa"/>; null takes the request's.</param>
    /// <param name="delegateName">Instead of the request's alternative names, as in <see cref="CreateClient"/>; null takes the request's.</param>
    /// <param name="days">Validity, 1 to 36500.</param>
    /// <param name="now">Start of validity, less five minutes.</param>
    /// <exception cref="CertificateIssuingException">A value cannot be used; key and CA do not match; the request is not signed with its own key.</exception>
    public static SignedCertificate Sign(
        string caCertificatePem, string caKeyPem, PkiFile request, string? subject, string? delegateName, int days, DateTimeOffset now)
    {
        SigningRequest read = TheRequest(request);
        using SigningAuthority ca = SigningAuthority.Load(caCertificatePem, caKeyPem, Oids.ClientAuth, now);
        X509Extension? names = !string.IsNullOrWhiteSpace(delegateName) ? SanNames.ForDelegate(delegateName)
            : read.AlternativeNamesDer is { } asked ? new X509Extension(Oids.SubjectAltName, asked, critical: read.Subject.IsEmpty && subject is null)
            : null;
        byte[] name = subject is null ? read.Subject.Der.ToArray() : SubjectSyntax.Encode(subject);
        if (subject is null && read.Subject.IsEmpty && names is null)
            throw new CertificateIssuingException("The request names nobody: it has neither a subject nor alternative names. Give a subject, or a name.");
        string pem = IssueLeaf(ca, name, PublicKey.CreateFromSubjectPublicKeyInfo(read.Key.Der.Span, out _), names, Oids.ClientAuth, days, now);
        return new SignedCertificate(pem, [.. read.OtherExtensions.Distinct().Take(16).Select(Oids.ExtensionName)]);
    }

    /// <summary>Makes the successor of a client certificate: same subject, same alternative names, new key, new serial number, new validity.</summary>
    /// <param name="caCertificatePem">The CA certificate; it need not be the one that issued the old certificate.</param>
    /// <param name="caKeyPem">Its private key.</param>
    /// <param name="old">A file with the certificate, first if there are several.</param>
    /// <param name="days">Validity, 1 to 36500.</param>
    /// <param name="key">The key pair to make; null makes one like the old.</param>
    /// <param name="now">Start of validity, less five minutes.</param>
    /// <exception cref="CertificateIssuingException">A value cannot be used; the certificate is a CA's.</exception>
    public static IssuedCertificate Renew(
        string caCertificatePem, string caKeyPem, PkiFile old, int days, KeyKind? key, DateTimeOffset now)
    {
        ParsedCertificate former = TheLeaf(old);
        using SigningAuthority ca = SigningAuthority.Load(caCertificatePem, caKeyPem, Oids.ClientAuth, now);
        return CreateLeaf(ca, former.Subject.Der.ToArray(), NamesOf(former), Oids.ClientAuth, days, key ?? KindOf(former.Key), now);
    }

    /// <summary>As <see cref="Renew"/>, for the same key: the private key stays where it is and is not needed here.</summary>
    /// <returns>The new certificate, PEM.</returns>
    /// <exception cref="CertificateIssuingException">A value cannot be used; the certificate is a CA's; its key is too weak to go on.</exception>
    public static string RenewForSameKey(string caCertificatePem, string caKeyPem, PkiFile old, int days, DateTimeOffset now)
    {
        ParsedCertificate former = TheLeaf(old);
        if (former.Key.Objection is { } objection)
            throw new CertificateIssuingException($"\"{Wording.Name(former.Subject)}\" has {objection.Text}. Renew it with a new key.");
        using SigningAuthority ca = SigningAuthority.Load(caCertificatePem, caKeyPem, Oids.ClientAuth, now);
        return IssueLeaf(
            ca, former.Subject.Der.ToArray(), PublicKey.CreateFromSubjectPublicKeyInfo(former.Key.Der.Span, out _), NamesOf(former), Oids.ClientAuth, days, now);
    }

    private static SigningRequest TheRequest(PkiFile file)
    {
        if (file.Requests.Count != 1)
        {
            throw new CertificateIssuingException(file.Requests.Count > 1 ? $"The request file holds {file.Requests.Count} requests. Sign one after the other."
                : file.Certificates.Count > 0 ? "The request file holds a certificate, not a request (CSR): it is signed already. To make its successor, use renew."
                : file.Keys.Count > 0 ? "The request file holds a private key, not a request (CSR). Make a request with it: openssl req -new -key client.key -out client.csr"
                : "The request file holds no certificate request (-----BEGIN CERTIFICATE REQUEST-----) that can be read.");
        }

        return file.Requests[0].Problem is { } problem
            ? throw new CertificateIssuingException("The request " + problem)
            : SigningRequest.TryParse(file.RequestsDer[0], out _)!;
    }

    private static ParsedCertificate TheLeaf(PkiFile file)
    {
        if (file.WhyNoCertificate is { } why)
            throw new CertificateIssuingException(why);
        ParsedCertificate leaf = ParsedCertificate.TryParse(file.Certificates[0], out string problem) ?? throw new CertificateIssuingException($"The certificate to renew {problem}.");
        return leaf.IsCa
            ? throw new CertificateIssuingException($"\"{Wording.Name(leaf.Subject)}\" is a CA certificate. A CA is not renewed here but rotated: make a new one, add it to the bundle, move the clients, remove the old one.")
            : leaf;
    }

    private static X509Extension? NamesOf(ParsedCertificate certificate)
    {
        using X509Certificate2 platform = X509CertificateLoader.LoadCertificate(certificate.Der.Span);
        return platform.Extensions[Oids.SubjectAltName] is { } names ? new X509Extension(names.Oid!, names.RawData, names.Critical) : null;
    }

    private static KeyKind KindOf(PublicKeyInfo key) => key switch
    {
        { Algorithm: KeyAlgorithm.Ec, Name: "EC P-256" } => KeyKind.EcP256,
        { Algorithm: KeyAlgorithm.Ec } => KeyKind.EcP384,
        { RsaBits: > 3072 } => KeyKind.Rsa4096,
        { RsaBits: > 2048 } => KeyKind.Rsa3072,
        _ => KeyKind.Rsa2048,
    };
}
