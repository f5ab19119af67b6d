using System.Buffers.Binary;
using System.Text;

namespace Gatehouse.Fuzz.Targets;

/// <summary>ClientHellos as clients send them (RFC 5246 §7.4.1.2, RFC 8446 §4.1.2), made by hand: each run has the same.</summary>
internal static class ClientHellos
{
    private const ushort ServerName = 0, Groups = 10, SignatureAlgorithms = 13, Alpn = 16, SessionTicket = 35, SupportedVersions = 43, KeyShare = 51;

    /// <summary>One for TLS 1.2 only, so that the next flight goes in the clear.</summary>
    public static byte[] Tls12(string name) => Record(Hello([0xc0, 0x2b, 0xc0, 0x2c], [.. Named(name), .. Extension(SessionTicket, [])]));

    /// <summary>One for TLS 1.3 with a key share, or without: then the server asks for another ClientHello.</summary>
    public static byte[] Tls13(string name, bool withKeyShare) => Record(Hello(
        [0x13, 1, 0x13, 2],
        [.. Named(name), .. Extension(SupportedVersions, [2, 3, 4]), .. Extension(KeyShare, withKeyShare ? [0, 36, 0, 29, 0, 32, 9, .. new byte[31]] : [0, 0])]));

    public static byte[] Record(ReadOnlySpan<byte> handshake) => [22, 3, 1, .. Sized(handshake, 2)];

    /// <summary>A length of so many bytes, and what it is the length of.</summary>
    public static byte[] Sized(ReadOnlySpan<byte> content, int lengthBytes)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, content.Length);
        return [.. length[(4 - lengthBytes)..], .. content];
    }

    private static byte[] Hello(byte[] suites, byte[] extensions) =>
        [1, .. Sized([3, 3, .. Encoding.ASCII.GetBytes("thirty-two bytes with no entropy"), 0, .. Sized(suites, 2), 1, 0, .. Sized(extensions, 2)], 3)];

    private static byte[] Named(string name) =>
    [
        .. Extension(ServerName, NameList(name)), .. Extension(Groups, Sized([0, 29, 0, 23], 2)), .. Extension(SignatureAlgorithms, Sized([4, 3, 8, 4, 4, 1], 2)),
        .. Extension(Alpn, Sized([2, .. "h2"u8, 8, .. "http/1.1"u8], 2)),
    ];

    private static byte[] NameList(string name) => Sized([0, .. Sized(Encoding.Latin1.GetBytes(name), 2)], 2);

    private static byte[] Extension(ushort type, byte[] body) => [(byte)(type >> 8), (byte)type, .. Sized(body, 2)];
}
