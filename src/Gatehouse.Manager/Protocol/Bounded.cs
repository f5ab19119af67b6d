using System.Globalization;
using System.Text;

namespace Gatehouse.Manager.Protocol;

/// <summary>Makes a peer's text fit for a log, a list or a terminal: bounded, and control characters written out.</summary>
internal static class Bounded
{
    /// <summary>At most <paramref name="most"/> characters of <paramref name="text"/>, control and invisible format characters as <c>\uXXXX</c>.</summary>
    public static string Text(string text, int most)
    {
        var cut = text.Length <= most ? text : string.Concat(text.AsSpan(0, most - 1), "…");
        if (!cut.Any(IsUnsafe))
            return cut;
        var safe = new StringBuilder(cut.Length + 16);
        foreach (var c in cut)
        {
            if (IsUnsafe(c))
                safe.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
            else
                safe.Append(c);
        }
        return safe.ToString();
    }

    private static bool IsUnsafe(char c) =>
        char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
