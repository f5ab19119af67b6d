using System.Text.RegularExpressions;
using Gatehouse.Testing;

namespace Gatehouse.ArchitectureTests;

/// <summary>docs/design/threats.md says which test shows what: each of them exists, and no row is without one.</summary>
public sealed partial class ThreatTableTests
{
    private static readonly string s_page = File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "design", "threats.md"));

    [Fact]
    public void Every_test_that_the_page_names_exists()
    {
        var tests = Tests().ToHashSet(StringComparer.Ordinal);
        Assert.True(tests.Count > 300, $"Only {tests.Count} tests were found in the sources: this test does not see them.");
        Assert.All(NamesIn(s_page), name => Assert.Contains(name, tests));
    }

    [Fact]
    public void Every_row_names_a_test()
    {
        var rows = s_page.Split('\n').Where(line => Row().IsMatch(line)).ToList();
        Assert.True(rows.Count > 30, $"{rows.Count} rows");
        Assert.All(rows, row => Assert.NotEmpty(NamesIn(row)));
    }

    /// <summary>What selftest does not test from outside, it sends the reader here for.</summary>
    [Fact]
    public void Every_threat_of_selftest_has_a_row()
    {
        var threats = File.ReadAllText(Path.Combine(SourceTree.Root, "src", "Gatehouse.Cli", "SelfTest", "Threats.cs"));
        var ids = Id().Matches(threats).Select(m => m.Groups[1].Value).ToList();
        Assert.NotEmpty(ids);
        Assert.All(ids, id => Assert.Contains($"\n| {id} ", s_page, StringComparison.Ordinal));
    }

    private static IEnumerable<string> NamesIn(string text) => Name().Matches(text).Select(m => m.Groups[1].Value);

    private static IEnumerable<string> Tests() =>
        Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "tests"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal))
            .Select(File.ReadAllText)
            .SelectMany(text => Test().Matches(text).Select(m => $"{Class().Matches(text[..m.Index])[^1].Groups[1].Value}.{m.Groups[1].Value}"));

    [GeneratedRegex(@"`(\p{Lu}\w+\.\p{Lu}\w+)`(?<!\.cs`)")]
    private static partial Regex Name();

    [GeneratedRegex(@"^\| [A-Z]\d+ ")]
    private static partial Regex Row();

    [GeneratedRegex(@"new\(""([A-Z]\d+)""")]
    private static partial Regex Id();

    [GeneratedRegex(@"\[(?:Fact|Theory)\b[\s\S]*?\n\s*public (?:async )?(?:void|Task) (\w+)\(")]
    private static partial Regex Test();

    [GeneratedRegex(@"^\s*(?:(?:public|internal|private|sealed|abstract|static|partial) )*class (\w+)", RegexOptions.Multiline)]
    private static partial Regex Class();
}
