using System.Globalization;
using System.Text;

namespace Gatehouse.Cli.Output;

/// <summary>Text that came from elsewhere (a delegate's name, a certificate's subject) made harmless for a terminal: no escape sequence, no reordering of what is read.</summary>
internal static class Safe
{
    /// <summary>One line: line ends are escaped too.</summary>
    public static string Line(string? text) => Escape(text, keepLines: false);

    /// <summary>Several lines.</summary>
    public static string Text(string? text) => Escape(text, keepLines: true);

    private static string Escape(string? text, bool keepLines)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        var safe = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            var category = Rune.GetUnicodeCategory(rune);
            if (keepLines && rune.Value is '\n' or '\r')
            {
                safe.Append(rune);
            }
            else if (category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            {
                safe.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:X4}");
            }
            else
            {
                safe.Append(rune);
            }
        }

        return safe.ToString();
    }
}
