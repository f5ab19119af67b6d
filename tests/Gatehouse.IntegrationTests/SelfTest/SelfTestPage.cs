using System.Text.RegularExpressions;
using Gatehouse.Testing;

namespace Gatehouse.IntegrationTests.SelfTest;

/// <summary>Keeps the run that docs/operate/selftest.md shows true: what is below its mark was printed by the program.</summary>
internal static partial class SelfTestPage
{
    private const string Mark = "<!-- From here on made by a run: run WhenAnOutsiderAttacks with GATEHOUSE_WRITE_BASELINES=1 to write it anew. -->\n";
    private static readonly string s_path = Path.Combine(SourceTree.Root, "docs", "operate", "selftest.md");

    /// <summary>Compares, or writes the page when the baselines are to be written.</summary>
    public static void Check(string output, int port)
    {
        var page = File.ReadAllText(s_path);
        var at = page.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length;
        Assert.True(at >= Mark.Length, $"{s_path} has lost its mark.");
        var expected = "\n```console\n" + Masked(output, port) + "\n```\n";
        if (Environment.GetEnvironmentVariable("GATEHOUSE_WRITE_BASELINES") is { Length: > 0 })
            File.WriteAllText(s_path, page[..at] + expected);
        else
            Assert.Equal(expected, page[at..]);
    }

    private static string Masked(string output, int port)
    {
        // As wide as ports that the system hands out, so that tables keep their columns.
        var text = output.Trim().Replace($":{port}", ":48443", StringComparison.Ordinal);
        text = Times().Replace(text, "2026-01-31 12:00:00");
        text = Fingerprints().Replace(text, "<64 hex digits>");
        text = Programs().Replace(text, "gatehouse <version>, .NET <version>, <platform>, OpenSSL <version>");
        // A client that is still sending its 1 MB when the server hangs up may lose the alert.
        text = text.Replace("closed without a word after", "TLS alert \"illegal parameter\" after", StringComparison.Ordinal);
        return Waits().Replace(text, "after <n> $1");
    }

    [GeneratedRegex(@"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")]
    private static partial Regex Times();

    [GeneratedRegex(@"\b[0-9A-F]{64}\b")]
    private static partial Regex Fingerprints();

    [GeneratedRegex(@"gatehouse \d[^,]*, \.NET [^,]+, [^,]+, OpenSSL .+")]
    private static partial Regex Programs();

    [GeneratedRegex(@"after \d+(?:\.\d+)? (ms|s)\b")]
    private static partial Regex Waits();
}
