using System.Buffers;
using System.Text;

namespace Gatehouse.LogService.Streams;

/// <summary>Cuts a line's text at its limit, counting the bytes it has as UTF-8 and not those of its JSON escapes. It never cuts inside of a character.</summary>
internal static class LineText
{
    private static readonly byte[] s_truncated = Encoding.ASCII.GetBytes(LogLimits.Truncated);

    /// <summary>Writes the JSON string <paramref name="token"/> (valid, quotes included), as it is or cut.</summary>
    public static void Write(ReadOnlySpan<byte> token, ArrayBufferWriter<byte> into)
    {
        // No escape is shorter than what it stands for.
        var cut = token.Length - 2 <= LogLimits.MaxTextBytes ? token.Length - 1 : Cut(token[1..^1]) + 1;
        into.Write(token[..cut]);
        if (cut < token.Length - 1)
        {
            into.Write(s_truncated);
            if (EndsWithLineFeed(token[1..^1]))
                into.Write(@"\n"u8);
        }
        into.Write("\""u8);
    }

    /// <summary>An escaped line feed, and not an <c>n</c> after an escaped backslash.</summary>
    private static bool EndsWithLineFeed(ReadOnlySpan<byte> text) =>
        text.EndsWith(@"\n"u8) && (text.Length - 1 - text[..^1].TrimEnd((byte)'\\').Length) % 2 == 1;

    /// <summary>How many bytes of the escaped text hold at most the limit of text.</summary>
    private static int Cut(ReadOnlySpan<byte> text)
    {
        var (at, size) = (0, 0);
        while (at < text.Length)
        {
            var (taken, worth) = Next(text[at..]);
            if (size + worth > LogLimits.MaxTextBytes)
                return at;
            (at, size) = (at + taken, size + worth);
        }
        return at;
    }

    /// <summary>The next character: bytes as sent, and as UTF-8.</summary>
    private static (int Taken, int Worth) Next(ReadOnlySpan<byte> text)
    {
        if (text[0] != '\\')
        {
            var length = text[0] < 0x80 ? 1 : text[0] < 0xE0 ? 2 : text[0] < 0xF0 ? 3 : 4;
            return (length, length);
        }
        if (text[1] != 'u')
            return (2, 1);
        var unit = Hex(text[2..6]);
        if (char.IsHighSurrogate(unit) && text.Length >= 12 && text[6] == '\\' && text[7] == 'u' && char.IsLowSurrogate(Hex(text[8..12])))
            return (12, 4);
        return (6, unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3);
    }

    private static char Hex(ReadOnlySpan<byte> digits) =>
        (char)ushort.Parse(digits, System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture);
}
