using System.Globalization;
using System.Text;

namespace Gatehouse.Pki.Parsing;

/// <summary>Text of strangers, made safe to print: bounded, and without characters that could forge lines or directions.</summary>
internal static class PeerText
{
    /// <summary>Longest distinguished name in facts.</summary>
    public const int MaxName = 512;

    /// <summary>Longest distinguished name within a sentence.</summary>
    public const int MaxInSentence = 160;

    /// <summary>Appends <paramref name="rune"/>, or its UTF-8 bytes as <c>\XX</c> (RFC 4514 §2.4) when it does not show as itself.</summary>
    public static void AppendVisible(StringBuilder text, Rune rune)
    {
        if (IsVisible(rune))
        {
            text.Append(rune.ToString());
            return;
        }

        Span<byte> utf8 = stackalloc byte[4];
        int length = rune.EncodeToUtf8(utf8);
        for (int i = 0; i < length; i++)
            text.Append('\\').Append(utf8[i].ToString("X2", CultureInfo.InvariantCulture));
    }

    /// <summary>The text with invisible characters escaped, cut to <paramref name="max"/> characters.</summary>
    public static string Safe(string value, int max = MaxInSentence)
    {
        var text = new StringBuilder(Math.Min(value.Length, max) + 8);
        foreach (Rune rune in value.EnumerateRunes())
        {
            if (text.Length > max)
                break;
            AppendVisible(text, rune);
        }

        return Cut(text.ToString(), max);
    }

    /// <summary>Cuts to at most <paramref name="max"/> characters, the last being <c>…</c> when something was cut.</summary>
    public static string Cut(string text, int max)
    {
        if (text.Length <= max)
            return text;
        int end = max - 1;
        if (char.IsHighSurrogate(text[end - 1]))
            end--;
        return string.Concat(text.AsSpan(0, end), "…");
    }

    private static bool IsVisible(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control
        or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned);
}
