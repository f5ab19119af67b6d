using Gatehouse.Pki.Parsing;
using Gatehouse.Pki.Verification;

namespace Gatehouse.Pki.Bundles;

/// <summary>May this certificate be a CA of an account? Collects every finding about one certificate.</summary>
internal sealed class AuthorityCheck(int place, ParsedCertificate certificate, List<DraftFinding> errors, List<DraftFinding> warnings)
{
    private static readonly TimeSpan s_soon = TimeSpan.FromDays(30);

    private readonly string _who = $"Certificate {place} (\"{Wording.Name(certificate.Subject)}\")";

    /// <summary>Of what is no CA only that is told: no new CA mends a client certificate that was taken for one.</summary>
    /// <returns>False when it is no CA.</returns>
    public bool Run(DateTimeOffset now)
    {
        // The root of a chain proves itself; other signatures need certificates we may not have, and anchors are trusted as bytes.
        bool selfSigned = certificate.IsSelfIssued && IsSelfSigned();
        if (!CheckAuthority(selfSigned))
            return false;
        if (certificate.Problem is { } problem)
        {
            Error(certificate.HasUnsupportedExtension ? CaBundleCodes.Unsupported : CaBundleCodes.Malformed,
                $"{problem}. Make the CA certificate again without that.", Mending.NewCa);
        }

        CheckRights();
        CheckStrength(selfSigned);
        CheckDates(now);
        if (PublicAuthorities.LooksPublic(certificate.Subject))
            Warn(CaBundleCodes.PublicCa, "looks like a publicly trusted CA, and anyone can get a certificate from it. Use a CA of your own.", mending => mending.Without(certificate) ?? Mending.NewCa);
        return true;
    }

    private bool IsSelfSigned() =>
        certificate.Key.RsaBits <= PublicKeyInfo.MaxRsaBits && certificate.Key.Exponent.Length <= 8 && SignatureCheck.Verify(certificate, certificate);

    private bool CheckAuthority(bool selfSigned)
    {
        // What names a purpose and says it is no CA, or was issued by another, is what clients and servers show: a leaf.
        string what = certificate.ExtendedKeyUsages is not null || !certificate.IsSelfIssued ? "is a client or server certificate (a leaf), not a CA certificate" : "is not a CA certificate";
        string wayOut = certificate.IsSelfIssued ? "Upload the CA certificate that issues the client certificates (ca.crt, not client.crt)."
            : $"Upload the CA certificate that issued it, \"{Wording.Name(certificate.Issuer)}\" (ca.crt, not client.crt).";
        string? why = certificate.HasBasicConstraints ? certificate.IsCa ? null : "basic constraints say CA:FALSE"
            : certificate.Version == 3 ? "it has no basic constraints"
            : selfSigned ? null : $"it is X.509 v{certificate.Version} and was issued by \"{Wording.Name(certificate.Issuer)}\"";
        if (why is null)
            return true;
        Error(CaBundleCodes.NotACa, $"{what}: {why}. {wayOut}", mending => mending.Without(certificate));
        return false;
    }

    private void CheckRights()
    {
        if (!certificate.HasBasicConstraints)
            Warn(CaBundleCodes.VersionOneRoot, $"is an X.509 v{certificate.Version} root: nothing in it says that it is a CA. It is accepted; a v3 certificate with CA:TRUE is better.", Mending.NewCa);

        if (certificate.KeyUsage is { } usage && !usage.HasFlag(KeyUsages.KeyCertSign))
            Error(CaBundleCodes.KeyUsage, "may not sign certificates: its key usage lacks keyCertSign. Make the CA certificate again with keyCertSign.", Mending.NewCa);
        if (certificate.ExtendedKeyUsages is { } purposes && !purposes.Contains(Oids.ClientAuth))
            Error(CaBundleCodes.ExtendedKeyUsage, "cannot issue client certificates: its extended key usage lacks clientAuth. Use a CA with clientAuth, or without extended key usage.", Mending.NewCa);
    }

    private void CheckStrength(bool selfSigned)
    {
        if (certificate.Key.Objection is { } objection)
        {
            string code = objection.Fault switch
            {
                CertificateFault.Weak => CaBundleCodes.WeakKey,
                CertificateFault.TooLarge => CaBundleCodes.TooLarge,
                _ => CaBundleCodes.Unsupported,
            };
            Error(code, $"has {objection.Text}. Make a CA with an RSA key of 2048 to 8192 bits, or an EC key on P-256, P-384 or P-521.", Mending.NewCa);
        }

        if (!certificate.Scheme.IsWeak)
            return;
        if (selfSigned)
            Warn(CaBundleCodes.WeakSignature, $"is signed with {certificate.Scheme.Name}. That does no harm on a root, but what it issues must use SHA-256 or better.", Mending.NewCa);
        else
            Error(CaBundleCodes.WeakSignature, $"is signed with {certificate.Scheme.Name}, which can be forged. Have it issued again with SHA-256 or better.", Mending.NewCa);
    }

    private void CheckDates(DateTimeOffset now)
    {
        if (now > certificate.NotAfter)
        {
            Error(CaBundleCodes.Expired, $"expired {Wording.Duration(now - certificate.NotAfter)} ago ({Wording.Time(certificate.NotAfter)}). Upload a CA certificate that is still valid.", Mending.NewCa);
        }
        else if (now < certificate.NotBefore)
        {
            Warn(CaBundleCodes.NotYetValid, $"becomes valid only in {Wording.Duration(certificate.NotBefore - now)} ({Wording.Time(certificate.NotBefore)}); until then nobody gets in through it.", "date -u");
        }
        else if (certificate.NotAfter - now <= s_soon)
        {
            Warn(CaBundleCodes.ExpiresSoon, $"expires in {Wording.Duration(certificate.NotAfter - now)} ({Wording.Time(certificate.NotAfter)}). Plan the rotation now.", Mending.SecondCa);
        }
    }

    private void Error(string code, string text, string command) => Error(code, text, _ => command);

    private void Error(string code, string text, Func<Mending, string?> command) => errors.Add(new DraftFinding(code, $"{_who} {text}", command));

    private void Warn(string code, string text, string command) => Warn(code, text, _ => command);

    private void Warn(string code, string text, Func<Mending, string?> command) => warnings.Add(new DraftFinding(code, $"{_who} {text}", command));
}
