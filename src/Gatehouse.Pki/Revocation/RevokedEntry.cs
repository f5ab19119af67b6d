using System.Formats.Asn1;
using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki.Revocation;

/// <summary>One entry of a list. Works on spans: a list of 200,000 entries is no reason to make a million objects.</summary>
/// <param name="Since">Date of the revocation. One in the future revokes all the same, as in X.509: being listed counts.</param>
/// <param name="Reason">Reason code (RFC 5280 §5.3.1); null when it names none.</param>
internal readonly record struct RevokedEntry(DateTimeOffset Since, int? Reason)
{
    private const int RemoveFromCrl = 8;

    private const AsnEncodingRules Der = AsnEncodingRules.DER;

    /// <summary>
    /// False for removeFromCRL, by which a CA says that it is not, or no longer, revoked. That belongs into delta CRLs; in a complete list it is read
    /// as OpenSSL does.
    /// </summary>
    public bool Revokes => Reason != RemoveFromCrl;

    /// <summary>For people; null when there is nothing worth saying.</summary>
    public string? ReasonText => Reason switch
    {
        1 => "the key is compromised",
        2 => "the CA is compromised",
        3 => "affiliation changed",
        4 => "superseded",
        5 => "cessation of operation",
        6 => "on hold",
        9 => "privilege withdrawn",
        10 => "attribute authority compromised",
        _ => null,
    };

    // id-ce-*: 2.5.29.n is 55 1D n.
    private static ReadOnlySpan<byte> IdCe => [0x55, 0x1D];

    /// <summary>Checks the entry at the start of <paramref name="bytes"/>; returns its length.</summary>
    /// <exception cref="AsnContentException">Not DER.</exception>
    /// <exception cref="CertificateFormatException">A critical extension that is not supported.</exception>
    public static int Check(ReadOnlySpan<byte> bytes)
    {
        Parse(bytes, out _, out int length);
        return length;
    }

    /// <summary>The serial number of a checked entry.</summary>
    public static ReadOnlySpan<byte> Serial(ReadOnlySpan<byte> bytes)
    {
        AsnDecoder.ReadSequence(bytes, Der, out int offset, out int length, out _);
        return AsnDecoder.ReadIntegerBytes(bytes.Slice(offset, length), Der, out _);
    }

    /// <summary>Reads a checked entry.</summary>
    public static RevokedEntry Read(ReadOnlySpan<byte> bytes) => Parse(bytes, out _, out _);

    private static RevokedEntry Parse(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> serial, out int length)
    {
        AsnDecoder.ReadSequence(bytes, Der, out int offset, out int content, out length);
        ReadOnlySpan<byte> rest = bytes.Slice(offset, content);
        serial = AsnDecoder.ReadIntegerBytes(rest, Der, out int consumed);
        rest = rest[consumed..];
        Asn1Tag tag = Asn1Tag.Decode(rest, out _);
        DateTimeOffset since = tag.HasSameClassAndValue(Asn1Tag.UtcTime)
            ? AsnDecoder.ReadUtcTime(rest, Der, out consumed, twoDigitYearMax: 2049)
            : AsnDecoder.ReadGeneralizedTime(rest, Der, out consumed);
        rest = rest[consumed..];
        int? reason = null;
        if (!rest.IsEmpty)
        {
            AsnDecoder.ReadSequence(rest, Der, out offset, out content, out consumed);
            if (consumed != rest.Length)
                throw new AsnContentException();
            reason = ReadExtensions(rest.Slice(offset, content));
        }

        return new RevokedEntry(since, reason);
    }

    private static int? ReadExtensions(ReadOnlySpan<byte> extensions)
    {
        int? reason = null;
        while (!extensions.IsEmpty)
        {
            AsnDecoder.ReadSequence(extensions, Der, out int offset, out int content, out int consumed);
            ReadOnlySpan<byte> extension = extensions.Slice(offset, content);
            extensions = extensions[consumed..];
            ReadOnlySpan<byte> oid = ReadOid(extension, out consumed);
            extension = extension[consumed..];
            bool critical = false;
            if (Asn1Tag.Decode(extension, out _).HasSameClassAndValue(Asn1Tag.Boolean))
            {
                critical = AsnDecoder.ReadBoolean(extension, Der, out consumed);
                extension = extension[consumed..];
            }

            if (!AsnDecoder.TryReadPrimitiveOctetString(extension, Der, out ReadOnlySpan<byte> value, out consumed) || consumed != extension.Length)
                throw new AsnContentException();
            reason = ReadExtension(oid, critical, value) ?? reason;
        }

        return reason;
    }

    private static int? ReadExtension(ReadOnlySpan<byte> oid, bool critical, ReadOnlySpan<byte> value)
    {
        switch (oid.Length == 3 && oid.StartsWith(IdCe) ? oid[2] : 0)
        {
            case 21: // reasonCode
                ReadOnlySpan<byte> code = AsnDecoder.ReadEnumeratedBytes(value, Der, out _);
                return code.Length == 1 ? code[0] : 0;
            case 23 or 24: // hold instruction, invalidity date: nothing follows from them here.
                return null;
            case 29: // certificateIssuer
                throw new CertificateFormatException("has an entry for a certificate of another CA (indirect CRL), which is not supported. Upload the CRL that each CA signs for itself, or use the deny list");
            default:
                return critical
                    ? throw new CertificateFormatException("has an entry with a critical extension that is not supported, so it may mean something else than it seems. Have the CA issue a CRL without that extension")
                    : null;
        }
    }

    private static ReadOnlySpan<byte> ReadOid(ReadOnlySpan<byte> extension, out int consumed)
    {
        Asn1Tag tag = AsnDecoder.ReadEncodedValue(extension, Der, out int offset, out int length, out consumed);
        return tag.HasSameClassAndValue(Asn1Tag.ObjectIdentifier) ? extension.Slice(offset, length) : throw new AsnContentException();
    }
}
