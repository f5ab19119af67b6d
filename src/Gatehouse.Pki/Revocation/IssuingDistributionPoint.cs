using System.Formats.Asn1;
using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki.Revocation;

/// <summary>The issuing distribution point of a CRL (RFC 5280 §5.2.5): for which certificates, and for which reasons, it speaks.</summary>
internal sealed class IssuingDistributionPoint
{
    private IssuingDistributionPoint(byte[] der) => Der = der;

    /// <summary>The extension's value: lists of one issuer with equal values replace each other.</summary>
    public byte[] Der { get; }

    /// <summary>Names of the distribution point; null when it has none and so does not limit the list.</summary>
    public List<GeneralName>? Names { get; private set; }

    public bool OnlyUserCertificates { get; private set; }

    public bool OnlyCaCertificates { get; private set; }

    public bool OnlyAttributeCertificates { get; private set; }

    public bool IsIndirect { get; private set; }

    /// <summary>The reasons for which certificates are on it.</summary>
    public RevocationReasons Reasons { get; private set; } = RevocationReasons.All;

    /// <summary>Reads the extension's value.</summary>
    /// <param name="der">The value.</param>
    /// <param name="issuer">The list's issuer, to which a relative name belongs.</param>
    /// <exception cref="AsnContentException">Not DER.</exception>
    /// <exception cref="CertificateFormatException">A name of an unknown form.</exception>
    public static IssuingDistributionPoint Parse(byte[] der, DistinguishedName issuer)
    {
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        AsnReader sequence = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var point = new IssuingDistributionPoint(der);
        if (Next(sequence, 0))
            point.Names = DistributionPoint.ReadName(sequence.ReadSequence(Tag(0)), issuer);
        point.OnlyUserCertificates = Next(sequence, 1) && sequence.ReadBoolean(Tag(1));
        point.OnlyCaCertificates = Next(sequence, 2) && sequence.ReadBoolean(Tag(2));
        if (Next(sequence, 3))
            point.Reasons = DistributionPoint.ReadReasons(sequence, Tag(3));
        point.IsIndirect = Next(sequence, 4) && sequence.ReadBoolean(Tag(4));
        point.OnlyAttributeCertificates = Next(sequence, 5) && sequence.ReadBoolean(Tag(5));
        sequence.ThrowIfNotEmpty();
        return point;
    }

    private static Asn1Tag Tag(int value) => new(TagClass.ContextSpecific, value);

    private static bool Next(AsnReader sequence, int tag) => sequence.HasData && sequence.PeekTag().HasSameClassAndValue(Tag(tag));
}
