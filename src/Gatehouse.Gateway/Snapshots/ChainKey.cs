using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Gatehouse.Tls;

namespace Gatehouse.Gateway;

/// <summary>SHA-256 over everything a client presented: the same key means the same certificates, byte for byte and in the same order.</summary>
internal readonly record struct ChainKey(ulong A, ulong B, ulong C, ulong D)
{
    /// <summary>More bytes than the verifier accepts are nobody's key.</summary>
    private const int MaxBytes = 64 * 1024 + 256;

    /// <summary>The key of a chain; null when it is larger than anything that can be accepted. Allocates nothing.</summary>
    public static ChainKey? Of(PresentedChain chain)
    {
        var intermediates = chain.Intermediates;
        long total = 4 + chain.Leaf.Length;
        for (var i = 0; i < intermediates.Count; i++)
            total += 4 + intermediates[i].Length;
        if (total > MaxBytes)
            return null;

        var buffer = ArrayPool<byte>.Shared.Rent((int)total);
        try
        {
            // Each with its length in front: no two different chains run together into the same bytes.
            var position = Append(buffer, 0, chain.Leaf.Span);
            for (var i = 0; i < intermediates.Count; i++)
                position = Append(buffer, position, intermediates[i].Span);
            Span<ulong> hash = stackalloc ulong[4];
            SHA256.HashData(buffer.AsSpan(0, position), MemoryMarshal.AsBytes(hash));
            return new ChainKey(hash[0], hash[1], hash[2], hash[3]);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static int Append(byte[] buffer, int position, ReadOnlySpan<byte> der)
    {
        BinaryPrimitives.WriteInt32BigEndian(buffer.AsSpan(position), der.Length);
        der.CopyTo(buffer.AsSpan(position + 4));
        return position + 4 + der.Length;
    }
}
