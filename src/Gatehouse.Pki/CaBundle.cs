using Gatehouse.Pki.Bundles;
using Gatehouse.Pki.Parsing;
using Gatehouse.Pki.Verification;

namespace Gatehouse.Pki;

/// <summary>Judges a CA bundle when it is uploaded.</summary>
public static class CaBundle
{
    /// <summary>Looks at a PEM text and reports every error and every warning. Throws nothing for any text.</summary>
    /// <param name="pem">1 to 16 CA certificates, at most 256 KiB. Byte order mark, CRLF and text around the blocks do no harm.</param>
    /// <param name="now">The time to judge dates by.</param>
    public static CaBundleReport Check(string pem, DateTimeOffset now)
    {
        var reader = new BundleReader();
        reader.Read(pem);
        // Nothing but readable certificates: then commands may change the file in place.
        bool certificatesAlone = reader.Errors.All(error => error.Code == CaBundleCodes.TooMany);
        var authorities = new List<(int Place, ParsedCertificate Certificate)>();
        var fit = new List<ParsedCertificate>();
        foreach ((int place, ParsedCertificate certificate) in reader.Certificates)
        {
            int before = reader.Errors.Count;
            if (new AuthorityCheck(place, certificate, reader.Errors, reader.Warnings).Run(now))
                authorities.Add((place, certificate));
            if (reader.Errors.Count == before)
                fit.Add(certificate);
        }

        WarnOfEqualNames(authorities, reader.Warnings);
        var mending = new Mending(fit, reader.Certificates.Count - fit.Count, certificatesAlone);
        string normalized = reader.Errors.Count > 0 ? "" : string.Concat(reader.Certificates.Select(found => PemText.Write("CERTIFICATE", found.Certificate.Der.Span)));
        return new CaBundleReport(
            [.. reader.Errors.Select(error => error.Finish(mending))], [.. reader.Warnings.Select(warning => warning.Finish(mending))],
            [.. reader.Certificates.Select(found => CertificateFacts.Of(found.Certificate))], normalized)
        {
            CertificatesOnlyCommand = mending.CertificatesOnly,
        };
    }

    private static void WarnOfEqualNames(List<(int Place, ParsedCertificate Certificate)> authorities, List<DraftFinding> warnings)
    {
        for (int i = 1; i < authorities.Count; i++)
        {
            for (int j = 0; j < i; j++)
            {
                ((int first, ParsedCertificate a), (int second, ParsedCertificate b)) = (authorities[j], authorities[i]);
                if (!a.Subject.Matches(b.Subject) || (a.SubjectKeyId is not null && b.SubjectKeyId is not null))
                    continue;
                warnings.Add(new DraftFinding(CaBundleCodes.DuplicateSubject,
                    $"Certificates {first} and {second} have the same subject (\"{Wording.Name(b.Subject)}\") and no key identifiers to tell them apart. Both work; each is tried. New CAs of ours carry key identifiers.", _ => Mending.NewCa));
            }
        }
    }
}
