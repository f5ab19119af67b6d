using System.Formats.Asn1;
using System.Text;
using Gatehouse.Pki.Issuing;
using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki.Revocation;

/// <summary>Reads the parts of a deny-list entry as people write them.</summary>
internal static class DenySyntax
{
    // Enough for every serial number that is shown in full; RFC 5280 §4.1.2.2 allows 20 bytes.
    private const int MaxSerialBytes = 64;

    /// <summary>A serial number in the form of <see cref="CertificateFacts.SerialNumber"/>.</summary>
    public static string Serial(string? text)
    {
        string digits = Digits(text);
        bool negative = digits.StartsWith('-');
        byte[] bytes = Hex(negative ? digits[1..] : digits)
            ?? throw new DenyEntryException($"\"{PeerText.Safe(text ?? "", 80)}\" is no serial number. Write it in hex as \"openssl x509 -noout -serial\" prints it, for example 0A1B.");
        ReadOnlySpan<byte> magnitude = bytes.AsSpan().TrimStart((byte)0);
        if (magnitude.Length > MaxSerialBytes)
            throw new DenyEntryException($"A serial number of {magnitude.Length} bytes is longer than any certificate has. Write it in hex as \"openssl x509 -noout -serial\" prints it.");
        return magnitude.IsEmpty ? "00" : (negative ? "-" : "") + Convert.ToHexString(magnitude);
    }

    /// <summary>A SHA-256 value, upper-case.</summary>
    public static string Sha256(string? text) => Hex(Digits(text)) is { Length: 32 } bytes
        ? Convert.ToHexString(bytes)
        : throw new DenyEntryException($"\"{PeerText.Safe(text ?? "", 80)}\" is no SHA-256 fingerprint: that has 64 hex digits, as \"openssl x509 -noout -fingerprint -sha256\" prints them.");

    /// <summary>An issuer's name.</summary>
    public static DistinguishedName Issuer(string text)
    {
        text = text.Trim();
        try
        {
            byte[] der = text[0] == '#' ? Convert.FromHexString(text.AsSpan(1)) : SubjectSyntax.Encode(text);
            DistinguishedName name = DistinguishedName.Parse(der);
            return name.IsEmpty ? throw new DenyEntryException("The issuer is an empty name. Deny the certificate by its SHA-256 instead.") : name;
        }
        catch (CertificateIssuingException e)
        {
            throw new DenyEntryException(e.Message.Replace("The subject", "The issuer", StringComparison.Ordinal), e);
        }
        catch (Exception e) when (e is FormatException or AsnContentException)
        {
            throw new DenyEntryException($"\"{PeerText.Safe(text, 80)}\" is no encoded name. Write the issuer as \"CN=CA Cert,O=Example ORG\".", e);
        }
    }

    /// <summary>The one certificate of a file.</summary>
    public static ParsedCertificate Certificate(ReadOnlyMemory<byte> pemOrDer)
    {
        ReadOnlyMemory<byte> der = pemOrDer;
        if (pemOrDer.Span.IndexOf("-----BEGIN "u8) >= 0)
        {
            List<PemBlock> blocks = PemText.Read(Encoding.UTF8.GetString(pemOrDer.Span), max: 32).FindAll(block => block.IsCertificate);
            if (blocks.Count != 1)
                throw new DenyEntryException($"The file holds {blocks.Count} certificates. Give the one certificate that is to be denied.");
            der = blocks[0].Der ?? throw new DenyEntryException("The certificate is damaged PEM. Copy it again, the BEGIN and END lines included.");
        }

        return ParsedCertificate.TryParse(der.ToArray(), out string why) ?? throw new DenyEntryException($"The certificate {why}. Give the certificate that is to be denied as PEM or DER.");
    }

    // What OpenSSL prints before the digits ends in an equals sign.
    private static string Digits(string? text)
    {
        text ??= "";
        if (text.Length > 512)
            return "";
        string digits = text[(text.LastIndexOf('=') + 1)..].Trim();
        bool negative = digits.StartsWith('-');
        if (negative)
            digits = digits[1..].TrimStart();
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            digits = digits[2..];
        digits = digits.Replace(":", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);
        return negative ? "-" + digits : digits;
    }

    private static byte[]? Hex(string digits)
    {
        if (digits.Length == 0)
            return null;
        foreach (char c in digits)
        {
            if (!char.IsAsciiHexDigit(c))
                return null;
        }

        return Convert.FromHexString(digits.Length % 2 == 0 ? digits : "0" + digits);
    }
}
