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
    public static TrustAnchors Parse(string pem)
    {
        var anchors = new List<ParsedCertificate>();
        foreach (PemBlock block in PemText.Read(pem, max: 64))
        {
            if (block.IsPrivateKey)
                throw new CaBundleException("The CA bundle contains a private key. Remove it, and replace the key: it must count as exposed.");
            if (!block.IsCertificate)
                throw new CaBundleException($"The CA bundle contains a PEM block that is no certificate ({PeerText.Safe(block.Label, 40)}). Leave only certificates in it.");
            if (block.Der is not { } der)
                throw new CaBundleException($"Certificate {anchors.Count + 1} of the CA bundle is damaged PEM. Upload the bundle again.");
            ParsedCertificate anchor = ParsedCertificate.TryParse(der, out string why)
                ?? throw new CaBundleException($"Certificate {anchors.Count + 1} of the CA bundle {why}. Upload the bundle again.");
            if (!anchors.Exists(known => known.Der.Span.SequenceEqual(anchor.Der.Span)))
                anchors.Add(anchor);
        }

        return anchors.Count switch
        {
            0 => throw new CaBundleException("The CA bundle contains no certificate. Upload the account's CA certificate as PEM."),
            > MaxCertificates => throw new CaBundleException($"The CA bundle contains {anchors.Count} certificates; at most {MaxCertificates} are allowed."),
            _ => new TrustAnchors([.. anchors]),
        };
    }
}
