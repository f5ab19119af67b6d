using System.Formats.Asn1;

namespace Gatehouse.Pki.Parsing;

/// <summary>The name constraints extension (RFC 5280 §4.2.1.10).</summary>
internal sealed record NameConstraints(List<GeneralName> Permitted, List<GeneralName> Excluded)
{
    private static readonly Asn1Tag s_permitted = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag s_excluded = new(TagClass.ContextSpecific, 1);

    /// <summary>Reads the extension's value.</summary>
    /// <exception cref="AsnContentException">Not DER.</exception>
    /// <exception cref="CertificateFormatException">Outside the profile: minimum, maximum, or an address without a mask.</exception>
    public static NameConstraints Parse(ReadOnlyMemory<byte> der)
    {
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        AsnReader sequence = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        List<GeneralName> permitted = [], excluded = [];
        if (sequence.HasData && sequence.PeekTag().HasSameClassAndValue(s_permitted))
            ReadSubtrees(sequence.ReadSequence(s_permitted), permitted);
        if (sequence.HasData && sequence.PeekTag().HasSameClassAndValue(s_excluded))
            ReadSubtrees(sequence.ReadSequence(s_excluded), excluded);
        sequence.ThrowIfNotEmpty();
        return new NameConstraints(permitted, excluded);
    }

    private static void ReadSubtrees(AsnReader sequence, List<GeneralName> subtrees)
    {
        while (sequence.HasData)
        {
            AsnReader subtree = sequence.ReadSequence();
            GeneralName root = GeneralName.Read(subtree);
            // minimum must be 0 (its default, so absent) and maximum absent.
            if (subtree.HasData)
                throw new CertificateFormatException("has name constraints with a minimum or maximum, which RFC 5280 does not allow");
            if (root.Kind == GeneralNameKind.IpAddress && root.Bytes.Length is not (8 or 32))
                throw new CertificateFormatException("has a name constraint for IP addresses without a mask");
            subtrees.Add(root);
        }
    }
}
