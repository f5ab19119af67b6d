using System.Formats.Asn1;
using System.Text;

namespace Gatehouse.Pki.Parsing;

/// <summary>One attribute of a distinguished name.</summary>
/// <param name="Oid">Its type.</param>
/// <param name="Text">Its value when it is one of the string types and well-formed; otherwise null.</param>
/// <param name="Der">Its encoded value.</param>
internal sealed record NameAttribute(string Oid, string? Text, ReadOnlyMemory<byte> Der)
{
    private static readonly UTF8Encoding s_utf8 = new(false, throwOnInvalidBytes: true);
    private static readonly UnicodeEncoding s_utf16 = new(bigEndian: true, byteOrderMark: false, throwOnInvalidBytes: true);
    private static readonly UTF32Encoding s_utf32 = new(bigEndian: true, byteOrderMark: false, throwOnInvalidCharacters: true);

    /// <summary>Reads the value that follows the type.</summary>
    public static NameAttribute Read(string oid, AsnReader reader)
    {
        Asn1Tag tag = reader.PeekTag();
        ReadOnlyMemory<byte> content = reader.PeekContentBytes();
        ReadOnlyMemory<byte> der = reader.ReadEncodedValue();
        return new NameAttribute(oid, Decode(tag, content.Span), der);
    }

    // PrintableString is read as Latin-1 and not by its own small alphabet: '*', '@' and '&' are found there in practice.
    private static string? Decode(Asn1Tag tag, ReadOnlySpan<byte> content)
    {
        if (tag.TagClass != TagClass.Universal || tag.IsConstructed)
            return null;
        try
        {
            return (UniversalTagNumber)tag.TagValue switch
            {
                UniversalTagNumber.UTF8String => s_utf8.GetString(content),
                UniversalTagNumber.PrintableString or UniversalTagNumber.IA5String or UniversalTagNumber.VisibleString
                    or UniversalTagNumber.NumericString or UniversalTagNumber.T61String => Encoding.Latin1.GetString(content),
                UniversalTagNumber.BMPString => s_utf16.GetString(content),
                UniversalTagNumber.UniversalString => s_utf32.GetString(content),
                _ => null,
            };
        }
        catch (ArgumentException)
        {
            return null; // Ill-formed: compared and shown as bytes.
        }
    }
}
