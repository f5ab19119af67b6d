using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki.Verification;

/// <summary>What to say when no chain of right signatures reaches an anchor.</summary>
internal static class Diagnosis
{
    // Words by which an issuer calls itself an intermediate.
    private static readonly string[] s_intermediateWords = ["intermediate", "issuing", "subordinate", "subca", "sub", "ica"];

    /// <summary>The most helpful reason.</summary>
    public static Failure Explain(PathSearch search, ParsedCertificate leaf, TrustAnchors anchors, string? unreadable)
    {
        Failure missing = search.OtherKey is { } other ? OtherKey(other.Child, other.Anchor) : NoAnchor(search, leaf, anchors);
        if (unreadable is not null)
        {
            missing = Failure.Nearer(missing, new Failure(CertificateFault.Malformed, unreadable + " " + missing.Message,
                "Repair or remove the unreadable certificate in the client's certificate file. " + missing.NextStep));
        }

        return search.Best is { } best ? Failure.Nearer(best, missing) : missing;
    }

    // The documented recipe run again: same name, new key.
    private static Failure OtherKey(ParsedCertificate child, ParsedCertificate anchor)
    {
        string keys = child.AuthorityKeyId is { } wanted && anchor.SubjectKeyId is { } offered && !wanted.Span.SequenceEqual(offered.Span)
            ? $" (it asks for key {Wording.KeyId(wanted)}, the CA's is {Wording.KeyId(offered)})"
            : "";
        return new Failure(CertificateFault.UnknownCa,
            $"The certificate \"{Wording.Name(child.Subject)}\" (serial {CertificateFacts.SerialText(child.Serial.Span)}) names the issuer \"{Wording.Name(child.Issuer)}\". "
            + $"The account trusts a CA of that name, but another key made the signature{keys}: was the CA made anew?",
            "Issue the client certificate with the CA that was uploaded, or add the CA that issued it to the account's CA bundle; both may be in it.");
    }

    private static Failure NoAnchor(PathSearch search, ParsedCertificate leaf, TrustAnchors anchors)
    {
        ParsedCertificate top = search.Top;
        string trusted = Wording.Trusted(anchors);
        string who = Wording.Describe(leaf, PathPlace.Leaf);
        string through = ReferenceEquals(top, leaf) ? "" : $" through \"{Wording.Name(top.Subject)}\"";
        if (top.IsSelfIssued)
        {
            string what = ReferenceEquals(top, leaf) ? "is self-signed" : $"leads to the root \"{Wording.Name(top.Subject)}\"";
            return new Failure(CertificateFault.UnknownCa, $"{who} {what}, which is not a CA of this account. Trusted here: {trusted}.",
                "Use a client certificate issued by a CA of the account, or add the CA that issued it to the account's CA bundle.");
        }

        if (search.PresentedOtherKey is { } child)
        {
            return new Failure(CertificateFault.UnknownCa,
                $"{who} cannot be traced to a CA of this account: a certificate named \"{Wording.Name(child.Issuer)}\" was sent, but another key signed \"{Wording.Name(child.Subject)}\". Trusted here: {trusted}.",
                "Put the intermediate CA certificate that really issued it behind the client certificate, or issue the client certificate again.");
        }

        if (SaysIntermediate(top))
        {
            return new Failure(CertificateFault.ChainIncomplete,
                $"{who} was issued{through} by \"{Wording.Name(top.Issuer)}\", an intermediate CA whose certificate was not sent. Trusted here: {trusted}.",
                $"Append the certificate of \"{Wording.Name(top.Issuer)}\" to the client's certificate file, or upload it as a CA of the account.");
        }

        return new Failure(CertificateFault.UnknownCa,
            $"{who} was issued{through} by \"{Wording.Name(top.Issuer)}\" (issuer key id {Wording.KeyId(top.AuthorityKeyId)}), which is not a CA of this account. Trusted here: {trusted}.",
            "Use a client certificate issued by a CA of the account, or add its issuer to the account's CA bundle; if the issuer is an intermediate CA, append its certificate to the client's certificate file.");
    }

    /// <summary>
    /// Evidence that the missing issuer is no root: its own issuer is another one, or it calls itself an intermediate. A name alone does not tell
    /// whether the issuer is a stranger or one of the family, so without evidence the answer is "unknown CA" and mentions both.
    /// </summary>
    private static bool SaysIntermediate(ParsedCertificate certificate)
    {
        if (certificate.AuthorityCertIssuer is { } grandparent)
            return !grandparent.Matches(certificate.Issuer);
        if (certificate.Issuer.First(Oids.CommonName) is not { } name)
            return false;
        foreach (string word in name.Split([' ', '-', '_', '.', ',', '(', ')', '/'], StringSplitOptions.RemoveEmptyEntries))
        {
            foreach (string known in s_intermediateWords)
            {
                if (word.Equals(known, StringComparison.OrdinalIgnoreCase))
                    return true;
            }
        }

        return false;
    }
}
