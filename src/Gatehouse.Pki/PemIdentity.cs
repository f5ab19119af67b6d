using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Gatehouse.Pki.Keys;
using Gatehouse.Pki.Parsing;
using Gatehouse.Pki.Verification;

namespace Gatehouse.Pki;

/// <summary>A client's certificate, intermediates and key, as its PEM files hold them.</summary>
public sealed class PemIdentity : IDisposable
{
    private const int MaxCertificates = 16;

    private PemIdentity(X509Certificate2 leaf, IReadOnlyList<X509Certificate2> intermediates, CertificateFacts facts) =>
        (Leaf, Intermediates, Facts) = (leaf, intermediates, facts);

    /// <summary>The client certificate with its private key.</summary>
    public X509Certificate2 Leaf { get; }

    /// <summary>What to send with it, nearest issuer first; self-issued roots are left out.</summary>
    public IReadOnlyList<X509Certificate2> Intermediates { get; }

    /// <summary>The client certificate for people.</summary>
    public CertificateFacts Facts { get; }

    /// <summary>True when there are intermediates, and none of them has the name of the client certificate's issuer.</summary>
    public bool IsIssuerMissing { get; private init; }

    /// <summary>Reads certificate file and key file. The certificates may be in any order: the leaf is the one the key belongs to.</summary>
    /// <param name="certificatePem">The leaf and, if any, intermediates.</param>
    /// <param name="keyPem">PKCS#8, PKCS#1 or SEC 1.</param>
    /// <param name="password">For an encrypted PKCS#8 key; null when it is not encrypted.</param>
    /// <exception cref="PemIdentityException">Something is missing, unreadable, encrypted, or the two do not belong together.</exception>
    public static PemIdentity Parse(string certificatePem, string keyPem, string? password = null)
    {
        List<ParsedCertificate> certificates = ReadCertificates(certificatePem);
        try
        {
            using AsymmetricAlgorithm key = PrivateKeyReader.Read(keyPem, password);
            ParsedCertificate leaf = certificates.Find(certificate => certificate.Key.BelongsTo(key)) ?? throw new PemIdentityException(Mismatch(certificates, key));
            if (leaf.Key.Objection is { } objection)
                throw new PemIdentityException($"The client certificate \"{Wording.Name(leaf.Subject)}\" has {objection.Text}. Make a new key and certificate.");
            List<ParsedCertificate> chain = Chain(leaf, certificates);
            return new PemIdentity(WithKey(leaf, key), [.. chain.Select(Load)], CertificateFacts.Of(leaf)) { IsIssuerMissing = chain.Count > 0 && !chain[0].Subject.Matches(leaf.Issuer) };
        }
        catch (PrivateKeyException e)
        {
            throw new PemIdentityException("The client key file " + e.Message, e);
        }
        catch (CryptographicException e)
        {
            throw new PemIdentityException("Client certificate and key cannot be loaded: " + e.Message, e);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Leaf.Dispose();
        foreach (X509Certificate2 certificate in Intermediates)
            certificate.Dispose();
    }

    private static List<ParsedCertificate> ReadCertificates(string? pem)
    {
        var certificates = new List<ParsedCertificate>();
        foreach (PemBlock block in PemText.Read(pem ?? "", max: 64))
        {
            if (!block.IsCertificate)
                continue; // Some keep the key in the same file.
            string which = $"Certificate {certificates.Count + 1} of the client certificate file";
            if (block.Der is not { } der)
                throw new PemIdentityException($"{which} is damaged: its PEM block has no end, or is not Base64. Copy it again, the BEGIN and END lines included.");
            certificates.Add(ParsedCertificate.TryParse(der, out string why) ?? throw new PemIdentityException($"{which} {why}. Copy it again, or issue it again."));
        }

        return certificates.Count switch
        {
            0 => throw new PemIdentityException("The client certificate file contains no certificate. " + Instead(pem)),
            > MaxCertificates => throw new PemIdentityException($"The client certificate file contains {certificates.Count} certificates; at most {MaxCertificates} are allowed. Leave the client certificate and its intermediates."),
            _ => certificates,
        };
    }

    // A request or the key in its place is the usual mistake.
    private static string Instead(string? pem)
    {
        const string NotPem = "It must be PEM (-----BEGIN CERTIFICATE-----).";
        try
        {
            using PkiFile file = PkiFile.Read(Encoding.UTF8.GetBytes(pem ?? ""));
            return file.Requests.Count + file.Keys.Count > 0 ? file.WhyNoCertificate ?? NotPem : NotPem;
        }
        catch (PkiFileException)
        {
            return NotPem;
        }
    }

    private static string Mismatch(List<ParsedCertificate> certificates, AsymmetricAlgorithm key)
    {
        ParsedCertificate first = certificates[0];
        return $"Client certificate and key do not belong together: \"{Wording.Name(first.Subject)}\" (serial {CertificateFacts.SerialText(first.Serial.Span)}) has {first.Key.Name}, "
            + $"{KeyText.Fingerprint(first.Key.Der.Span)}; the key file holds {KeyText.Describe(key)}. Use the key the certificate was made with, or issue a new pair.";
    }

    // From issuer to issuer by name, then whatever else was in the file: the server sorts it out, and it was put there for a reason.
    private static List<ParsedCertificate> Chain(ParsedCertificate leaf, List<ParsedCertificate> certificates)
    {
        var rest = new List<ParsedCertificate>();
        foreach (ParsedCertificate certificate in certificates)
        {
            if (!certificate.IsSelfIssued && !certificate.Der.Span.SequenceEqual(leaf.Der.Span) && !rest.Exists(known => known.Der.Span.SequenceEqual(certificate.Der.Span)))
                rest.Add(certificate);
        }

        var chain = new List<ParsedCertificate>(rest.Count);
        for (ParsedCertificate? top = leaf; top is not null && rest.Count > 0;)
        {
            ParsedCertificate? issuer = rest.Find(candidate => candidate.Subject.Matches(top.Issuer));
            if (issuer is not null && rest.Remove(issuer))
                chain.Add(issuer);
            top = issuer;
        }

        chain.AddRange(rest);
        return chain;
    }

    private static X509Certificate2 Load(ParsedCertificate certificate) => X509CertificateLoader.LoadCertificate(certificate.Der.Span);

    private static X509Certificate2 WithKey(ParsedCertificate certificate, AsymmetricAlgorithm key)
    {
        using X509Certificate2 bare = Load(certificate);
        X509Certificate2 joined = key is RSA rsa ? bare.CopyWithPrivateKey(rsa) : bare.CopyWithPrivateKey((ECDsa)key);
        if (!OperatingSystem.IsWindows())
            return joined;

        // SChannel takes no ephemeral keys: a round trip gives the key a (temporary) home.
        using (joined)
            return X509CertificateLoader.LoadPkcs12(joined.Export(X509ContentType.Pkcs12), password: null);
    }
}
