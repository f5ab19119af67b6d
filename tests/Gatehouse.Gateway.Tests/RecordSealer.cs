using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Gatehouse.Gateway.Tests;

/// <summary>Seals records of any type and content with a client's keys after its handshake: what no TLS library would send. AES-128-GCM, SHA-256.</summary>
internal sealed class RecordSealer
{
    public const byte Alert = 21, Handshake = 22, ApplicationData = 23;
    private readonly AesGcm _cipher;
    private readonly byte[] _iv;
    private readonly bool _is13;
    private ulong _sequence;

    private RecordSealer(byte[] key, byte[] iv, bool is13, ulong sequence) => (_cipher, _iv, _is13, _sequence) = (new AesGcm(key, 16), iv, is13, sequence);

    /// <summary>From the client's traffic secret (RFC 8446 §7.3); nothing was sealed with it yet.</summary>
    public static RecordSealer Of13(byte[] secret) => new(Expand(secret, "key", 16), Expand(secret, "iv", 12), is13: true, 0);

    /// <summary>From the master secret (RFC 5246 §6.3); the client's Finished was sealed.</summary>
    public static RecordSealer Of12(byte[] master, byte[] clientRandom, byte[] serverRandom)
    {
        byte[] seed = [.. "key expansion"u8, .. serverRandom, .. clientRandom];
        var (block, a) = (Array.Empty<byte>(), seed);
        while (block.Length < 40)
        {
            a = HMACSHA256.HashData(master, a);
            block = [.. block, .. HMACSHA256.HashData(master, (byte[])[.. a, .. seed])];
        }
        return new(block[..16], block[32..36], is13: false, 1);
    }

    /// <summary>One record.</summary>
    public byte[] Seal(byte type, ReadOnlySpan<byte> content) => _is13 ? Seal13(type, content) : Seal12(type, content);

    private byte[] Seal13(byte type, ReadOnlySpan<byte> content)
    {
        byte[] inner = [.. content, type];
        byte[] header = [ApplicationData, 3, 3, (byte)((inner.Length + 16) >> 8), (byte)(inner.Length + 16)];
        Span<byte> nonce = [.. _iv];
        var sequence = BinaryPrimitives.ReadUInt64BigEndian(nonce[4..]) ^ _sequence++;
        BinaryPrimitives.WriteUInt64BigEndian(nonce[4..], sequence);
        return [.. header, .. Encrypt(nonce, inner, header)];
    }

    private byte[] Seal12(byte type, ReadOnlySpan<byte> content)
    {
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(number, _sequence++);
        byte[] additional = [.. number, type, 3, 3, (byte)(content.Length >> 8), (byte)content.Length];
        var length = content.Length + 24;
        return [type, 3, 3, (byte)(length >> 8), (byte)length, .. number, .. Encrypt([.. _iv, .. number], content.ToArray(), additional)];
    }

    private byte[] Encrypt(ReadOnlySpan<byte> nonce, byte[] plaintext, byte[] additional)
    {
        var (sealedBytes, tag) = (new byte[plaintext.Length], new byte[16]);
        _cipher.Encrypt(nonce, plaintext, sealedBytes, tag, additional);
        return [.. sealedBytes, .. tag];
    }

    // HKDF-Expand-Label with an empty context (RFC 8446 §7.1).
    private static byte[] Expand(byte[] secret, string label, int length)
    {
        var name = Encoding.ASCII.GetBytes("tls13 " + label);
        return HKDF.Expand(HashAlgorithmName.SHA256, secret, length, [0, (byte)length, (byte)name.Length, .. name, 0]);
    }
}
