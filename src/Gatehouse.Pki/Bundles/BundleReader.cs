using System.Text;
using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki.Bundles;

/// <summary>Takes the text of a bundle apart and reports what does not belong there. One use each.</summary>
internal sealed class BundleReader
{
    /// <summary>Most bytes of PEM text.</summary>
    public const int MaxBytes = 256 * 1024;

    public List<DraftFinding> Errors { get; } = [];

    public List<DraftFinding> Warnings { get; } = [];

    /// <summary>The readable certificates with their place in the text (from 1), duplicates left out.</summary>
    public List<(int Place, ParsedCertificate Certificate)> Certificates { get; } = [];

    public void Read(string? pem)
    {
        if (string.IsNullOrWhiteSpace(pem))
        {
            Error(CaBundleCodes.CaMissing, "No CA certificate was given. Paste the account's CA certificate as PEM (-----BEGIN CERTIFICATE-----).");
            return;
        }

        // Before everything else, and for text of any size and shape: nobody may believe that a key can be mended by pasting again.
        if (pem.Contains("PRIVATE KEY-----", StringComparison.OrdinalIgnoreCase))
        {
            Error(CaBundleCodes.PrivateKey, "The text contains a private key. Nothing was stored, but the key has left your hands and must now be considered exposed: "
                + "make a new key and certificate, and upload the CA certificate only.", _ => Mending.NewCa);
        }

        int bytes = Encoding.UTF8.GetByteCount(pem);
        if (bytes > MaxBytes)
        {
            Error(CaBundleCodes.TooLarge, $"The text is {bytes} bytes long; at most {MaxBytes} are allowed. Upload only the CA certificates that issue client certificates.");
            return;
        }

        // What a text editor shows of DER and PKCS#12: bytes that are no characters.
        ReadBlocks(PemText.Read(pem, max: 256), pem.Any(c => c == '\uFFFD' || (char.IsControl(c) && c is not ('\r' or '\n' or '\t'))));
    }

    private void ReadBlocks(List<PemBlock> blocks, bool isBinary)
    {
        int place = 0;
        foreach (PemBlock block in blocks)
        {
            if (block.IsCertificate)
                ReadCertificate(++place, block);
            else if (!block.IsPrivateKey)
                Error(CaBundleCodes.UnexpectedBlock, $"The text contains a block \"{PeerText.Safe(block.Label, 40)}\", which is no certificate. {WayOut(block.Label)}",
                    mending => mending.CertificatesOnly ?? Conversion(block.Label));
            else if (!Errors.Exists(error => error.Code == CaBundleCodes.PrivateKey))
                Error(CaBundleCodes.PrivateKey, "The text contains a damaged private key. Nothing was stored, but it must now be considered exposed: make a new key and certificate, and upload the CA certificate only.", _ => Mending.NewCa);
        }

        if (blocks.Count == 0)
            Error(CaBundleCodes.NotPem, $"The text is not PEM: it has no line -----BEGIN CERTIFICATE-----. {(isBinary ? "Convert DER and PKCS#12 to PEM first." : "Give the CA certificate as PEM.")}", isBinary ? _ => Mending.Convert : null);
        else if (place == 0)
            Error(CaBundleCodes.CaMissing, "The text contains no CA certificate. Paste the account's CA certificate as PEM (-----BEGIN CERTIFICATE-----).");
        if (Certificates.Count > TrustAnchors.MaxCertificates)
            Error(CaBundleCodes.TooMany, $"The bundle has {Certificates.Count} certificates; at most {TrustAnchors.MaxCertificates} are allowed. Leave out those that issue no client certificates.",
                mending => Certificates.Count == TrustAnchors.MaxCertificates + 1 ? mending.Without(Certificates[^1].Certificate) : null);
    }

    private void ReadCertificate(int place, PemBlock block)
    {
        if (block.Der is not { } der)
        {
            Error(CaBundleCodes.Malformed, $"Certificate {place} is damaged: its PEM block has no end, or is not Base64. Copy it again, the BEGIN and END lines included.");
            return;
        }

        if (ParsedCertificate.TryParse(der, out string why) is not { } certificate)
        {
            Error(der.Length > ParsedCertificate.MaxBytes ? CaBundleCodes.TooLarge : CaBundleCodes.Malformed, $"Certificate {place} {why}. Copy it again, or have the CA certificate made again.");
            return;
        }

        int first = Certificates.FindIndex(known => known.Certificate.Der.Span.SequenceEqual(der));
        if (first < 0)
            Certificates.Add((place, certificate));
        else
            Warnings.Add(new DraftFinding(CaBundleCodes.Duplicate, $"Certificate {place} is the same as certificate {Certificates[first].Place}; it is kept once.", mending => mending.CertificatesOnly));
    }

    private static string WayOut(string label) => label switch
    {
        "TRUSTED CERTIFICATE" or "PKCS7" or "CMS" => "Convert it to certificates with OpenSSL.",
        "CERTIFICATE REQUEST" or "NEW CERTIFICATE REQUEST" => "A request is not a certificate yet, and what the CA makes of it is no CA: upload the certificate of the CA.",
        "X509 CRL" => "A revocation list does not belong in the CA bundle.",
        _ => "Leave only certificates in the text.",
    };

    // Only where it alone would make a bundle of the file.
    private static string? Conversion(string label) => label switch
    {
        "TRUSTED CERTIFICATE" => "openssl x509 -in FILE -out ca.crt",
        "PKCS7" or "CMS" => "openssl pkcs7 -in FILE -print_certs -out ca.crt",
        _ => null,
    };

    private void Error(string code, string message, Func<Mending, string?>? command = null) => Errors.Add(new DraftFinding(code, message, command));
}
