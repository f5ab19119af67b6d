using System.Formats.Asn1;
using Gatehouse.Pki.Parsing;
using Gatehouse.Pki.Revocation;

namespace Gatehouse.Pki.Verification;

/// <summary>Does a list speak for a certificate of its issuer, and for which reasons (RFC 5280 §6.3.3 (b) and (d))?</summary>
internal static class CrlScope
{
    /// <summary>The reasons; none when it does not speak for the certificate.</summary>
    public static RevocationReasons ReasonsFor(ParsedRevocationList list, ParsedCertificate certificate)
    {
        if (list.Scope is not { } scope)
            return RevocationReasons.All;
        if (scope.OnlyAttributeCertificates || (certificate.IsCa ? scope.OnlyUserCertificates : scope.OnlyCaCertificates))
            return RevocationReasons.None;
        List<DistributionPoint> points = PointsOf(certificate);
        RevocationReasons reasons = RevocationReasons.None;
        foreach (DistributionPoint point in points)
        {
            // Lists signed by somebody else are indirect ones.
            if (point.Issuers is { } issuers && !Contains(issuers, certificate.Issuer))
                continue;
            if (scope.Names is null || (point.Names is { } names ? Share(names, scope.Names) : Contains(scope.Names, certificate.Issuer)))
                reasons |= point.Reasons & scope.Reasons;
        }

        // As if the certificate had a point with its issuer's name.
        if (scope.Names is null || Contains(scope.Names, certificate.Issuer))
            reasons |= scope.Reasons;
        return reasons;
    }

    private static List<DistributionPoint> PointsOf(ParsedCertificate certificate)
    {
        if (certificate.CrlDistributionPoints is not { } der)
            return [];
        try
        {
            return DistributionPoint.ReadAll(der, certificate.Issuer);
        }
        catch (Exception e) when (e is AsnContentException or CertificateFormatException or ArgumentException)
        {
            return []; // Names no list, then.
        }
    }

    private static bool Share(List<GeneralName> ours, List<GeneralName> theirs)
    {
        foreach (GeneralName name in ours)
        {
            foreach (GeneralName other in theirs)
            {
                if (name.Kind != other.Kind)
                    continue;
                if (name.Name is { } directory ? directory.Matches(other.Name!) : name.Text is { } text && text == other.Text)
                    return true;
            }
        }

        return false;
    }

    private static bool Contains(List<GeneralName> names, DistinguishedName wanted)
    {
        foreach (GeneralName name in names)
        {
            if (name.Name is { } directory && directory.Matches(wanted))
                return true;
        }

        return false;
    }
}
