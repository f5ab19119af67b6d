using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki.Verification;

/// <summary>
/// Name constraints along a path (RFC 5280 §6.1.3 b, c). The subject counts as a directoryName, its e-mail addresses as rfc822Names. A
/// common name is not taken for a DNS name: nobody connects to a delegate by it.
/// </summary>
internal static class NameConstraintCheck
{
    /// <summary>Most comparisons in one verification: a CA can write a thousand names against a thousand subtrees, and need not.</summary>
    private const int MaxComparisons = 1 << 16;

    /// <summary>Null when every name below each constraining CA may be there; otherwise the sentence. The path runs from leaf to anchor.</summary>
    public static Failure? Check(ReadOnlySpan<ParsedCertificate> path)
    {
        int budget = MaxComparisons;
        for (int ca = path.Length - 1; ca >= 1; ca--)
        {
            if (path[ca].NameConstraints is not { } constraints)
                continue;
            for (int i = ca - 1; i >= 0; i--)
            {
                // Self-issued CA certificates (key roll-over) are exempt, the last certificate never is.
                if (i > 0 && path[i].IsSelfIssued)
                    continue;
                foreach (GeneralName name in NamesOf(path[i]))
                {
                    if (Objection(name, constraints, ref budget) is not { } objection)
                        continue;
                    return budget < 0
                        ? new Failure(CertificateFault.TooLarge, "The chain has more names and name constraints than are compared.", "Use a client certificate with fewer names.")
                        : new Failure(CertificateFault.IssuerNotCa,
                            $"The CA \"{Wording.Name(path[ca].Subject)}\" may not issue certificates for the {Show(name)} of \"{Wording.Name(path[i].Subject)}\": {objection}.",
                            "Issue a client certificate whose names the CA's name constraints permit, or use a CA without them.");
                }
            }
        }

        return null;
    }

    private static IEnumerable<GeneralName> NamesOf(ParsedCertificate certificate)
    {
        if (!certificate.Subject.IsEmpty)
            yield return new GeneralName(GeneralNameKind.Directory, null, default, certificate.Subject);
        foreach (GeneralName name in certificate.AlternativeNames)
            yield return name;
        foreach (List<NameAttribute> rdn in certificate.Subject.Rdns)
        {
            foreach (NameAttribute attribute in rdn)
            {
                if (attribute.Oid == Oids.EmailAddress)
                    yield return new GeneralName(GeneralNameKind.Rfc822, attribute.Text ?? "", default, null);
            }
        }
    }

    private static string? Objection(GeneralName name, NameConstraints constraints, ref int budget)
    {
        foreach (GeneralName subtree in constraints.Excluded)
        {
            if (subtree.Kind != name.Kind)
                continue;
            if (--budget < 0)
                return "";
            if (NameMatching.IsWithin(name, subtree, excluding: true) != false)
                return "its name constraints exclude it";
        }

        bool constrained = false;
        foreach (GeneralName subtree in constraints.Permitted)
        {
            if (subtree.Kind != name.Kind)
                continue;
            if (--budget < 0)
                return "";
            if (NameMatching.IsWithin(name, subtree, excluding: false) == true)
                return null;
            constrained = true;
        }

        return constrained ? "its name constraints do not permit it" : null;
    }

    private static string Show(GeneralName name) => name.Kind switch
    {
        GeneralNameKind.Directory => $"name \"{Wording.Name(name.Name!)}\"",
        GeneralNameKind.Dns => $"DNS name \"{PeerText.Safe(name.Text!)}\"",
        GeneralNameKind.Rfc822 => $"e-mail address \"{PeerText.Safe(name.Text!)}\"",
        GeneralNameKind.Uri => $"URI \"{PeerText.Safe(name.Text!)}\"",
        GeneralNameKind.IpAddress => $"IP address {Convert.ToHexString(name.Bytes.Span[..Math.Min(16, name.Bytes.Length)])} (hex)",
        _ => "name of an unsupported form",
    };
}
