using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using YamlDotNet.Core;

namespace Gatehouse.Manifests.Yaml;

/// <summary>Writes one value of text.</summary>
internal static class ScalarText
{
    /// <summary>Without quotes where every reader takes it for the same text.</summary>
    public static string Write(string value) =>
        PlainText.IsSafe(value) ? value : value.Contains('"', StringComparison.Ordinal) && !HasControl(value) ? Single(value) : Quote(value);

    /// <summary>In double quotes, as JSON.</summary>
    public static string Quote(string value) => "\"" + JsonEncodedText.Encode(value, JavaScriptEncoder.UnsafeRelaxedJsonEscaping) + "\"";

    /// <summary>In the manner of the value that it replaces.</summary>
    public static string WriteLike(YamlScalar former, string value, bool inFlow) => former.Style switch
    {
        ScalarStyle.SingleQuoted when !HasControl(value) => Single(value),
        ScalarStyle.Plain when !inFlow => Write(value),
        ScalarStyle.Plain when former.Value.Length > 0 && PlainText.IsSafe(former.Value) => Write(value),
        _ => Quote(value),
    };

    /// <summary>In single quotes.</summary>
    public static string Single(string value) => "'" + value.Replace("'", "''", StringComparison.Ordinal) + "'";

    private static bool HasControl(string value) => value.EnumerateRunes().Any(Rune.IsControl);
}
