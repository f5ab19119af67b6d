using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Gatehouse.Cli.SelfTest.Wire;

/// <summary>A ClientHello built by hand, for what no TLS library would send (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2).</summary>
internal sealed record RawHello
{
    /// <summary>Forward-secret AEAD suites of TLS 1.3 and 1.2, and two that old servers know.</summary>
    public static readonly ushort[] UsualSuites = [0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8];

    /// <summary>What TLS 1.0 and 1.1 have.</summary>
    public static readonly ushort[] OldSuites = [0xC009, 0xC00A, 0xC013, 0xC014, 0x0033, 0x0039, 0x002F, 0x0035, 0x000A];

    /// <summary>Server name as bytes; null sends no such extension.</summary>
    public byte[]? ServerName { get; init; }

    /// <summary>The legacy version: 0x0301 is TLS 1.0, 0x0303 is TLS 1.2.</summary>
    public ushort Version { get; init; } = 0x0303;

    /// <summary>Offer TLS 1.3, too.</summary>
    public bool Tls13 { get; init; }

    /// <summary>Suites to offer.</summary>
    public IReadOnlyList<ushort> Suites { get; init; } = UsualSuites;

    /// <summary>Compression methods: 0 is none, 1 is DEFLATE (RFC 3749).</summary>
    public byte[] Compressions { get; init; } = [0];

    /// <summary>The record.</summary>
    public byte[] ToRecord()
    {
        var body = new MemoryStream();
        Write16(body, Version);
        body.Write(RandomNumberGenerator.GetBytes(32));
        body.WriteByte(0);
        Vector16(body, suites => WriteAll(suites, Suites));
        body.WriteByte((byte)Compressions.Length);
        body.Write(Compressions);
        Vector16(body, WriteExtensions);

        var message = body.ToArray();
        var record = new MemoryStream();
        record.WriteByte(22);
        Write16(record, 0x0301);
        Write16(record, (ushort)(message.Length + 4));
        record.Write([1, (byte)(message.Length >> 16), (byte)(message.Length >> 8), (byte)message.Length]);
        record.Write(message);
        return record.ToArray();
    }

    private void WriteExtensions(MemoryStream to)
    {
        if (ServerName is { } name)
        {
            Extension(to, 0, server => Vector16(server, list =>
            {
                list.WriteByte(0);
                Vector16(list, entry => entry.Write(name));
            }));
        }

        // supported_groups x25519, secp256r1, secp384r1; ec_point_formats uncompressed; signature_algorithms for RSA and EC keys; ALPN http/1.1.
        Extension(to, 10, groups => Vector16(groups, list => WriteAll(list, [0x001D, 0x0017, 0x0018])));
        Extension(to, 11, formats => formats.Write([1, 0]));
        Extension(to, 13, schemes => Vector16(schemes, list => WriteAll(list, [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601, 0x0203, 0x0201])));
        Extension(to, 16, alpn => Vector16(alpn, list => list.Write([8, .. "http/1.1"u8])));
        Extension(to, 23, _ => { });
        if (!Tls13)
            return;
        Extension(to, 43, versions => versions.Write([4, 3, 4, 3, 3]));
        Extension(to, 51, shares => Vector16(shares, list =>
        {
            Write16(list, 0x001D);
            Vector16(list, key => key.Write(RandomNumberGenerator.GetBytes(32)));
        }));
    }

    private static void Extension(MemoryStream to, ushort type, Action<MemoryStream> write)
    {
        Write16(to, type);
        Vector16(to, write);
    }

    private static void Vector16(MemoryStream to, Action<MemoryStream> write)
    {
        var content = new MemoryStream();
        write(content);
        Write16(to, (ushort)content.Length);
        content.WriteTo(to);
    }

    private static void WriteAll(MemoryStream to, IReadOnlyList<ushort> values)
    {
        foreach (var value in values)
            Write16(to, value);
    }

    private static void Write16(MemoryStream to, ushort value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
        to.Write(bytes);
    }
}
