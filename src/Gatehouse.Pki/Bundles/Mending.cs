using System.Globalization;

namespace Gatehouse.Pki.Bundles;

/// <summary>The commands that mend what is wrong with a bundle.</summary>
internal static class Mending
{
    /// <summary>A new CA: v3, CA:TRUE, keyCertSign, key identifiers, SHA-256, 3072 bits.</summary>
    public const string NewCa = "gatehouse certs create-ca --out new-ca";

    /// <summary>A second CA beside the first, for a rotation.</summary>
    public const string SecondCa = "gatehouse certs create-ca --out new-ca && gatehouse certs bundle add FILE new-ca/ca.crt";

    /// <summary>A bundle with the certificates of the file and nothing else.</summary>
    public const string CertificatesOnly = "gatehouse certs bundle add clean.crt FILE";

    /// <summary>PEM from DER and PKCS#12.</summary>
    public const string Convert = "gatehouse certs convert FILE --out .";

    /// <summary>A certificate from a request.</summary>
    public const string Sign = "gatehouse certs sign FILE --ca ca.crt --ca-key ca.key";

    /// <summary>The bundle without one certificate.</summary>
    public static string Without(int place) => string.Create(CultureInfo.InvariantCulture, $"gatehouse certs bundle remove FILE --place {place}");
}
