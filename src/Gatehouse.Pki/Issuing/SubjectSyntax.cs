using System.Formats.Asn1;
using System.Globalization;
using System.Text;
using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki.Issuing;

/// <summary>
/// Reads the two ways people write a subject: OpenSSL's <c>/O=Example ORG/CN=CA Cert</c> (outermost first, <c>\/</c> for a slash) and
/// RFC 4514's <c>CN=CA Cert,O=Example ORG</c> (most specific first, <c>\,</c> or <c>\2C</c>, <c>+</c> joins attributes of one level).
/// </summary>
internal static class SubjectSyntax
{
    private const string HowTo = "Write it as \"/O=Example ORG/CN=Name\" or \"CN=Name,O=Example ORG\".";

    /// <summary>The encoded Name.</summary>
    /// <exception cref="CertificateIssuingException">Cannot be understood; the message names the text.</exception>
    public static byte[] Encode(string? subject)
    {
        string text = subject?.Trim() ?? "";
        if (text.Length is 0 or > 1024)
            throw new CertificateIssuingException(text.Length == 0 ? $"The subject is empty. {HowTo}" : "The subject is longer than 1024 characters.");
        List<List<(string Oid, string Value)>> rdns = text[0] == '/' ? ReadSlashes(text) : ReadCommas(text);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            foreach (List<(string Oid, string Value)> rdn in rdns)
            {
                using AsnWriter.Scope set = writer.PushSetOf();
                foreach ((string oid, string value) in rdn)
                {
                    using AsnWriter.Scope attribute = writer.PushSequence();
                    writer.WriteObjectIdentifier(oid);
                    writer.WriteCharacterString(TypeOf(oid), value);
                }
            }
        }

        return writer.Encode();
    }

    // RFC 5280 appendix A.
    private static UniversalTagNumber TypeOf(string oid) => NameText.ShortName(oid) switch
    {
        "C" or "serialNumber" or "dnQualifier" => UniversalTagNumber.PrintableString,
        "DC" or "emailAddress" => UniversalTagNumber.IA5String,
        _ => UniversalTagNumber.UTF8String,
    };

    private static List<List<(string, string)>> ReadSlashes(string text) =>
        [.. Split(text[1..], '/').Where(part => part.Length > 0).Select(part => new List<(string, string)> { Attribute(part, text) })];

    private static List<List<(string, string)>> ReadCommas(string text)
    {
        List<List<(string, string)>> rdns = [.. Split(text, ',').Select(part => Split(part, '+').ConvertAll(one => Attribute(one, text)))];
        rdns.Reverse();
        return rdns;
    }

    // Keeps the backslashes: they are resolved when the value is known.
    private static List<string> Split(string text, char separator)
    {
        var parts = new List<string>();
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\')
                i++;
            else if (text[i] == separator)
            {
                parts.Add(text[start..i]);
                start = i + 1;
            }
        }

        parts.Add(text[start..]);
        return parts;
    }

    private static (string Oid, string Value) Attribute(string part, string whole)
    {
        int equals = part.IndexOf('=', StringComparison.Ordinal);
        string shown = PeerText.Safe(whole);
        if (equals <= 0)
            throw new CertificateIssuingException($"The subject \"{shown}\" is not a distinguished name: \"{PeerText.Safe(part)}\" has no TYPE=value. {HowTo}");
        string type = part[..equals].Trim();
        string oid = NameText.Oid(type) ?? throw new CertificateIssuingException($"The subject \"{shown}\" has the unknown attribute \"{PeerText.Safe(type)}\". Use CN, O, OU, C, ST, L, STREET, DC, UID, emailAddress, serialNumber, or a dotted OID.");
        string value = Unescape(part[(equals + 1)..], shown);
        if (value.Length == 0)
            throw new CertificateIssuingException($"The subject \"{shown}\" has an empty value for {PeerText.Safe(type)}. Give it a value or leave it out.");
        Judge(oid, type, value, shown);
        return (oid, value);
    }

    private static void Judge(string oid, string type, string value, string shown)
    {
        if (!IsEncodable(oid))
            throw new CertificateIssuingException($"The subject \"{shown}\" has the attribute \"{PeerText.Safe(type)}\", which is no object identifier. Use a dotted OID such as 2.5.4.3.");
        bool country = NameText.ShortName(oid) == "C";
        if (country && (value.Length != 2 || !value.All(char.IsAsciiLetter)))
            throw new CertificateIssuingException($"The subject \"{shown}\" has the country \"{PeerText.Safe(value)}\". A country is two letters, for example DE.");
        int max = NameText.ShortName(oid) is "CN" or "O" or "OU" or "serialNumber" ? 64 : 128;
        if (value.Length > max)
            throw new CertificateIssuingException($"The subject \"{shown}\" has a value of {value.Length} characters for {type}; at most {max} are allowed.");
        bool ascii = TypeOf(oid) != UniversalTagNumber.UTF8String;
        if (value.Any(char.IsControl) || (ascii && !value.All(char.IsAscii)))
            throw new CertificateIssuingException($"The subject \"{shown}\" has characters in {type} that are not allowed there. Use plain letters, digits and punctuation.");
        if (TypeOf(oid) == UniversalTagNumber.PrintableString && !value.All(c => char.IsAsciiLetterOrDigit(c) || " '()+,-./:=?".Contains(c)))
            throw new CertificateIssuingException($"The subject \"{shown}\" has characters in {type} that are not allowed there. Use letters, digits and ' ( ) + , - . / : = ?");
    }

    // The rules of the first two arcs are the writer's business.
    private static bool IsEncodable(string oid)
    {
        try
        {
            new AsnWriter(AsnEncodingRules.DER).WriteObjectIdentifier(oid);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    // RFC 4514 §3: \ before a character, or before two hex digits that are a byte of UTF-8.
    private static string Unescape(string raw, string shown)
    {
        raw = TrimUnescaped(raw);
        if (!raw.Contains('\\'))
            return raw;
        var bytes = new List<byte>(raw.Length);
        for (int i = 0; i < raw.Length; i++)
        {
            if (raw[i] != '\\')
            {
                int length = char.IsHighSurrogate(raw[i]) && i + 1 < raw.Length ? 2 : 1;
                bytes.AddRange(Encoding.UTF8.GetBytes(raw.Substring(i, length)));
                i += length - 1;
            }
            else if (i + 2 < raw.Length && byte.TryParse(raw.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte hex))
            {
                bytes.Add(hex);
                i += 2;
            }
            else if (i + 1 < raw.Length)
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(raw.Substring(++i, 1)));
            }
            else
            {
                throw new CertificateIssuingException($"The subject \"{shown}\" ends in a single backslash. Write \\\\ for a backslash.");
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    private static string TrimUnescaped(string raw)
    {
        string text = raw.TrimStart();
        string trimmed = text.TrimEnd();
        return trimmed.EndsWith('\\') && trimmed.Length < text.Length ? trimmed + text[trimmed.Length] : trimmed;
    }
}
