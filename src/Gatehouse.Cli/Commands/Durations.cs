using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Gatehouse.Cli.Commands;

/// <summary>Times as people write them: <c>500ms</c>, <c>90s</c>, <c>10m</c>, <c>1h30m</c>, <c>90d</c>.</summary>
internal static partial class Durations
{
    /// <summary>For an option that takes a time.</summary>
    public static TimeSpan? Parse(ArgumentResult result)
    {
        var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (TryParse(text, out var span))
        {
            return span;
        }

        result.AddError($"'{text}' is not a time. Write it like 90s, 10m, 1h30m or 7d.");
        return null;
    }

    /// <summary>False when it is no time, or none above zero, or one beyond a hundred years.</summary>
    public static bool TryParse(string text, out TimeSpan span)
    {
        span = TimeSpan.Zero;
        if (!Whole().IsMatch(text))
        {
            return false;
        }

        foreach (var part in Part().EnumerateMatches(text))
        {
            var piece = text.AsSpan(part.Index, part.Length);
            var digits = piece.IndexOfAnyExceptInRange('0', '9');
            var count = long.Parse(piece[..digits], CultureInfo.InvariantCulture);
            var unit = piece[digits..] switch
            {
                "ms" => TimeSpan.FromMilliseconds(1),
                "s" => TimeSpan.FromSeconds(1),
                "m" => TimeSpan.FromMinutes(1),
                "h" => TimeSpan.FromHours(1),
                _ => TimeSpan.FromDays(1),
            };
            if (count > TimeSpan.FromDays(36500) / unit)
            {
                return false;
            }

            span += unit * count;
        }

        return span > TimeSpan.Zero;
    }

    [GeneratedRegex(@"^(\d{1,12}(ms|s|m|h|d))+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Whole();

    [GeneratedRegex(@"\d+(ms|s|m|h|d)", RegexOptions.CultureInvariant)]
    private static partial Regex Part();
}
