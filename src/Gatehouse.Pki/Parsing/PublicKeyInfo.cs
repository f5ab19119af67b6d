using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;

namespace Gatehouse.Pki.Parsing;

/// <summary>A SubjectPublicKeyInfo: sizes are known before any arithmetic is done with the key.</summary>
internal sealed class PublicKeyInfo
{
    /// <summary>RSA keys below this many bits are weak.</summary>
    public const int MinRsaBits = 2048;

    /// <summary>RSA keys above this many bits cost too much to check.</summary>
    public const int MaxRsaBits = 8192;

    private PublicKeyInfo(ReadOnlyMemory<byte> der) => Der = der;

    /// <summary>The encoded SubjectPublicKeyInfo.</summary>
    public ReadOnlyMemory<byte> Der { get; }

    public KeyAlgorithm Algorithm { get; private init; }

    /// <summary>For people, for example <c>RSA 2048</c>.</summary>
    public string Name { get; private init; } = "";

    /// <summary>Bits of the modulus, or 0.</summary>
    public int RsaBits { get; private init; }

    /// <summary>RSA modulus, no leading zeros.</summary>
    public ReadOnlyMemory<byte> Modulus { get; private init; }

    /// <summary>RSA public exponent, no leading zeros.</summary>
    public ReadOnlyMemory<byte> Exponent { get; private init; }

    /// <summary>Restriction of a PSS-only key; null when there is none.</summary>
    public PssParameters? Restriction { get; private init; }

    /// <summary>Why the key may not be used, with a sentence that completes "… has"; null when it may.</summary>
    public (CertificateFault Fault, string Text)? Objection { get; private init; }

    private ECCurve Curve { get; init; }

    private ReadOnlyMemory<byte> Point { get; init; }

    /// <summary>Reads one. A key we do not support has an <see cref="Objection"/>; it is not an exception.</summary>
    /// <exception cref="AsnContentException">Not DER.</exception>
    /// <exception cref="CertificateFormatException">Not a key.</exception>
    public static PublicKeyInfo Parse(ReadOnlyMemory<byte> der)
    {
        AsnReader sequence = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
        AsnReader algorithm = sequence.ReadSequence();
        string oid = algorithm.ReadObjectIdentifier();
        ReadOnlyMemory<byte>? parameters = algorithm.HasData ? algorithm.ReadEncodedValue() : default(ReadOnlyMemory<byte>?); // A bare null would become empty bytes.
        algorithm.ThrowIfNotEmpty();
        if (!sequence.TryReadPrimitiveBitString(out int unused, out ReadOnlyMemory<byte> bits) || unused != 0)
            throw new CertificateFormatException("has a public key that is not a whole number of bytes");
        sequence.ThrowIfNotEmpty();
        return oid switch
        {
            Oids.Rsa => ParseRsa(der, bits, KeyAlgorithm.Rsa, null),
            Oids.RsaPss => ParseRsa(der, bits, KeyAlgorithm.RsaPss, parameters is null ? null : PssParameters.Parse(parameters)),
            Oids.EcPublicKey => ParseEc(der, bits, parameters),
            _ => Unsupported(der, CertificateFault.Malformed, Oids.AlgorithmName(oid)),
        };
    }

    /// <summary>Makes the platform's key object. Only for keys without <see cref="Objection"/>, or weak RSA keys.</summary>
    /// <exception cref="CryptographicException">The numbers are no key, for example a point off the curve.</exception>
    public AsymmetricAlgorithm Import() => Algorithm == KeyAlgorithm.Ec
        ? ECDsa.Create(new ECParameters { Curve = Curve, Q = SplitPoint() })
        : RSA.Create(new RSAParameters { Modulus = Modulus.ToArray(), Exponent = Exponent.ToArray() });

    /// <summary>True when <paramref name="privateKey"/> is the other half.</summary>
    public bool BelongsTo(AsymmetricAlgorithm privateKey)
    {
        switch (privateKey)
        {
            case RSA rsa when Algorithm is KeyAlgorithm.Rsa or KeyAlgorithm.RsaPss:
                RSAParameters parameters = rsa.ExportParameters(includePrivateParameters: false);
                return Modulus.Span.SequenceEqual(parameters.Modulus.AsSpan().TrimStart((byte)0))
                    && Exponent.Span.SequenceEqual(parameters.Exponent.AsSpan().TrimStart((byte)0));
            case ECDsa ec when Algorithm == KeyAlgorithm.Ec:
                ECPoint point = SplitPoint(), other = ec.ExportParameters(includePrivateParameters: false).Q;
                return point.X.AsSpan().SequenceEqual(other.X) && point.Y.AsSpan().SequenceEqual(other.Y);
            default:
                return false;
        }
    }

    /// <summary>
    /// True when the two are surely not one key. The same key can be written in several ways (with parameters or without, for PSS only or for
    /// all), so different bytes do not tell; false may mean either.
    /// </summary>
    public bool IsOtherKeyThan(PublicKeyInfo other)
    {
        if (Objection is not null || other.Objection is not null)
            return false;
        bool isEc = Algorithm == KeyAlgorithm.Ec;
        if (isEc != (other.Algorithm == KeyAlgorithm.Ec))
            return true;
        // Points are uncompressed (ParseEc), and their length tells the curve.
        return isEc ? !Point.Span.SequenceEqual(other.Point.Span) : !Modulus.Span.SequenceEqual(other.Modulus.Span);
    }

    private static PublicKeyInfo ParseRsa(ReadOnlyMemory<byte> der, ReadOnlyMemory<byte> bits, KeyAlgorithm algorithm, PssParameters? restriction)
    {
        var outer = new AsnReader(bits, AsnEncodingRules.DER);
        AsnReader key = outer.ReadSequence();
        ReadOnlyMemory<byte> modulus = Positive(key.ReadIntegerBytes());
        ReadOnlyMemory<byte> exponent = Positive(key.ReadIntegerBytes());
        key.ThrowIfNotEmpty();
        outer.ThrowIfNotEmpty();
        int size = ((modulus.Length - 1) * 8) + BitOperations.Log2(modulus.Span[0]) + 1;
        return new PublicKeyInfo(der)
        {
            Algorithm = algorithm,
            Name = algorithm == KeyAlgorithm.Rsa ? $"RSA {size}" : $"RSA-PSS {size}",
            RsaBits = size,
            Modulus = modulus,
            Exponent = exponent,
            Restriction = restriction,
            Objection = Judge(size, modulus.Span, exponent.Span),
        };
    }

    private static (CertificateFault, string)? Judge(int size, ReadOnlySpan<byte> modulus, ReadOnlySpan<byte> exponent)
    {
        if (size < MinRsaBits)
            return (CertificateFault.Weak, $"an RSA key of {size} bits; at least {MinRsaBits} are required");
        if (size > MaxRsaBits)
            return (CertificateFault.TooLarge, $"an RSA key of {size} bits; at most {MaxRsaBits} are allowed");
        if (exponent.Length == 1 && exponent[0] < 3)
            return (CertificateFault.Weak, "an RSA key with the public exponent " + exponent[0]);
        // Above 64 bits checking a signature gets slow, and nobody has such keys for a good reason.
        if (exponent.Length > 8)
            return (CertificateFault.TooLarge, "an RSA key with a public exponent above 64 bits");
        return (exponent[^1] & modulus[^1] & 1) == 0 ? (CertificateFault.Malformed, "an RSA key with an even modulus or exponent") : null;
    }

    private static PublicKeyInfo ParseEc(ReadOnlyMemory<byte> der, ReadOnlyMemory<byte> point, ReadOnlyMemory<byte>? parameters)
    {
        if (parameters is not { } bytes)
            throw new CertificateFormatException("has an EC key without a curve");
        var reader = new AsnReader(bytes, AsnEncodingRules.DER);
        if (!reader.PeekTag().HasSameClassAndValue(Asn1Tag.ObjectIdentifier))
            return Unsupported(der, CertificateFault.Malformed, "EC with explicit curve parameters");
        string oid = reader.ReadObjectIdentifier();
        (string? name, ECCurve curve, int size) = oid switch
        {
            Oids.P256 => ("P-256", ECCurve.NamedCurves.nistP256, 32),
            Oids.P384 => ("P-384", ECCurve.NamedCurves.nistP384, 48),
            Oids.P521 => ("P-521", ECCurve.NamedCurves.nistP521, 66),
            _ => (null, default, 0),
        };
        if (name is null)
        {
            bool weak = oid is "1.2.840.10045.3.1.1" or "1.3.132.0.33";
            return Unsupported(der, weak ? CertificateFault.Weak : CertificateFault.Malformed, "EC " + Oids.AlgorithmName(oid));
        }

        if (point.Length != 1 + (2 * size) || point.Span[0] != 4)
            return Unsupported(der, CertificateFault.Malformed, $"EC {name} in compressed or damaged form");
        return new PublicKeyInfo(der) { Algorithm = KeyAlgorithm.Ec, Name = "EC " + name, Curve = curve, Point = point };
    }

    private static PublicKeyInfo Unsupported(ReadOnlyMemory<byte> der, CertificateFault fault, string name) => new(der)
    {
        Name = name,
        Objection = (fault, $"a key of a kind that is not supported ({name}); RSA from {MinRsaBits} bits and EC P-256, P-384, P-521 are"),
    };

    private static ReadOnlyMemory<byte> Positive(ReadOnlyMemory<byte> integer)
    {
        if ((integer.Span[0] & 0x80) != 0 || integer.Span.IndexOfAnyExcept((byte)0) < 0)
            throw new CertificateFormatException("has an RSA key that is not a positive number");
        return integer[integer.Span.IndexOfAnyExcept((byte)0)..];
    }

    private ECPoint SplitPoint()
    {
        int size = (Point.Length - 1) / 2;
        return new ECPoint { X = Point.Slice(1, size).ToArray(), Y = Point[(1 + size)..].ToArray() };
    }
}
