using System.Formats.Asn1;

namespace Gatehouse.Pki.Parsing;

/// <summary>Tells by its first tags what a DER file is, and names it as PEM would.</summary>
internal static class DerKind
{
    /// <summary>PKCS#12 has no label of its own in PEM.</summary>
    public const string Pkcs12 = "PKCS12";

    /// <summary>The label PEM would have for this; null when it is nothing we know.</summary>
    public static string? LabelOf(ReadOnlyMemory<byte> der)
    {
        try
        {
            AsnReader outer = new AsnReader(der, AsnEncodingRules.BER).ReadSequence();
            Asn1Tag first = outer.PeekTag();
            if (first.HasSameClassAndValue(Asn1Tag.ObjectIdentifier))
                return "PKCS7";
            if (first.HasSameClassAndValue(Asn1Tag.Integer))
                return OfVersion(outer);
            outer.ReadSequence();
            if (outer.PeekTag().HasSameClassAndValue(new Asn1Tag(UniversalTagNumber.OctetString)))
                return "ENCRYPTED PRIVATE KEY";
            if (ParsedCertificate.TryParse(der, out _) is not null)
                return "CERTIFICATE";
            return SigningRequest.TryParse(der, out _) is not null ? "CERTIFICATE REQUEST"
                : ParsedRevocationListLooksLike(der) ? "X509 CRL" : null;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    private static string? OfVersion(AsnReader outer)
    {
        if (!outer.TryReadInt32(out int version) || !outer.HasData)
            return null;
        Asn1Tag next = outer.PeekTag();
        return (version, next) switch
        {
            (3, _) => Pkcs12,
            (_, { TagClass: TagClass.Universal, TagValue: (int)UniversalTagNumber.Sequence }) => "PRIVATE KEY",
            (_, { TagClass: TagClass.Universal, TagValue: (int)UniversalTagNumber.Integer }) => "RSA PRIVATE KEY",
            (1, { TagClass: TagClass.Universal, TagValue: (int)UniversalTagNumber.OctetString }) => "EC PRIVATE KEY",
            _ => null,
        };
    }

    // A CertificateList: version 2 as a bare integer, or at once the algorithm; then issuer and a time (RFC 5280 §5.1).
    private static bool ParsedRevocationListLooksLike(ReadOnlyMemory<byte> der)
    {
        AsnReader tbs = new AsnReader(der, AsnEncodingRules.BER).ReadSequence().ReadSequence();
        if (tbs.PeekTag().HasSameClassAndValue(Asn1Tag.Integer))
            tbs.ReadIntegerBytes();
        tbs.ReadSequence();
        tbs.ReadSequence();
        return tbs.PeekTag() is { TagClass: TagClass.Universal, TagValue: (int)UniversalTagNumber.UtcTime or (int)UniversalTagNumber.GeneralizedTime };
    }
}
