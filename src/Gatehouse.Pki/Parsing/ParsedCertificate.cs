using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Gatehouse.Pki.Parsing;

/// <summary>
/// A certificate taken apart. Slices point into the caller's bytes. What stands in the outer structure must be readable; a damaged
/// extension is kept as <see cref="Problem"/>, so that a refusal can still say whose certificate it was.
/// </summary>
internal sealed partial class ParsedCertificate
{
    /// <summary>Largest certificate we look at, in bytes.</summary>
    public const int MaxBytes = 16 * 1024;

    private string? _sha256;
    private string? _keySha256;
    private AsymmetricAlgorithm? _idleKey;
    private Answer _selfIssued;

    private enum Answer : byte
    {
        NotAsked,
        Yes,
        No,
    }

    private ParsedCertificate(ReadOnlyMemory<byte> der) => Der = der;

    public ReadOnlyMemory<byte> Der { get; }

    /// <summary>What is signed.</summary>
    public ReadOnlyMemory<byte> Tbs { get; private set; }

    public ReadOnlyMemory<byte> Signature { get; private set; }

    public SignatureScheme Scheme { get; private set; } = null!;

    /// <summary>1, 2 or 3.</summary>
    public int Version { get; private set; } = 1;

    /// <summary>Two's complement, as encoded.</summary>
    public ReadOnlyMemory<byte> Serial { get; private set; }

    public DistinguishedName Issuer { get; private set; } = null!;

    public DistinguishedName Subject { get; private set; } = null!;

    public DateTimeOffset NotBefore { get; private set; }

    public DateTimeOffset NotAfter { get; private set; }

    public PublicKeyInfo Key { get; private set; } = null!;

    /// <summary>What is wrong inside, as a sentence that completes "the certificate …"; null when nothing is.</summary>
    public string? Problem { get; private set; }

    /// <summary>Same name as issuer and subject (RFC 5280 §3.2): does not count against path length. Nobody asks it of most leaves, and telling two names apart takes time.</summary>
    public bool IsSelfIssued
    {
        get
        {
            // Two threads may work it out at once; both find the same.
            if (_selfIssued == Answer.NotAsked)
                _selfIssued = Subject.Matches(Issuer) ? Answer.Yes : Answer.No;
            return _selfIssued == Answer.Yes;
        }
    }

    /// <summary>Upper-case hex.</summary>
    public string Sha256 => _sha256 ??= Convert.ToHexString(SHA256.HashData(Der.Span));

    /// <summary>SHA-256 of the SubjectPublicKeyInfo, upper-case hex.</summary>
    public string KeySha256 => _keySha256 ??= Convert.ToHexString(SHA256.HashData(Key.Der.Span));

    /// <summary>Reads a certificate; null, and why, when even its outer structure cannot be read. Never throws for any bytes.</summary>
    public static ParsedCertificate? TryParse(ReadOnlyMemory<byte> der, out string why)
    {
        why = "";
        if (der.Length > MaxBytes)
        {
            why = $"is {der.Length} bytes long; at most {MaxBytes} are allowed";
            return null;
        }

        try
        {
            var certificate = new ParsedCertificate(der);
            certificate.ReadOuter();
            return certificate;
        }
        catch (CertificateFormatException e)
        {
            why = e.Message;
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException or ArgumentException or OverflowException)
        {
            why = "is not a well-formed X.509 certificate (DER)";
        }

        return null;
    }

    /// <summary>Takes the prepared public key for one use; give it back with <see cref="Return"/>. The platform's keys promise nothing about threads.</summary>
    /// <exception cref="CryptographicException">The numbers are no key.</exception>
    public AsymmetricAlgorithm RentKey() => Interlocked.Exchange(ref _idleKey, null) ?? Key.Import();

    /// <summary>Gives a rented key back for the next use.</summary>
    public void Return(AsymmetricAlgorithm key)
    {
        if (Interlocked.CompareExchange(ref _idleKey, key, null) is not null)
            key.Dispose();
    }

    /// <summary>Frees the prepared key of a certificate that is not kept.</summary>
    public void Release() => Interlocked.Exchange(ref _idleKey, null)?.Dispose();

    private void ReadOuter()
    {
        var outer = new AsnReader(Der, AsnEncodingRules.DER);
        AsnReader certificate = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        Tbs = certificate.PeekEncodedValue();
        AsnReader tbs = certificate.ReadSequence();
        ReadOnlyMemory<byte> algorithm = certificate.ReadEncodedValue();
        if (!certificate.TryReadPrimitiveBitString(out int unused, out ReadOnlyMemory<byte> signature) || unused != 0)
            throw new CertificateFormatException("has a signature that is not a whole number of bytes");
        certificate.ThrowIfNotEmpty();
        Signature = signature;
        ReadTbs(tbs, algorithm);
    }

    private void ReadTbs(AsnReader tbs, ReadOnlyMemory<byte> outerAlgorithm)
    {
        var versionTag = new Asn1Tag(TagClass.ContextSpecific, 0);
        if (tbs.PeekTag().HasSameClassAndValue(versionTag))
        {
            AsnReader version = tbs.ReadSequence(versionTag);
            if (!version.TryReadInt32(out int value) || value is < 0 or > 2)
                throw new CertificateFormatException("has an unknown X.509 version");
            version.ThrowIfNotEmpty();
            Version = value + 1;
        }

        Serial = tbs.ReadIntegerBytes();
        ReadOnlyMemory<byte> algorithm = tbs.ReadEncodedValue();
        // RFC 5280 §4.1.1.2: only the inner one is signed.
        if (!algorithm.Span.SequenceEqual(outerAlgorithm.Span))
            throw new CertificateFormatException("names two different signature algorithms");
        Scheme = SignatureScheme.Parse(algorithm);
        Issuer = DistinguishedName.Read(tbs);
        AsnReader validity = tbs.ReadSequence();
        NotBefore = ReadTime(validity);
        NotAfter = ReadTime(validity);
        validity.ThrowIfNotEmpty();
        Subject = DistinguishedName.Read(tbs);
        Key = PublicKeyInfo.Parse(tbs.ReadEncodedValue());
        ReadOptionalFields(tbs);
    }

    private void ReadOptionalFields(AsnReader tbs)
    {
        for (int id = 1; id <= 2; id++)
        {
            // Unique identifiers: of no use, but not forbidden to read past (§4.1.2.8).
            if (tbs.HasData && tbs.PeekTag().HasSameClassAndValue(new Asn1Tag(TagClass.ContextSpecific, id)))
                tbs.ReadEncodedValue();
        }

        if (tbs.HasData)
            ReadExtensions(tbs);
        tbs.ThrowIfNotEmpty();
    }

    private static DateTimeOffset ReadTime(AsnReader reader) => reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime)
        ? reader.ReadUtcTime(twoDigitYearMax: 2049)
        : reader.ReadGeneralizedTime();
}
