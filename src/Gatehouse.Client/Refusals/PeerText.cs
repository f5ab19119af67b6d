using System.Text;

namespace Gatehouse.Client;

/// <summary>Makes text that a peer sent fit for a log line or a terminal: bounded, and without control characters that could forge lines or move the cursor.</summary>
public static class PeerText
{
    /// <summary>Characters that are kept unless said otherwise.</summary>
    public const int MaxLength = 600;

    /// <summary>The cleaned text.</summary>
    /// <param name="text">What the peer sent.</param>
    /// <param name="maxLength">Characters that are kept, 1 or more.</param>
    public static string Clean(string? text, int maxLength = MaxLength)
    {
        if (string.IsNullOrWhiteSpace(text))
            return "";
        var clean = new StringBuilder(Math.Min(text.Length, maxLength));
        foreach (var rune in text.Trim().EnumerateRunes())
        {
            if (clean.Length >= maxLength)
                return clean.Append('…').ToString();
            var isUnfit = Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) is
                System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.LineSeparator
                or System.Globalization.UnicodeCategory.ParagraphSeparator;
            clean.Append(isUnfit ? " " : rune.ToString());
        }

        return clean.ToString();
    }
}
