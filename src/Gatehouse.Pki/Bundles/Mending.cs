using System.Globalization;
using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki.Bundles;

/// <summary>
/// The commands that mend what is wrong with a bundle. A command that would be refused, or that would take the place of a CA somebody
/// still needs, is none: then the message alone says the way out.
/// </summary>
/// <param name="fit">The certificates without an error.</param>
/// <param name="unfit">Number of certificates with an error.</param>
/// <param name="certificatesAlone">True when nothing but readable certificates is in the text.</param>
internal sealed class Mending(IReadOnlyList<ParsedCertificate> fit, int unfit, bool certificatesAlone)
{
    /// <summary>A new CA: v3, CA:TRUE, keyCertSign, key identifiers, SHA-256, 3072 bits.</summary>
    public const string NewCa = "gatehouse certs create-ca --out new-ca";

    /// <summary>A second CA beside the first, for a rotation.</summary>
    public const string SecondCa = "gatehouse certs create-ca --out new-ca && gatehouse certs bundle add FILE new-ca/ca.crt";

    /// <summary>PEM from DER and PKCS#12.</summary>
    public const string Convert = "gatehouse certs convert FILE --out .";

    /// <summary>A certificate from a request.</summary>
    public const string Sign = "gatehouse certs sign FILE --ca ca.crt --ca-key ca.key";

    /// <summary>A bundle with the usable CA certificates of the file and nothing else; null when it has none.</summary>
    public string? CertificatesOnly => fit.Count == 0 ? null : "gatehouse certs bundle add clean.crt FILE" + (unfit > 0 ? " --skip-refused" : "");

    /// <summary>The bundle without one certificate, which is named by its hash: a place would name another one after the first removal. Null when no usable one would be left.</summary>
    public string? Without(ParsedCertificate certificate)
    {
        bool othersRemain = fit.Any(one => one != certificate);
        return !othersRemain ? null
            : certificatesAlone ? string.Create(CultureInfo.InvariantCulture, $"gatehouse certs bundle remove FILE --sha256 {CertificateFacts.Of(certificate).Sha256[..16]}")
            : fit.Contains(certificate) ? null : CertificatesOnly;
    }
}
