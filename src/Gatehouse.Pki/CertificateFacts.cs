using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki;

/// <summary>What people need to recognise a certificate.</summary>
/// <param name="Subject">RFC 4514 text, control characters escaped, at most 512 characters.</param>
/// <param name="Issuer">RFC 4514 text, control characters escaped, at most 512 characters.</param>
/// <param name="SerialNumber">Upper-case hex, as <c>openssl x509 -serial</c> prints it.</param>
/// <param name="Sha256">Fingerprint of the DER, upper-case hex without colons.</param>
/// <param name="NotBefore">Start of validity, UTC.</param>
/// <param name="NotAfter">End of validity, UTC.</param>
public sealed record CertificateFacts(
    string Subject, string Issuer, string SerialNumber, string Sha256, DateTimeOffset NotBefore, DateTimeOffset NotAfter)
{
    /// <summary>X.509 version: 1, 2 or 3.</summary>
    public int Version { get; init; }

    /// <summary>True when basic constraints say CA:TRUE.</summary>
    public bool IsCa { get; init; }

    /// <summary>True when subject and issuer are the same name.</summary>
    public bool IsSelfIssued { get; init; }

    /// <summary>For people, for example <c>RSA 2048</c> or <c>EC P-256</c>.</summary>
    public string PublicKey { get; init; } = "";

    /// <summary>For people, for example <c>RSA with SHA-256</c>.</summary>
    public string SignatureAlgorithm { get; init; } = "";

    /// <summary>SHA-256 of the SubjectPublicKeyInfo, upper-case hex: the same after renewal with the same key.</summary>
    public string PublicKeySha256 { get; init; } = "";

    /// <summary>Subject key identifier, upper-case hex; null when absent.</summary>
    public string? SubjectKeyId { get; init; }

    /// <summary>Key identifier of the issuer, upper-case hex; null when absent.</summary>
    public string? AuthorityKeyId { get; init; }

    /// <summary>The dNSName entries of the subject alternative name, at most 16 of them, bounded and escaped.</summary>
    public IReadOnlyList<string> DnsNames { get; init; } = [];

    /// <summary>Extended key usages by name, for example <c>clientAuth</c>, at most 16; null when the extension is absent.</summary>
    public IReadOnlyList<string>? Purposes { get; init; }

    /// <summary>Reads a DER certificate; null when it cannot be read. Judges nothing.</summary>
    /// <param name="der">One certificate and nothing behind it.</param>
    public static CertificateFacts? TryRead(ReadOnlyMemory<byte> der) =>
        ParsedCertificate.TryParse(der, out _) is { } certificate ? Of(certificate) : null;

    internal static CertificateFacts Of(ParsedCertificate certificate) => new(
        certificate.Subject.Text, certificate.Issuer.Text, SerialText(certificate.Serial.Span), certificate.Sha256,
        certificate.NotBefore, certificate.NotAfter)
    {
        Version = certificate.Version,
        IsCa = certificate.IsCa,
        IsSelfIssued = certificate.IsSelfIssued,
        PublicKey = certificate.Key.Name,
        SignatureAlgorithm = certificate.Scheme.Name,
        PublicKeySha256 = certificate.KeySha256,
        SubjectKeyId = KeyId(certificate.SubjectKeyId),
        AuthorityKeyId = KeyId(certificate.AuthorityKeyId),
        DnsNames = DnsNamesOf(certificate.AlternativeNames),
        Purposes = certificate.ExtendedKeyUsages is { } purposes ? [.. purposes.Take(16).Select(Oids.PurposeName)] : null,
    };

    internal static string? KeyId(ReadOnlyMemory<byte>? id) => id is { } bytes ? Convert.ToHexString(bytes.Span[..Math.Min(bytes.Length, 64)]) : null;

    internal static List<string> DnsNamesOf(List<GeneralName> names)
    {
        if (names.Count == 0)
            return [];
        var dns = new List<string>();
        foreach (GeneralName name in names)
        {
            if (name.Kind == GeneralNameKind.Dns && dns.Count < 16)
                dns.Add(PeerText.Safe(name.Text!, 253));
        }

        return dns;
    }

    // As OpenSSL: the magnitude without leading zero bytes, a minus sign for negative numbers; 64 bytes are enough to recognise it.
    internal static string SerialText(ReadOnlySpan<byte> serial)
    {
        if (serial.Length > 64)
            serial = serial[..64];
        if ((serial[0] & 0x80) == 0)
            return Convert.ToHexString(serial.Length > 1 && serial[0] == 0 ? serial[1..] : serial);
        byte[] magnitude = (-new System.Numerics.BigInteger(serial, isBigEndian: true)).ToByteArray(isUnsigned: true, isBigEndian: true);
        return "-" + Convert.ToHexString(magnitude);
    }
}
