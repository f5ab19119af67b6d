using System.Text.RegularExpressions;

namespace Gatehouse.Manifests.Yaml;

/// <summary>What YAML 1.1 and 1.2 readers make of a value without quotes: kubectl reads 1.1, others 1.2, and what either takes for something else is not text.</summary>
internal static partial class PlainText
{
    /// <summary>Is this, written without quotes, text for every reader?</summary>
    public static bool IsText(string value) => value.Length > 0 && !Other().IsMatch(value);

    /// <summary>May it be written without quotes, in blocks and between braces?</summary>
    public static bool IsSafe(string value) => IsText(value) && Safe().IsMatch(value);

    // Null, truth values, numbers of any base, infinity, times, dates, merge.
    [GeneratedRegex(@"^(?:~|null|Null|NULL|y|Y|n|N|yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF|<<|=|[-+]?(?:\d[\d_]*)?\.?\d*(?:[eE][-+]?\d+)?|[-+]?\d[\d_]*\.[\d_]*(?:[eE][-+]?\d+)?|[-+]?0[xob][\da-fA-F_]+|[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)|\d{4}-\d\d?-\d\d?.*)$")]
    private static partial Regex Other();

    [GeneratedRegex(@"^[A-Za-z0-9/._](?:[A-Za-z0-9/._@+=-]|:(?=[A-Za-z0-9/._@+=-]))*$")]
    private static partial Regex Safe();
}
