using Gatehouse.Pki.Parsing;
using Gatehouse.Pki.Revocation;

namespace Gatehouse.Pki.Verification;

/// <summary>
/// Who may sign CRLs for the certificates of one CA of a path (RFC 5280 §6.3.3 (f), (g)): the CA itself unless its key usage lacks cRLSign, or another
/// certificate of that CA's name whose key usage names cRLSign and that the CA, or a CA above it, issued. So it ends in the same anchor.
/// </summary>
/// <param name="path">A path whose signatures are right.</param>
/// <param name="ca">Where in it the CA stands.</param>
/// <param name="presented">What the client sent: a separate certificate for CRLs may be among it.</param>
/// <param name="anchors">Or among these.</param>
/// <param name="now">The time to judge by.</param>
/// <param name="rules">The lists, on which the separate certificate must not be.</param>
internal readonly ref struct CrlSigners(
    ReadOnlySpan<ParsedCertificate> path, int ca, ParsedCertificate[] presented, TrustAnchors anchors, DateTimeOffset now, RevocationRules rules)
{
    // Decoys cost signature checks. A list whose signer is not found still counts against whoever is on it.
    private const int MaxCandidates = 4;

    private readonly ReadOnlySpan<ParsedCertificate> _path = path;

    /// <summary>Whose key signed the list; null when it was nobody who may.</summary>
    public ParsedCertificate? SignerOf(ParsedRevocationList list)
    {
        ParsedCertificate own = _path[ca];
        // A CA that changed its key is on the path twice or more, under one name: each of its keys may sign.
        for (int i = ca; i < _path.Length && _path[i].Subject.Matches(own.Subject); i++)
        {
            if (MaySign(_path[i]) && list.Signers.IsSignedBy(list, _path[i]))
                return _path[i];
        }

        int tried = 0;
        foreach (ParsedCertificate candidate in presented)
        {
            if (MayBeSigner(candidate, own) && tried++ < MaxCandidates && IsSigner(list, candidate))
                return candidate;
        }

        tried = 0;
        foreach (ParsedCertificate candidate in anchors.Parsed)
        {
            if (MayBeSigner(candidate, own) && tried++ < MaxCandidates && IsSigner(list, candidate))
                return candidate;
        }

        return null;
    }

    private static bool MaySign(ParsedCertificate certificate) => certificate.KeyUsage is not { } usage || usage.HasFlag(KeyUsages.CrlSign);

    private bool MayBeSigner(ParsedCertificate candidate, ParsedCertificate own) =>
        candidate.KeyUsage is { } usage && usage.HasFlag(KeyUsages.CrlSign) && candidate.Problem is null && candidate.Key.Objection is null && !candidate.Scheme.IsWeak
        && now >= candidate.NotBefore && now <= candidate.NotAfter && !ReferenceEquals(candidate, own) && candidate.Subject.Matches(own.Subject);

    private bool IsSigner(ParsedRevocationList list, ParsedCertificate candidate)
    {
        if (rules.DenialOf(candidate) is not null)
            return false;
        for (int i = ca; i < _path.Length; i++)
        {
            ParsedCertificate issuer = _path[i];
            if (candidate.Issuer.Matches(issuer.Subject) && SignatureCheck.Verify(candidate, issuer))
                return !IsListed(candidate) && list.Signers.IsSignedBy(list, candidate);
        }

        return false;
    }

    // By any list of its issuer's name: a certificate that vouches for lists must be above doubt.
    private bool IsListed(ParsedCertificate candidate)
    {
        foreach (CertificateRevocationList list in rules.Lists)
        {
            if (list.Parsed.Issuer.Matches(candidate.Issuer) && list.Parsed.Entries.Find(candidate.Serial.Span) is { Revokes: true })
                return true;
        }

        return false;
    }
}
