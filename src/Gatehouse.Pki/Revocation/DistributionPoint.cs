using System.Formats.Asn1;
using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki.Revocation;

/// <summary>Where a certificate says its CRLs are (RFC 5280 §4.2.1.13). Nothing is fetched from there: the names only tell which list is meant.</summary>
/// <param name="Names">Its names; null when it has none.</param>
/// <param name="Reasons">The reasons its lists cover.</param>
/// <param name="Issuers">Who signs its lists; null for the certificate's issuer.</param>
internal sealed record DistributionPoint(List<GeneralName>? Names, RevocationReasons Reasons, List<GeneralName>? Issuers)
{
    private static readonly Asn1Tag s_zero = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag s_one = new(TagClass.ContextSpecific, 1);
    private static readonly Asn1Tag s_two = new(TagClass.ContextSpecific, 2);

    /// <summary>Reads the extension of a certificate.</summary>
    /// <exception cref="AsnContentException">Not DER.</exception>
    /// <exception cref="CertificateFormatException">A name of an unknown form.</exception>
    public static List<DistributionPoint> ReadAll(ReadOnlyMemory<byte> der, DistinguishedName issuer)
    {
        AsnReader sequence = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
        var points = new List<DistributionPoint>();
        while (sequence.HasData)
        {
            AsnReader point = sequence.ReadSequence();
            List<GeneralName>? names = null, issuers = null;
            RevocationReasons reasons = RevocationReasons.All;
            if (point.HasData && point.PeekTag().HasSameClassAndValue(s_zero))
                names = ReadName(point.ReadSequence(s_zero), issuer);
            if (point.HasData && point.PeekTag().HasSameClassAndValue(s_one))
                reasons = ReadReasons(point, s_one);
            if (point.HasData)
                issuers = ReadNames(point.ReadSequence(s_two));
            point.ThrowIfNotEmpty();
            points.Add(new DistributionPoint(names, reasons, issuers));
        }

        return points;
    }

    /// <summary>Reads a DistributionPointName; one relative to the issuer is made whole.</summary>
    public static List<GeneralName> ReadName(AsnReader reader, DistinguishedName issuer)
    {
        if (reader.PeekTag().HasSameClassAndValue(s_zero))
            return ReadNames(reader.ReadSequence(s_zero));
        ReadOnlyMemory<byte> relative = reader.PeekContentBytes();
        reader.ReadSetOf(skipSortOrderValidation: true, s_one);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            AsnReader rdns = new AsnReader(issuer.Der, AsnEncodingRules.DER).ReadSequence();
            while (rdns.HasData)
                writer.WriteEncodedValue(rdns.ReadEncodedValue().Span);
            using (writer.PushSetOf())
            {
                var attributes = new AsnReader(relative, AsnEncodingRules.DER);
                while (attributes.HasData)
                    writer.WriteEncodedValue(attributes.ReadEncodedValue().Span);
            }
        }

        return [new GeneralName(GeneralNameKind.Directory, null, default, DistinguishedName.Parse(writer.Encode()))];
    }

    /// <summary>Reads ReasonFlags. Unused (bit 0) and unknown bits mean nothing.</summary>
    public static RevocationReasons ReadReasons(AsnReader reader, Asn1Tag tag)
    {
        byte[] bits = reader.ReadBitString(out _, tag);
        int reasons = 0;
        for (int i = 0; i < 9 && i / 8 < bits.Length; i++)
        {
            if ((bits[i / 8] & (0x80 >> (i % 8))) != 0)
                reasons |= 1 << i;
        }

        return (RevocationReasons)reasons & RevocationReasons.All;
    }

    private static List<GeneralName> ReadNames(AsnReader reader)
    {
        var names = new List<GeneralName>();
        while (reader.HasData)
            names.Add(GeneralName.Read(reader));
        return names;
    }
}
