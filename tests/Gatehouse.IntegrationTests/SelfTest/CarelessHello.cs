using System.Buffers.Binary;
using System.Text;

namespace Gatehouse.IntegrationTests.SelfTest;

/// <summary>What a careless server says to hellos that no library would go on with: a ServerHello with what was offered first, whatever that is.</summary>
internal static class CarelessHello
{
    private static readonly ushort[] s_good = [0x1301, 0x1302, 0x1303, 0xC02B, 0xC02C, 0xC02F, 0xC030, 0xCCA8, 0xCCA9];

    /// <summary>The record; null for a hello that a library may have.</summary>
    public static byte[]? AnswerTo(ReadOnlySpan<byte> record)
    {
        if (Parse(record) is not { } hello)
            return null;
        var isOdd = hello.Version < 0x0303 || !hello.Suites.Any(s => s_good.Contains(s)) || hello.Compressions[0] != 0
            || hello.Name is { } name && (name.Length is 0 or > 255 || name.Contains('\0', StringComparison.Ordinal));
        if (!isOdd)
            return null;
        // version random session id, none; suite; compression
        byte[] body = [(byte)(hello.Version >> 8), (byte)hello.Version, .. new byte[32], 0, (byte)(hello.Suites[0] >> 8), (byte)hello.Suites[0], hello.Compressions[0]];
        return [22, 3, (byte)Math.Min(3, hello.Version & 0xFF), 0, (byte)(body.Length + 4), 2, 0, 0, (byte)body.Length, .. body];
    }

    /// <summary>The server name in the first record; null when it is not there in one piece.</summary>
    public static string? NameIn(ReadOnlySpan<byte> record) => Parse(record)?.Name;

    private sealed record Hello(ushort Version, ushort[] Suites, byte[] Compressions, string? Name);

    // RFC 5246 7.4.1.2; null for one that is not whole.
    private static Hello? Parse(ReadOnlySpan<byte> record)
    {
        try
        {
            var rest = record.Slice(9, BinaryPrimitives.ReadUInt16BigEndian(record[3..]) - 4);
            var version = BinaryPrimitives.ReadUInt16BigEndian(rest);
            rest = rest[34..];
            rest = rest[(1 + rest[0])..];
            var suites = new ushort[BinaryPrimitives.ReadUInt16BigEndian(rest) / 2];
            for (var i = 0; i < suites.Length; i++)
                suites[i] = BinaryPrimitives.ReadUInt16BigEndian(rest[(2 + (2 * i))..]);
            rest = rest[(2 + (2 * suites.Length))..];
            var compressions = rest.Slice(1, rest[0]).ToArray();
            rest = rest[(1 + rest[0] + 2)..];
            while (rest.Length >= 4)
            {
                var content = rest.Slice(4, BinaryPrimitives.ReadUInt16BigEndian(rest[2..]));
                if (BinaryPrimitives.ReadUInt16BigEndian(rest) == 0)
                    return new Hello(version, suites, compressions, Encoding.Latin1.GetString(content[5..]));
                rest = rest[(4 + content.Length)..];
            }
            return new Hello(version, suites, compressions, null);
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            return null;
        }
    }
}
