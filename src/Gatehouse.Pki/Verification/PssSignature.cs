using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki.Verification;

/// <summary>
/// EMSA-PSS-VERIFY (RFC 8017 §8.1.2, §9.1.2) for salts that are not as long as the hash: .NET knows no other, and OpenSSL 3.0 signs
/// with the longest possible salt by default. Only public numbers are involved, so timing tells nothing.
/// </summary>
internal static class PssSignature
{
    /// <summary>True when the signature is right. Key sizes were bounded before (<see cref="PublicKeyInfo.Objection"/>).</summary>
    public static bool Verify(ReadOnlySpan<byte> messageHash, ReadOnlySpan<byte> signature, SignatureScheme scheme, PublicKeyInfo key)
    {
        if (signature.Length != key.Modulus.Length)
            return false;
        var n = new BigInteger(key.Modulus.Span, isUnsigned: true, isBigEndian: true);
        var s = new BigInteger(signature, isUnsigned: true, isBigEndian: true);
        if (s >= n)
            return false;
        var e = new BigInteger(key.Exponent.Span, isUnsigned: true, isBigEndian: true);
        var m = BigInteger.ModPow(s, e, n);
        int emBits = key.RsaBits - 1;
        byte[] em = new byte[(emBits + 7) / 8];
        if (m.GetByteCount(isUnsigned: true) > em.Length)
            return false;
        m.TryWriteBytes(em.AsSpan(em.Length - m.GetByteCount(isUnsigned: true)), out _, isUnsigned: true, isBigEndian: true);
        return IsConsistent(messageHash, em, emBits, scheme);
    }

    private static bool IsConsistent(ReadOnlySpan<byte> messageHash, byte[] em, int emBits, SignatureScheme scheme)
    {
        int hashLength = SignatureCheck.HashBytes(scheme.Hash);
        int dbLength = em.Length - hashLength - 1;
        int zeros = dbLength - scheme.SaltLength - 1;
        if (zeros < 0 || em[^1] != 0xBC)
            return false;
        ReadOnlySpan<byte> h = em.AsSpan(dbLength, hashLength);
        byte[] db = Mask(h, dbLength, scheme.Hash);
        int unusedBits = (8 * em.Length) - emBits;
        if ((em[0] & ~(0xFF >> unusedBits)) != 0)
            return false;
        for (int i = 0; i < dbLength; i++)
            db[i] ^= em[i];
        db[0] &= (byte)(0xFF >> unusedBits);
        if (db.AsSpan(0, zeros).ContainsAnyExcept((byte)0) || db[zeros] != 1)
            return false;

        using var hash = IncrementalHash.CreateHash(scheme.Hash);
        hash.AppendData(new byte[8]);
        hash.AppendData(messageHash);
        hash.AppendData(db, zeros + 1, scheme.SaltLength);
        return hash.GetHashAndReset().AsSpan().SequenceEqual(h);
    }

    // MGF1 (RFC 8017 §B.2.1).
    private static byte[] Mask(ReadOnlySpan<byte> seed, int length, HashAlgorithmName hash)
    {
        byte[] mask = new byte[length];
        byte[] input = new byte[seed.Length + 4];
        seed.CopyTo(input);
        int block = 0;
        for (int written = 0; written < length; block++)
        {
            BinaryPrimitives.WriteInt32BigEndian(input.AsSpan(seed.Length), block);
            byte[] part = CryptographicOperations.HashData(hash, input);
            int take = Math.Min(part.Length, length - written);
            part.AsSpan(0, take).CopyTo(mask.AsSpan(written));
            written += take;
        }

        return mask;
    }
}
