namespace Gatehouse.Delegate;

/// <summary>
/// Cuts output into log lines. A line ends with its line feed; one that is longer than the log service takes goes on in the next, so that all lines
/// together are the output, byte for byte. Where it cuts depends on the output alone: a line has the same number however often it is sent.
/// </summary>
internal static class LineCutter
{
    /// <summary>Bytes of one line. The service cuts at 25,600.</summary>
    internal const int MaxLineBytes = 24 * 1024;

    /// <summary>Length of the first line of <paramref name="bytes"/>; 0 when it is not whole yet.</summary>
    /// <param name="bytes">Output from the beginning of a line on.</param>
    /// <param name="isEnd">Nothing comes after them.</param>
    internal static int Next(ReadOnlySpan<byte> bytes, bool isEnd)
    {
        var end = bytes[..Math.Min(bytes.Length, MaxLineBytes)].IndexOf((byte)'\n');
        if (end >= 0)
            return end + 1;
        if (bytes.Length <= MaxLineBytes)
            return isEnd ? bytes.Length : 0;

        // Not inside of a character, which has four bytes at most; what is no character is cut anywhere.
        for (var cut = MaxLineBytes; cut > MaxLineBytes - 4; cut--)
        {
            if ((bytes[cut] & 0xC0) != 0x80)
                return cut;
        }

        return MaxLineBytes;
    }
}
