using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki;

/// <summary>
/// A parsed CA bundle: all that is trusted for one endpoint. Immutable and safe to share between threads; public keys are
/// prepared on first use and kept. Each certificate is an anchor by itself, intermediates too; trusted as bytes.
/// </summary>
public sealed class TrustAnchors
{
    /// <summary>Most certificates in one bundle.</summary>
    public const int MaxCertificates = 16;

    private readonly ParsedCertificate[] _anchors;
    private IReadOnlyList<CertificateFacts>? _facts;

    private TrustAnchors(ParsedCertificate[] anchors) => _anchors = anchors;

    /// <summary>What is trusted, in order, duplicates left out.</summary>
    public IReadOnlyList<CertificateFacts> Facts => _facts ??= [.. _anchors.Select(CertificateFacts.Of)];

    /// <summary>The DER of each, in the order of <see cref="Facts"/>.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Certificates => [.. _anchors.Select(anchor => anchor.Der)];

    internal ReadOnlySpan<ParsedCertificate> Parsed => _anchors;

    /// <summary>Reads a PEM bundle that was checked at upload (<see cref="CaBundle.Check"/>). Dates and strength are judged per verification.</summary>
    /// <exception cref="CaBundleException">No certificate, more than 16, or one cannot be read.</exception>
    public static TrustAnchors Parse(string pem) => ParseDer(BundleDer.FromPem(pem));

    /// <summary>Reads certificates that stand one behind the other as DER, as <see cref="BundleDer.FromPem"/> makes them. Keeps slices of <paramref name="bundle"/>.</summary>
    /// <exception cref="CaBundleException">No certificate, more than 16, or one cannot be read.</exception>
    public static TrustAnchors ParseDer(ReadOnlyMemory<byte> bundle)
    {
        var anchors = new List<ParsedCertificate>(1);
        while (!bundle.IsEmpty)
        {
            int length = BundleDer.LengthOfFirst(bundle.Span);
            if (length == 0)
                throw new CaBundleException($"Certificate {anchors.Count + 1} of the CA bundle is not DER. Upload the bundle again.");
            ParsedCertificate anchor = ParsedCertificate.TryParse(bundle[..length], out string why)
                ?? throw new CaBundleException($"Certificate {anchors.Count + 1} of the CA bundle {why}. Upload the bundle again.");
            if (!anchors.Exists(known => known.Der.Span.SequenceEqual(anchor.Der.Span)))
                anchors.Add(anchor);
            // Counted as they come: a bundle of any size costs no more than its first certificates.
            if (anchors.Count > MaxCertificates)
                throw new CaBundleException($"The CA bundle contains more than {MaxCertificates} certificates; at most {MaxCertificates} are allowed.");
            bundle = bundle[length..];
        }

        return anchors.Count == 0
            ? throw new CaBundleException("The CA bundle contains no certificate. Upload the account's CA certificate as PEM.")
            : new TrustAnchors([.. anchors]);
    }
}
