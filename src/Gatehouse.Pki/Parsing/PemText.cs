namespace Gatehouse.Pki.Parsing;

/// <summary>
/// Finds PEM blocks in a text that people may have pasted: byte order mark, CRLF, indentation and text around the blocks do no harm.
/// Ours and not the platform's, because a damaged block has to be reported, not skipped.
/// </summary>
internal static class PemText
{
    private const string Begin = "-----BEGIN ";
    private const string Dashes = "-----";

    /// <summary>Every block in order, damaged ones included; stops after <paramref name="max"/>.</summary>
    public static List<PemBlock> Read(string text, int max)
    {
        var blocks = new List<PemBlock>();
        int position = 0;
        while (blocks.Count < max)
        {
            int begin = text.IndexOf(Begin, position, StringComparison.Ordinal);
            if (begin < 0)
                break;
            int labelStart = begin + Begin.Length;
            int labelEnd = text.IndexOf(Dashes, labelStart, StringComparison.Ordinal);
            if (labelEnd < 0 || labelEnd - labelStart > 64 || text.AsSpan(labelStart, labelEnd - labelStart).ContainsAny('\r', '\n'))
            {
                // A torn BEGIN line: still say what it was, a private key above all.
                string torn = text[labelStart..Math.Min(text.Length, labelStart + 64)].Split('\r', '\n')[0];
                blocks.Add(new PemBlock(torn, null, ""));
                position = labelStart;
                continue;
            }

            string label = text[labelStart..labelEnd];
            int bodyStart = labelEnd + Dashes.Length;
            string endLine = $"-----END {label}-----";
            int end = text.IndexOf(endLine, bodyStart, StringComparison.Ordinal);
            int next = text.IndexOf(Begin, bodyStart, StringComparison.Ordinal);
            if (end < 0 || (next >= 0 && next < end))
            {
                blocks.Add(new PemBlock(label, null, ""));
                position = bodyStart;
                continue;
            }

            blocks.Add(Decode(label, text.AsSpan(bodyStart, end - bodyStart)));
            position = end + endLine.Length;
        }

        return blocks;
    }

    /// <summary>One certificate as PEM: 64 columns, LF, with a final line end.</summary>
    public static string Write(string label, ReadOnlySpan<byte> der) =>
        System.Security.Cryptography.PemEncoding.WriteString(label, der).ReplaceLineEndings("\n") + "\n";

    // RFC 1421 headers end at the first empty line; Base64 has no colon.
    private static PemBlock Decode(string label, ReadOnlySpan<char> body)
    {
        string headers = "";
        if (body.Contains(':'))
        {
            string unix = body.ToString().ReplaceLineEndings("\n").TrimStart('\n', ' ', '\t');
            int gap = unix.IndexOf("\n\n", StringComparison.Ordinal);
            headers = gap < 0 ? unix : unix[..gap];
            body = gap < 0 ? [] : unix.AsSpan(gap);
        }

        byte[] bytes = new byte[(body.Length * 3 / 4) + 3];
        bool valid = Convert.TryFromBase64Chars(body, bytes, out int written) && written > 0;
        byte[]? der = valid ? bytes.AsSpan(0, written).ToArray() : null;
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(bytes);
        return new PemBlock(label, der, headers);
    }
}
