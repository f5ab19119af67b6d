using System.Formats.Asn1;
using System.Text;

namespace Gatehouse.Pki.Parsing;

/// <summary>A GeneralName (RFC 5280 §4.2.1.6).</summary>
/// <param name="Kind">Its form.</param>
/// <param name="Text">rfc822Name, dNSName and URI: the text, each byte one character. Otherwise null.</param>
/// <param name="Bytes">iPAddress: the bytes. Otherwise empty.</param>
/// <param name="Name">directoryName: the name. Otherwise null.</param>
internal sealed record GeneralName(GeneralNameKind Kind, string? Text, ReadOnlyMemory<byte> Bytes, DistinguishedName? Name)
{
    /// <summary>Reads the next one of a sequence.</summary>
    /// <exception cref="AsnContentException">Not DER.</exception>
    /// <exception cref="CertificateFormatException">A form that does not exist.</exception>
    public static GeneralName Read(AsnReader reader)
    {
        Asn1Tag tag = reader.PeekTag();
        if (tag.TagClass != TagClass.ContextSpecific || tag.TagValue is < 0 or > 8)
            throw new CertificateFormatException("has a name of an unknown form");
        var kind = (GeneralNameKind)tag.TagValue;
        switch (kind)
        {
            case GeneralNameKind.Rfc822 or GeneralNameKind.Dns or GeneralNameKind.Uri:
                return new GeneralName(kind, Encoding.Latin1.GetString(reader.ReadOctetString(tag)), default, null);
            case GeneralNameKind.IpAddress:
                return new GeneralName(kind, null, reader.ReadOctetString(tag), null);
            case GeneralNameKind.Directory:
                AsnReader inner = reader.ReadSequence(tag);
                DistinguishedName name = DistinguishedName.Read(inner);
                inner.ThrowIfNotEmpty();
                return new GeneralName(kind, null, default, name);
            default:
                reader.ReadEncodedValue();
                return new GeneralName(kind, null, default, null);
        }
    }

    /// <summary>Reads a GeneralNames sequence.</summary>
    public static List<GeneralName> ReadAll(ReadOnlyMemory<byte> der)
    {
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        AsnReader sequence = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var names = new List<GeneralName>();
        while (sequence.HasData)
            names.Add(Read(sequence));
        return names;
    }
}
