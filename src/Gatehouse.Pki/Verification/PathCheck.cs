using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki.Verification;

/// <summary>
/// Everything RFC 5280 §6.1 asks of a path whose signatures are already known to be right. The path runs from leaf to anchor. The anchor
/// is held to its own limits too (dates, path length, name constraints, purposes): who uploads a restricted CA means the restriction.
/// Only its signature and, when it is a self-issued X.509 v1 certificate, its lack of basic constraints are not looked at.
/// </summary>
internal static class PathCheck
{
    /// <summary>Null when the path is good; sentences are made only when it is not. Dates come last, so that "expired" means that nothing else is wrong.</summary>
    public static Failure? Check(ReadOnlySpan<ParsedCertificate> path, RevocationCheck revocation, DateTimeOffset now)
    {
        if (revocation.CheckDenied(path) is { } denied)
            return denied;
        for (int i = path.Length - 1; i >= 0; i--)
        {
            if (CheckItself(path[i], Place(i, path.Length)) is { } failure)
                return failure;
        }

        Failure? rules = CheckIssuers(path) ?? NameConstraintCheck.Check(path) ?? PolicyCheck.Check(path) ?? CheckPurpose(path);
        if (rules is not null)
            return rules;
        // Revoked says more than expired: a renewal with the same key would not help. A list that is out of date says less.
        Failure? revoked = revocation.CheckLists(path);
        return revoked is { Fault: CertificateFault.Revoked } ? revoked : CheckDates(path, now) ?? revoked;
    }

    /// <summary>Where in a path of this length a certificate stands.</summary>
    public static PathPlace Place(int index, int length) =>
        index == 0 ? PathPlace.Leaf : index == length - 1 ? PathPlace.Anchor : PathPlace.Intermediate;

    private static Failure? CheckItself(ParsedCertificate certificate, PathPlace place)
    {
        if (certificate.Problem is { } problem)
            return new Failure(CertificateFault.Malformed, $"{Wording.Describe(certificate, place)} {problem}.", Renew(place, "without that"));
        if (certificate.Key.Objection is { } objection)
            return new Failure(objection.Fault, $"{Wording.Describe(certificate, place)} has {objection.Text}.", Renew(place, "with an RSA key of 2048 bits or more, or an EC key on P-256, P-384 or P-521"));
        if (place != PathPlace.Anchor && certificate.Scheme.IsWeak)
            return new Failure(CertificateFault.Weak, $"{Wording.Describe(certificate, place)} is signed with {certificate.Scheme.Name}, which can be forged.", Renew(place, "signed with SHA-256"));
        return null;
    }

    private static Failure? CheckIssuers(ReadOnlySpan<ParsedCertificate> path)
    {
        int below = 0; // Certificates between this CA and the leaf that count against its path length.
        for (int i = 1; i < path.Length; i++)
        {
            ParsedCertificate ca = path[i];
            PathPlace place = Place(i, path.Length);
            if (NotCa(ca, place) is { } reason)
            {
                return new Failure(CertificateFault.IssuerNotCa, $"{Wording.Describe(ca, place)} signed \"{Wording.Name(path[i - 1].Subject)}\" but {reason}.",
                    "Issue the client certificate with a CA certificate of the account (basic constraints CA:TRUE, key usage keyCertSign).");
            }

            if (ca.PathLength is { } limit && below > limit)
            {
                return new Failure(CertificateFault.IssuerNotCa,
                    $"{Wording.Describe(ca, place)} allows {Wording.Count(limit, "intermediate CA")} below it (path length), and this chain has {below}.",
                    "Issue the client certificate with a CA nearer to the root, or make the CA anew with a larger path length.");
            }

            if (!ca.IsSelfIssued)
                below++;
        }

        return null;
    }

    private static string? NotCa(ParsedCertificate ca, PathPlace place)
    {
        if (ca.HasBasicConstraints && !ca.IsCa)
            return "is not a CA (basic constraints CA:FALSE)";
        bool versionOneRoot = place == PathPlace.Anchor && ca.Version == 1 && ca.IsSelfIssued;
        if (!ca.HasBasicConstraints && !versionOneRoot)
            return $"is not a CA (X.509 v{ca.Version} without basic constraints)";
        return ca.KeyUsage is { } usage && !usage.HasFlag(KeyUsages.KeyCertSign) ? "may not sign certificates (key usage without keyCertSign)" : null;
    }

    // As OpenSSL's purpose sslclient: a missing extended key usage passes; a present one must name clientAuth, on CAs too;
    // anyExtendedKeyUsage does not stand for it.
    private static Failure? CheckPurpose(ReadOnlySpan<ParsedCertificate> path)
    {
        for (int i = path.Length - 1; i >= 0; i--)
        {
            if (path[i].ExtendedKeyUsages is not { } usages || usages.Contains(Oids.ClientAuth))
                continue;
            PathPlace place = Place(i, path.Length);
            string only = usages.Contains(Oids.ServerAuth) ? "is for servers only" : "does not allow it";
            return new Failure(CertificateFault.Purpose,
                $"{Wording.Describe(path[i], place)} may not be used for TLS clients: its extended key usage {only} (it has {Wording.Purposes(usages)}; clientAuth is required).",
                Renew(place, "with extended key usage clientAuth (or without extended key usage)"));
        }

        return path[0].KeyUsage is { } keyUsage && (keyUsage & (KeyUsages.DigitalSignature | KeyUsages.KeyAgreement)) == 0
            ? new Failure(CertificateFault.Purpose,
                $"{Wording.Describe(path[0], PathPlace.Leaf)} may not be used for TLS clients: its key usage lacks digitalSignature.",
                Renew(PathPlace.Leaf, "with key usage digitalSignature (or without key usage)"))
            : null;
    }

    // RFC 5280 §4.1.2.5: both ends belong to the validity.
    private static Failure? CheckDates(ReadOnlySpan<ParsedCertificate> path, DateTimeOffset now)
    {
        for (int i = path.Length - 1; i >= 0; i--)
        {
            ParsedCertificate certificate = path[i];
            PathPlace place = Place(i, path.Length);
            if (now > certificate.NotAfter)
            {
                return new Failure(CertificateFault.Expired,
                    $"{Wording.Describe(certificate, place)} expired {Wording.Duration(now - certificate.NotAfter)} ago ({Wording.Time(certificate.NotAfter)}).", Renew(place, "with a later end"));
            }

            if (now < certificate.NotBefore)
            {
                return new Failure(CertificateFault.NotYetValid,
                    $"{Wording.Describe(certificate, place)} becomes valid only in {Wording.Duration(certificate.NotBefore - now)} ({Wording.Time(certificate.NotBefore)}){ClockHint(certificate.NotBefore - now)}",
                    "Check the clocks of this server and of the machine that issued it, wait until then, or issue it again with an earlier start.");
            }
        }

        return null;
    }

    // A certificate that was made just now is nearly always right, and one of the clocks is not.
    private static string ClockHint(TimeSpan early) => early < TimeSpan.FromDays(1) ? ": is the clock right?" : ".";

    private static string Renew(PathPlace place, string how) => place switch
    {
        PathPlace.Leaf => $"Issue a new client certificate {how}, with a CA of the account, and install it on the delegate.",
        PathPlace.Intermediate => $"Have the intermediate CA certificate issued again {how}, and install it behind the client certificate.",
        _ => $"Upload a CA certificate {how} to the account's mTLS endpoint; the old one may stay beside it.",
    };
}
