using Gatehouse.Pki.Parsing;
using Gatehouse.Pki.Revocation;

namespace Gatehouse.Pki.Verification;

/// <summary>
/// CRLs and the deny list for paths (RFC 5280 §6.3). Used by one thread, for one verification. The rules, in order, for each
/// certificate below the anchor and each list of its issuer's name:
/// <list type="number">
/// <item>Whose signature? The path's own issuer, or a separate key of that CA for CRLs (<see cref="CrlSigners"/>). Of the lists one key made for one
/// scope, only the newest counts.</item>
/// <item>Listed on such a list: revoked, whatever its scope and age. A CA numbers its certificates once.</item>
/// <item>No such list speaks for the certificate, but it is on one whose signature nobody can check: revoked too. The account's owner uploaded it, and the
/// client chooses which CA certificates we get to see.</item>
/// <item>Past nextUpdate, and it speaks for this certificate: as the policy says.</item>
/// </list>
/// </summary>
internal sealed class RevocationCheck(RevocationRules rules, ParsedCertificate[] presented, TrustAnchors anchors, DateTimeOffset now)
{
    /// <summary>When the policy would turn the verdict on the path that was checked last; null when it never does.</summary>
    public DateTimeOffset? UsableUntil { get; private set; }

    /// <summary>Is a certificate of the path on the deny list? Comes before every other rule.</summary>
    public Failure? CheckDenied(ReadOnlySpan<ParsedCertificate> path)
    {
        if (!rules.DeniesAny)
            return null;
        for (int i = 0; i < path.Length; i++)
        {
            if (rules.DenialOf(path[i]) is { } how)
                return RevocationWording.Denied(path[i], PathCheck.Place(i, path.Length), how, now);
        }

        return null;
    }

    /// <summary>What the CRLs say about a path whose signatures are right: revoked, or a list too old, or null.</summary>
    public Failure? CheckLists(ReadOnlySpan<ParsedCertificate> path)
    {
        UsableUntil = null;
        if (rules.Lists.Length == 0 && !rules.RequireForEveryCa)
            return null;
        Failure? unknown = null;
        for (int i = path.Length - 1; i >= 0; i--)
        {
            Failure? failure = i < path.Length - 1 ? CheckOne(path, i) : CheckAnchor(path[i]);
            if (failure is { Fault: CertificateFault.Revoked })
                return failure;
            unknown ??= failure;
        }

        return unknown;
    }

    private Failure? CheckOne(ReadOnlySpan<ParsedCertificate> path, int index)
    {
        ParsedCertificate certificate = path[index];
        PathPlace place = PathCheck.Place(index, path.Length);
        RevocationReasons covered = RevocationReasons.None;
        Failure? stale = null, unproven = null;
        var signers = new CrlSigners(path, index + 1, presented, anchors, now, rules);
        foreach (CertificateRevocationList list in rules.Lists)
        {
            if (!list.Parsed.Issuer.Matches(certificate.Issuer))
                continue;
            ParsedCertificate? signer = signers.SignerOf(list.Parsed);
            if (signer is not null && IsReplaced(list, signer))
                continue;
            if (list.Parsed.Entries.Find(certificate.Serial.Span) is { Revokes: true } entry)
            {
                Failure revoked = RevocationWording.Revoked(certificate, place, list, entry, now, isProven: signer is not null);
                if (signer is not null)
                    return revoked;
                unproven ??= revoked;
            }

            if (signer is null)
                continue;
            RevocationReasons reasons = CrlScope.ReasonsFor(list.Parsed, certificate);
            if (reasons == RevocationReasons.None || (rules.RequireForEveryCa && list.Parsed.HasDeltas))
                continue;
            if (rules.UsableUntil(list) is { } until)
            {
                if (now > until)
                {
                    stale ??= RevocationWording.Stale(list, rules, now);
                    continue;
                }

                UsableUntil = UsableUntil is { } earlier && earlier < until ? earlier : until;
            }

            covered |= reasons;
        }

        if (covered == RevocationReasons.None && unproven is not null)
            return unproven;
        return stale ?? (rules.RequireForEveryCa && covered != RevocationReasons.All ? RevocationWording.Uncovered(certificate, place) : null);
    }

    // An anchor is trusted by itself, with or without a list of its issuer. But a bundle of root and intermediate with the root's own list
    // against the intermediate contradicts itself, and then the list wins.
    private Failure? CheckAnchor(ParsedCertificate anchor)
    {
        if (anchor.IsSelfIssued)
            return null;
        foreach (ParsedCertificate issuer in anchors.Parsed)
        {
            if (!anchor.Issuer.Matches(issuer.Subject))
                continue;
            foreach (CertificateRevocationList list in rules.Lists)
            {
                if (list.Parsed.Issuer.Matches(issuer.Subject) && list.Parsed.Signers.IsSignedBy(list.Parsed, issuer) && !IsReplaced(list, issuer)
                    && list.Parsed.Entries.Find(anchor.Serial.Span) is { Revokes: true } entry)
                {
                    return RevocationWording.Revoked(anchor, PathPlace.Anchor, list, entry, now, isProven: true);
                }
            }
        }

        return null;
    }

    // §5.2.3: within one scope of one issuer the later list takes the place of the earlier one.
    private bool IsReplaced(CertificateRevocationList list, ParsedCertificate signer)
    {
        foreach (CertificateRevocationList other in rules.Lists)
        {
            if (ReferenceEquals(other, list) || !other.Parsed.IsNewerThan(list.Parsed) || !other.Parsed.Issuer.Matches(list.Parsed.Issuer) || !SameScope(other.Parsed.Scope, list.Parsed.Scope))
                continue;
            if (other.Parsed.Signers.IsSignedBy(other.Parsed, signer))
                return true;
        }

        return false;
    }

    private static bool SameScope(IssuingDistributionPoint? x, IssuingDistributionPoint? y) =>
        x is null ? y is null : y is not null && x.Der.AsSpan().SequenceEqual(y.Der);
}
