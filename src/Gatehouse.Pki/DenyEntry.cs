using Gatehouse.Pki.Parsing;
using Gatehouse.Pki.Revocation;

namespace Gatehouse.Pki;

/// <summary>
/// One entry of an account's deny list, normalized: two entries that mean the same bytes are equal. To store one, keep
/// <see cref="Kind"/>, <see cref="Value"/> and <see cref="IssuerName"/>; <see cref="Parse"/> takes exactly these back.
/// </summary>
public sealed record DenyEntry
{
    private DenyEntry(DenyKind kind, string value, DistinguishedName? issuer)
    {
        Kind = kind;
        Value = value;
        Issuer = issuer?.Text;
        IssuerName = issuer is null ? null : "#" + Convert.ToHexString(issuer.Der.Span);
        Name = issuer;
    }

    /// <summary>What <see cref="Value"/> is.</summary>
    public DenyKind Kind { get; }

    /// <summary>
    /// Upper-case hex. A SHA-256 value (64 digits), or a serial number as <see cref="CertificateFacts.SerialNumber"/> shows it
    /// (whole bytes, no leading zero bytes, a minus sign for the negative numbers that some CAs make).
    /// </summary>
    public string Value { get; }

    /// <summary>The issuer for people: RFC 4514 text, at most 512 characters. Null unless the kind is <see cref="DenyKind.SerialAndIssuer"/>.</summary>
    public string? Issuer { get; }

    /// <summary>The issuer for machines: <c>#</c> and the hex of its DER, so that nothing is lost in storage. Null as <see cref="Issuer"/> is.</summary>
    public string? IssuerName { get; }

    internal DistinguishedName? Name { get; }

    /// <summary>Reads what a person types, or what was stored.</summary>
    /// <param name="kind">What <paramref name="value"/> is.</param>
    /// <param name="value">
    /// Hex in either case, with or without colons, spaces, <c>0x</c>, or what OpenSSL prints before it (<c>serial=</c>, <c>sha256 Fingerprint=</c>).
    /// </param>
    /// <param name="issuer">
    /// For <see cref="DenyKind.SerialAndIssuer"/>: <c>CN=CA Cert,O=Example ORG</c>, <c>/O=Example ORG/CN=CA Cert</c>, or an <see cref="IssuerName"/>.
    /// </param>
    /// <exception cref="DenyEntryException">Cannot be understood; the message says how to write it.</exception>
    public static DenyEntry Parse(DenyKind kind, string? value, string? issuer = null)
    {
        bool named = !string.IsNullOrWhiteSpace(issuer);
        switch (kind)
        {
            case DenyKind.SerialAndIssuer when !named:
                throw new DenyEntryException("A serial number alone does not name a certificate: every CA counts for itself. Give the issuer too, for example \"CN=CA Cert,O=Example ORG\".");
            case DenyKind.SerialAndIssuer:
                return new DenyEntry(kind, DenySyntax.Serial(value), DenySyntax.Issuer(issuer!));
            case DenyKind.CertificateSha256 or DenyKind.PublicKeySha256 when named:
                throw new DenyEntryException("A fingerprint names a certificate by itself. Leave out the issuer, or give a serial number instead of the fingerprint.");
            case DenyKind.CertificateSha256 or DenyKind.PublicKeySha256:
                return new DenyEntry(kind, DenySyntax.Sha256(value), null);
            default:
                throw new DenyEntryException($"\"{kind}\" is no kind of deny-list entry. Use a serial number with its issuer, or the SHA-256 of a certificate or of a public key.");
        }
    }

    /// <summary>The entry that denies this certificate.</summary>
    /// <param name="pemOrDer">One certificate.</param>
    /// <param name="kind">By what to recognise it.</param>
    /// <exception cref="DenyEntryException">No certificate, or several.</exception>
    public static DenyEntry FromCertificate(ReadOnlyMemory<byte> pemOrDer, DenyKind kind)
    {
        ParsedCertificate certificate = DenySyntax.Certificate(pemOrDer);
        return kind switch
        {
            DenyKind.SerialAndIssuer => new DenyEntry(kind, CertificateFacts.SerialText(certificate.Serial.Span), DistinguishedName.Parse(certificate.Issuer.Der.ToArray())),
            DenyKind.PublicKeySha256 => new DenyEntry(kind, certificate.KeySha256, null),
            _ => new DenyEntry(DenyKind.CertificateSha256, certificate.Sha256, null),
        };
    }

    /// <summary>True when both are of one kind, value and encoded issuer.</summary>
    public bool Equals(DenyEntry? other) => other is not null && Kind == other.Kind && Value == other.Value && IssuerName == other.IssuerName;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, Value, IssuerName);

    /// <summary>For people, for example <c>serial 0A1B of "CN=CA Cert,O=Example ORG"</c>.</summary>
    public override string ToString() => Kind switch
    {
        DenyKind.SerialAndIssuer => $"serial {Value} of \"{Issuer}\"",
        DenyKind.CertificateSha256 => $"certificate SHA-256 {Value}",
        _ => $"public key SHA-256 {Value}",
    };
}
