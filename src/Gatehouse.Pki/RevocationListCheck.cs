using System.Security.Cryptography;
using Gatehouse.Pki.Parsing;
using Gatehouse.Pki.Revocation;
using Gatehouse.Pki.Verification;

namespace Gatehouse.Pki;

/// <summary>Judges a CRL against the account's CAs when it is uploaded, or when the CA bundle changes.</summary>
public static class RevocationListCheck
{
    private static readonly TimeSpan s_soon = TimeSpan.FromDays(1);

    /// <summary>Whose list is it, is the signature right, and is it in date? Throws nothing.</summary>
    /// <param name="crl">The list.</param>
    /// <param name="anchors">The account's CAs.</param>
    /// <param name="now">The time to judge dates by.</param>
    public static RevocationListReport Check(CertificateRevocationList crl, TrustAnchors anchors, DateTimeOffset now)
    {
        List<RevocationListFinding> errors = [], warnings = [];
        ParsedCertificate? issuer = FindIssuer(crl, anchors, errors, warnings);
        CheckDates(crl, now, warnings);
        if (crl.Parsed.HasDeltas)
        {
            warnings.Add(new RevocationListFinding(RevocationListCodes.HasDeltas,
                "The CA publishes delta CRLs beside this list, which are not supported: upload the complete list as often as the CA makes one, and use the deny list for what cannot wait."));
        }

        if (crl.Parsed.Scope is { OnlyAttributeCertificates: true })
            warnings.Add(new RevocationListFinding(RevocationListCodes.NoEffect, "The list speaks of attribute certificates only, which no delegate uses. Upload the CA's list of certificates."));
        return new RevocationListReport(errors, warnings, issuer is null ? null : CertificateFacts.Of(issuer)) { Series = SeriesOf(crl.Parsed, issuer) };
    }

    // The key as the list names it, so that the answer does not depend on what the bundle holds today; else the key that was found to fit.
    private static string SeriesOf(ParsedRevocationList list, ParsedCertificate? issuer)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (ReadOnlyMemory<byte> part in (ReadOnlyMemory<byte>[])[list.Issuer.Der, list.AuthorityKeyId ?? issuer?.Key.Der ?? default, list.Scope?.Der ?? default(ReadOnlyMemory<byte>)])
            hash.AppendData(SHA256.HashData(part.Span));
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static ParsedCertificate? FindIssuer(CertificateRevocationList crl, TrustAnchors anchors, List<RevocationListFinding> errors, List<RevocationListFinding> warnings)
    {
        string name = Wording.Name(crl.Parsed.Issuer);
        ParsedCertificate? named = null;
        foreach (ParsedCertificate anchor in anchors.Parsed)
        {
            if (!anchor.Subject.Matches(crl.Parsed.Issuer))
                continue;
            named ??= anchor;
            if (!crl.Parsed.Signers.IsSignedBy(crl.Parsed, anchor))
                continue;
            if (anchor.KeyUsage is { } usage && !usage.HasFlag(KeyUsages.CrlSign))
            {
                errors.Add(new RevocationListFinding(RevocationListCodes.IssuerMayNotSign,
                    $"The CRL is signed by the account's CA \"{name}\" (serial {CertificateFacts.SerialText(anchor.Serial.Span)}), whose key usage lacks cRLSign, so it may sign no CRLs. "
                    + "Make the CA certificate again with keyCertSign and cRLSign, or use the deny list."));
            }

            return anchor;
        }

        if (named is null)
        {
            warnings.Add(new RevocationListFinding(RevocationListCodes.IssuerNotAnchor,
                $"The CRL is of \"{name}\", which is not a CA of the account (these are: {Wording.Trusted(anchors)}). It counts for certificates of an intermediate CA of that name; "
                + "the signature is checked when a client sends that CA's certificate. If it is no intermediate of yours, remove the list."));
        }
        else if (HasSeparateKey(crl, named))
        {
            warnings.Add(new RevocationListFinding(RevocationListCodes.SeparateKey,
                $"The CRL is of the account's CA \"{name}\" but signed with another key (the list asks for key {Wording.KeyId(crl.Parsed.AuthorityKeyId)}, the CA's is {Wording.KeyId(named.SubjectKeyId)}). "
                + "Who is on it is refused, but that it is complete and in date cannot be relied on. Add the CA certificate with that key to the account's CA bundle."));
        }
        else
        {
            errors.Add(new RevocationListFinding(RevocationListCodes.SignatureWrong,
                $"The CRL says it is of the account's CA \"{name}\", but that CA's key did not sign it: it was changed, or the CA was made anew. Fetch it again from the CA whose certificate was uploaded."));
        }

        return null;
    }

    // Without key identifiers there is nothing to tell another key from a forgery, and then it counts as one.
    private static bool HasSeparateKey(CertificateRevocationList crl, ParsedCertificate named) =>
        crl.Parsed.AuthorityKeyId is { } wanted && named.SubjectKeyId is { } offered && !wanted.Span.SequenceEqual(offered.Span);

    private static void CheckDates(CertificateRevocationList crl, DateTimeOffset now, List<RevocationListFinding> warnings)
    {
        if (crl.ThisUpdate > now)
        {
            warnings.Add(new RevocationListFinding(RevocationListCodes.NotYetValid,
                $"The CRL was made {Wording.Duration(crl.ThisUpdate - now)} in the future ({Wording.Time(crl.ThisUpdate)}). It counts at once; check the clocks of the CA and of this server."));
        }

        if (crl.NextUpdate is not { } next)
        {
            warnings.Add(new RevocationListFinding(RevocationListCodes.NoNextUpdate,
                "The CRL does not say when the next one is due, so it never counts as out of date. Have the CA set nextUpdate, and upload a new list regularly."));
        }
        else if (now > next)
        {
            warnings.Add(new RevocationListFinding(RevocationListCodes.Stale,
                $"The CRL has been out of date for {Wording.Duration(now - next)} (next update was due {Wording.Time(next)}). Under the policy \"strict\" everybody it speaks for is refused; upload the current one."));
        }
        else if (next - now <= s_soon)
        {
            warnings.Add(new RevocationListFinding(RevocationListCodes.StaleSoon,
                $"The CRL is out of date in {Wording.Duration(next - now)} ({Wording.Time(next)}). Upload the next one before then."));
        }
    }
}
