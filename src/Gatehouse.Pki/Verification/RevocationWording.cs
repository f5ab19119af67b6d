using Gatehouse.Pki.Parsing;
using Gatehouse.Pki.Revocation;

namespace Gatehouse.Pki.Verification;

/// <summary>The sentences about revocation.</summary>
internal static class RevocationWording
{
    public static Failure Revoked(ParsedCertificate certificate, PathPlace place, CertificateRevocationList list, RevokedEntry entry, DateTimeOffset now, bool isProven)
    {
        string since = entry.Since <= now ? $"{Wording.Duration(now - entry.Since)} ago ({Wording.Time(entry.Since)})" : $"as of {Wording.Time(entry.Since)}";
        string reason = entry.ReasonText is { } text ? $", reason: {text}" : "";
        string doubt = isProven ? "" : " The signature of that list was made with none of the CA keys known here, but the account's owner uploaded it.";
        return new Failure(CertificateFault.Revoked, $"{Wording.Describe(certificate, place)} was revoked {since}{reason}. It is on {Describe(list)}.{doubt}", place switch
        {
            _ when !isProven => "Upload the current CRL that the certificate's CA signed, or remove this one from the account; if it is right, issue a new client certificate with a new key.",
            _ when entry.Reason == 6 => "Have the CA release the certificate from hold and upload its next CRL, or issue a new client certificate.",
            PathPlace.Leaf => "Issue a new client certificate with a new key, and install it on the delegate.",
            PathPlace.Intermediate => "Issue the client certificate with another CA of the account; this one no longer counts.",
            _ => "Remove this CA certificate from the account's CA bundle, or upload a CRL that does not list it.",
        });
    }

    public static Failure Stale(CertificateRevocationList list, RevocationRules rules, DateTimeOffset now)
    {
        DateTimeOffset next = list.NextUpdate!.Value;
        string policy = rules.Policy == CrlPolicy.Grace
            ? $"longer than the grace time of {Wording.Duration(rules.Grace)} that the account allows"
            : "and the account's policy for that is strict";
        return new Failure(CertificateFault.CrlStale,
            $"Whether the certificate was revoked cannot be told: {Describe(list)} has been out of date for {Wording.Duration(now - next)} (next update was due {Wording.Time(next)}), {policy}.",
            "Upload the CA's current CRL, or choose another policy for lists that are out of date.");
    }

    public static Failure Denied(ParsedCertificate certificate, PathPlace place, string how, DateTimeOffset now)
    {
        string also = now > certificate.NotAfter ? $" It also expired {Wording.Duration(now - certificate.NotAfter)} ago ({Wording.Time(certificate.NotAfter)})." : "";
        return new Failure(CertificateFault.Denied, $"{Wording.Describe(certificate, place)} is on the account's deny list, {how}.{also}", place == PathPlace.Leaf
            ? "Issue a new client certificate with a new key and install it on the delegate; if it was denied by mistake, remove the entry from the deny list."
            : "Issue the client certificate with another CA of the account; if this one was denied by mistake, remove the entry from the deny list.");
    }

    public static Failure Uncovered(ParsedCertificate certificate, PathPlace place) => new(CertificateFault.CrlStale,
        $"Whether it was revoked cannot be told: no usable CRL of \"{Wording.Name(certificate.Issuer)}\" speaks for it. {Wording.Describe(certificate, place)}.",
        "Upload the current CRL of every CA of the chain.");

    private static string Describe(CertificateRevocationList list) =>
        $"the CRL{(list.Number is { } number ? " number " + number : "")} of \"{Wording.Name(list.Parsed.Issuer)}\" of {Wording.Time(list.ThisUpdate)}";
}
