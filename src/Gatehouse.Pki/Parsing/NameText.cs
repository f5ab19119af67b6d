using System.Text;

namespace Gatehouse.Pki.Parsing;

/// <summary>Writes names as RFC 4514 text: most specific first, as <c>openssl x509 -nameopt RFC2253</c> does.</summary>
internal static class NameText
{
    /// <summary>The text, bounded to <see cref="PeerText.MaxName"/> characters.</summary>
    public static string Write(DistinguishedName name)
    {
        if (name.IsEmpty)
            return "(empty name)";
        var text = new StringBuilder();
        for (int i = name.Rdns.Count - 1; i >= 0 && text.Length <= PeerText.MaxName; i--)
        {
            if (text.Length > 0)
                text.Append(',');
            for (int j = 0; j < name.Rdns[i].Count && text.Length <= PeerText.MaxName; j++)
            {
                if (j > 0)
                    text.Append('+');
                Write(text, name.Rdns[i][j]);
            }
        }

        return PeerText.Cut(text.ToString(), PeerText.MaxName);
    }

    private static void Write(StringBuilder text, NameAttribute attribute)
    {
        text.Append(ShortName(attribute.Oid) ?? attribute.Oid).Append('=');
        if (attribute.Text is not { } value)
        {
            text.Append('#').Append(Convert.ToHexString(attribute.Der.Span[..Math.Min(attribute.Der.Length, PeerText.MaxName)]));
            return;
        }

        int position = 0;
        foreach (Rune rune in value.EnumerateRunes())
        {
            if (text.Length > PeerText.MaxName)
                return;
            bool edge = position == 0 || position + rune.Utf16SequenceLength == value.Length;
            bool special = rune.Value is ',' or '+' or '"' or '\\' or '<' or '>' or ';' || (rune.Value == ' ' && edge) || (rune.Value == '#' && position == 0);
            if (special)
                text.Append('\\').Append((char)rune.Value);
            else
                PeerText.AppendVisible(text, rune);
            position += rune.Utf16SequenceLength;
        }
    }

    /// <summary>The short name of an attribute type (RFC 4514 §3 and what OpenSSL prints); null when it has none.</summary>
    public static string? ShortName(string oid) => oid switch
    {
        "2.5.4.3" => "CN",
        "2.5.4.4" => "SN",
        "2.5.4.5" => "serialNumber",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.9" => "STREET",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        "2.5.4.12" => "title",
        "2.5.4.42" => "GN",
        "2.5.4.46" => "dnQualifier",
        "0.9.2342.19200300.100.1.1" => "UID",
        "0.9.2342.19200300.100.1.25" => "DC",
        "1.2.840.113549.1.9.1" => "emailAddress",
        _ => null,
    };

    /// <summary>The attribute type of a short name, in any letter case, or of a dotted OID; null when it is neither.</summary>
    public static string? Oid(string name) => name.ToUpperInvariant() switch
    {
        "CN" => "2.5.4.3",
        "SN" => "2.5.4.4",
        "SERIALNUMBER" => "2.5.4.5",
        "C" => "2.5.4.6",
        "L" => "2.5.4.7",
        "ST" or "S" => "2.5.4.8",
        "STREET" => "2.5.4.9",
        "O" => "2.5.4.10",
        "OU" => "2.5.4.11",
        "TITLE" => "2.5.4.12",
        "GN" => "2.5.4.42",
        "DNQUALIFIER" => "2.5.4.46",
        "UID" => "0.9.2342.19200300.100.1.1",
        "DC" => "0.9.2342.19200300.100.1.25",
        "EMAILADDRESS" or "E" or "EMAIL" => "1.2.840.113549.1.9.1",
        _ => name.Length is > 2 and < 64 && char.IsAsciiDigit(name[0]) && name.Contains('.') && name.All(c => char.IsAsciiDigit(c) || c == '.') ? name : null,
    };
}
