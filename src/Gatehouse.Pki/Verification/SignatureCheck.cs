using System.Security.Cryptography;
using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki.Verification;

/// <summary>Is this certificate signed with that key? The arithmetic is the platform's; PSS salts the platform cannot do are ours.</summary>
internal static class SignatureCheck
{
    /// <summary>Whether the two can go together at all: a cheap question before the costly one.</summary>
    public static bool IsPossible(SignatureScheme scheme, PublicKeyInfo key) => scheme.Kind switch
    {
        SignatureKind.RsaPkcs1 => key.Algorithm == KeyAlgorithm.Rsa,
        // RFC 4055 §3.1: a restricted key fixes the hash and a lower bound of the salt.
        SignatureKind.RsaPss => key.Algorithm is KeyAlgorithm.Rsa or KeyAlgorithm.RsaPss
            && (key.Restriction is not { } restriction || (restriction.Hash == scheme.Hash && restriction.SaltLength <= scheme.SaltLength)),
        SignatureKind.Ecdsa => key.Algorithm == KeyAlgorithm.Ec,
        _ => false,
    };

    /// <summary>True when <paramref name="issuer"/>'s key made the signature of <paramref name="certificate"/>. Throws nothing.</summary>
    public static bool Verify(ParsedCertificate certificate, ParsedCertificate issuer)
    {
        Span<byte> hash = stackalloc byte[64];
        return IsPossible(certificate.Scheme, issuer.Key)
            && TryHash(certificate.Scheme, certificate.Tbs.Span, hash, out int length)
            && VerifyHash(certificate.Scheme, hash[..length], certificate.Signature.Span, issuer);
    }

    /// <summary>True when <paramref name="issuer"/>'s key made this signature of something with this hash. Throws nothing.</summary>
    public static bool VerifyHash(SignatureScheme scheme, ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature, ParsedCertificate issuer)
    {
        if (!IsPossible(scheme, issuer.Key))
            return false;
        AsymmetricAlgorithm? key = null;
        try
        {
            if (scheme.Kind == SignatureKind.RsaPss && scheme.SaltLength != HashBytes(scheme.Hash))
                return PssSignature.Verify(hash, signature, scheme, issuer.Key);
            key = issuer.RentKey();
            return key is ECDsa ec
                ? ec.VerifyHash(hash, signature, DSASignatureFormat.Rfc3279DerSequence)
                : ((RSA)key).VerifyHash(hash, signature, scheme.Hash, scheme.Kind == SignatureKind.RsaPss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or PlatformNotSupportedException)
        {
            return false; // A point off the curve, a modulus that is none, a hash the platform no longer does.
        }
        finally
        {
            if (key is not null)
                issuer.Return(key);
        }
    }

    private static bool TryHash(SignatureScheme scheme, ReadOnlySpan<byte> data, Span<byte> hash, out int length)
    {
        try
        {
            return CryptographicOperations.TryHashData(scheme.Hash, data, hash, out length);
        }
        catch (Exception e) when (e is CryptographicException or PlatformNotSupportedException)
        {
            length = 0;
            return false; // A hash the platform no longer does.
        }
    }

    /// <summary>Bytes of a hash value.</summary>
    public static int HashBytes(HashAlgorithmName hash) => hash.Name switch
    {
        "MD5" => 16,
        "SHA1" => 20,
        "SHA256" => 32,
        "SHA384" => 48,
        _ => 64,
    };
}
