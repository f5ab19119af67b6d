using System.Text;

namespace Gatehouse.Cli.SelfTest.Wire;

/// <summary>As much of HPACK (RFC 7541) as one question and its status need: literals without index out, the first field in.</summary>
internal static class HeaderBlock
{
    // Static table: 8 to 14 are whole fields (appendix A).
    private static readonly int[] s_indexed = [200, 204, 206, 304, 400, 404, 500];

    // Huffman codes of the digits (appendix B): 0 to 2 have five bits, 3 to 9 six.
    private const int FiveBits = 3, FirstSixBitCode = 0b011001;

    /// <summary>Each field as a literal without index (§6.2.2), neither half in Huffman code.</summary>
    public static byte[] Write(IReadOnlyList<(string Name, string Value)> fields)
    {
        var block = new MemoryStream();
        foreach (var (name, value) in fields)
        {
            block.WriteByte(0);
            WriteText(block, name);
            WriteText(block, value);
        }

        return block.ToArray();
    }

    /// <summary>The status, which is the first field of an answer (RFC 9113 §8.3); null when it cannot be read.</summary>
    public static int? Status(ReadOnlySpan<byte> block)
    {
        // Changes of the dynamic table's size come first (§6.3).
        while (block.Length > 0 && (block[0] & 0xE0) == 0x20)
            block = block[1..];
        if (block.Length == 0)
            return null;
        if ((block[0] & 0x80) != 0)
            return (block[0] & 0x7F) is >= 8 and <= 14 and var index ? s_indexed[index - 8] : null;

        // A literal whose name is :status in the static table, or spelled out.
        var prefix = (block[0] & 0x40) != 0 ? block[0] & 0x3F : block[0] & 0x0F;
        block = block[1..];
        if (prefix == 0)
        {
            var name = block.Length > 0 ? block[0] & 0x7F : 0;
            if (block.Length <= 1 + name)
                return null;
            block = block[(1 + name)..];
        }
        else if (prefix is < 8 or > 14)
        {
            return null;
        }

        var length = block.Length > 0 ? block[0] & 0x7F : 0;
        if (length == 0 || block.Length < 1 + length)
            return null;
        var text = (block[0] & 0x80) != 0 ? Digits(block.Slice(1, length)) : Encoding.ASCII.GetString(block.Slice(1, length));
        return text is { Length: 3 } && int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var status) ? status : null;
    }

    private static string? Digits(ReadOnlySpan<byte> code)
    {
        var bits = 0u;
        foreach (var b in code)
            bits = bits << 8 | b;
        var (left, text) = (code.Length * 8, new StringBuilder());
        while (text.Length < 3)
        {
            if (left >= 5 && (bits >> (left - 5) & 0x1F) is < FiveBits and var few)
            {
                text.Append((char)('0' + few));
                left -= 5;
            }
            else if (left >= 6 && (bits >> (left - 6) & 0x3F) is >= FirstSixBitCode and < FirstSixBitCode + 7 and var many)
            {
                text.Append((char)('3' + (many - FirstSixBitCode)));
                left -= 6;
            }
            else
            {
                return null;
            }
        }

        return text.ToString();
    }

    // Lengths here are below 127 + 128: one or two bytes of a 7-bit prefix integer (§5.1).
    private static void WriteText(MemoryStream to, string text)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        if (bytes.Length < 127)
        {
            to.WriteByte((byte)bytes.Length);
        }
        else
        {
            to.WriteByte(127);
            var rest = bytes.Length - 127;
            for (; rest >= 128; rest >>= 7)
                to.WriteByte((byte)(rest & 127 | 128));
            to.WriteByte((byte)rest);
        }

        to.Write(bytes);
    }
}
