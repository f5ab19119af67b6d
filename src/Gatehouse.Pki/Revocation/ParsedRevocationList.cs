using System.Formats.Asn1;
using System.Security.Cryptography;
using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki.Revocation;

/// <summary>A CertificateList (RFC 5280 §5.1) taken apart. Slices point into <see cref="Der"/>.</summary>
internal sealed partial class ParsedRevocationList
{
    private ParsedRevocationList(ReadOnlyMemory<byte> der) => Der = der;

    public ReadOnlyMemory<byte> Der { get; }

    public SignatureScheme Scheme { get; private set; } = null!;

    /// <summary>Hash of what is signed: made once, so that a list of megabytes costs no more at a handshake than a short one.</summary>
    public byte[] TbsHash { get; private set; } = [];

    public ReadOnlyMemory<byte> Signature { get; private set; }

    public DistinguishedName Issuer { get; private set; } = null!;

    public DateTimeOffset ThisUpdate { get; private set; }

    public DateTimeOffset? NextUpdate { get; private set; }

    public RevokedEntries Entries { get; private set; } = RevokedEntries.None;

    /// <summary>Whose keys were found to have signed this list, and whose not.</summary>
    public SignerMemory Signers { get; } = new();

    /// <summary>True when it takes the other's place: issued later, or at the same second with a higher number (RFC 5280 §5.2.3).</summary>
    public bool IsNewerThan(ParsedRevocationList other) => ThisUpdate != other.ThisUpdate
        ? ThisUpdate > other.ThisUpdate
        : (Number?.Length ?? 0) != (other.Number?.Length ?? 0)
            ? (Number?.Length ?? 0) > (other.Number?.Length ?? 0)
            : string.CompareOrdinal(Number, other.Number) > 0;

    /// <summary>Reads one.</summary>
    /// <exception cref="RevocationListException">Not a complete CRL, or one that demands what we do not do.</exception>
    public static ParsedRevocationList Parse(ReadOnlyMemory<byte> der)
    {
        try
        {
            var list = new ParsedRevocationList(der);
            list.ReadOuter();
            return list;
        }
        catch (Exception e) when (e is CertificateFormatException or AsnContentException or CryptographicException or ArgumentException or OverflowException)
        {
            if (ParsedCertificate.TryParse(der, out _) is not null)
                throw new RevocationListException("The file is a certificate, not a CRL. Upload the CA's CRL; to refuse a single certificate, put it on the deny list instead.", e);
            throw new RevocationListException(e is CertificateFormatException
                ? $"The CRL {e.Message}."
                : "The file is not a well-formed CRL (DER). Fetch it again from the CA; if it is text, it must be PEM (-----BEGIN X509 CRL-----).", e);
        }
    }

    private void ReadOuter()
    {
        var outer = new AsnReader(Der, AsnEncodingRules.DER);
        AsnReader list = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        ReadOnlyMemory<byte> tbsBytes = list.PeekEncodedValue();
        AsnReader tbs = list.ReadSequence();
        ReadOnlyMemory<byte> algorithm = list.ReadEncodedValue();
        if (!list.TryReadPrimitiveBitString(out int unused, out ReadOnlyMemory<byte> signature) || unused != 0)
            throw new CertificateFormatException("has a signature that is not a whole number of bytes. Fetch it again from the CA");
        list.ThrowIfNotEmpty();
        Signature = signature;
        ReadTbs(tbs, algorithm);
        TbsHash = CryptographicOperations.HashData(Scheme.Hash, tbsBytes.Span);
    }

    private void ReadTbs(AsnReader tbs, ReadOnlyMemory<byte> outerAlgorithm)
    {
        bool isVersion2 = false;
        if (tbs.PeekTag().HasSameClassAndValue(Asn1Tag.Integer))
        {
            // §5.1.2.1: 1 stands for version 2; version 1 has no number.
            if (!tbs.TryReadInt32(out int version) || version != 1)
                throw new CertificateFormatException("has an unknown version. Have the CA issue a version 2 list");
            isVersion2 = true;
        }

        ReadOnlyMemory<byte> algorithm = tbs.ReadEncodedValue();
        // §5.1.1.2: only the inner one is signed.
        if (!algorithm.Span.SequenceEqual(outerAlgorithm.Span))
            throw new CertificateFormatException("names two different signature algorithms. Fetch it again from the CA");
        ReadScheme(algorithm);
        Issuer = DistinguishedName.Read(tbs);
        if (Issuer.IsEmpty)
            throw new CertificateFormatException("does not name its issuer, so nobody can tell whose certificates it speaks of. Have the CA issue it again");
        ThisUpdate = ReadTime(tbs);
        if (tbs.HasData && (tbs.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) || tbs.PeekTag().HasSameClassAndValue(Asn1Tag.GeneralizedTime)))
            NextUpdate = ReadTime(tbs);
        if (tbs.HasData && tbs.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence))
            Entries = RevokedEntries.Read(Der, tbs.ReadEncodedValue());
        if (tbs.HasData)
            ReadExtensions(tbs, isVersion2);
        tbs.ThrowIfNotEmpty();
    }

    private void ReadScheme(ReadOnlyMemory<byte> algorithm)
    {
        Scheme = SignatureScheme.Parse(algorithm);
        const string WayOut = "Have the CA sign its CRLs with RSA or ECDSA and SHA-256, SHA-384 or SHA-512 (for OpenSSL: default_md = sha256)";
        if (Scheme.Kind == SignatureKind.Unsupported)
            throw new CertificateFormatException($"is signed with {Scheme.Name}, which is not supported. {WayOut}");
        if (Scheme.IsWeak)
            throw new CertificateFormatException($"is signed with {Scheme.Name}, which can be forged. {WayOut}");
    }

    private static DateTimeOffset ReadTime(AsnReader reader) => reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime)
        ? reader.ReadUtcTime(twoDigitYearMax: 2049)
        : reader.ReadGeneralizedTime();
}
