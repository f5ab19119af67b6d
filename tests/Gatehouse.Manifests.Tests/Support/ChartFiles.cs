using Gatehouse.Testing;

namespace Gatehouse.Manifests.Tests.Support;

/// <summary>Our chart, and what Helm made of it with the values files of <c>Charts/</c>: written by <c>eng/chart-render.sh</c>.</summary>
internal static class ChartFiles
{
    private const string RenderedSuffix = ".rendered.yaml";

    private static readonly string s_rendered = Path.Combine("tests", "Gatehouse.Manifests.Tests", "Charts");

    public static string Chart { get; } = Path.Combine("deploy", "charts", "gatehouse-delegate");

    /// <summary>File names and hashes at the last rendering, as <c>sha256sum</c> writes them.</summary>
    public static IEnumerable<string> Recorded => File.ReadLines(Path.Combine(SourceTree.Root, s_rendered, "rendered.sha256")).Order(StringComparer.Ordinal);

    /// <summary>Every file that the rendering depends on or wrote, relative to the root.</summary>
    public static IEnumerable<string> Present =>
        Directory.EnumerateFiles(Path.Combine(SourceTree.Root, Chart), "*", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(Path.Combine(SourceTree.Root, s_rendered), "*.yaml"))
            .Concat(Directory.EnumerateFiles(Path.Combine(SourceTree.Root, s_rendered, "refused")))
            .Select(path => Path.GetRelativePath(SourceTree.Root, path));

    public static TheoryData<string> Names =>
        [.. Directory.EnumerateFiles(Path.Combine(SourceTree.Root, s_rendered), "*" + RenderedSuffix).Select(path => Path.GetFileName(path)[..^RenderedSuffix.Length]).Order(StringComparer.Ordinal)];

    public static string Rendered(string name) => Read(Path.Combine(s_rendered, name + RenderedSuffix));

    public static string Values(string name) => Read(Path.Combine(s_rendered, name + ".values.yaml"));

    /// <summary>What Helm said to <c>refused/NAME.values.yaml</c>, which it did not render.</summary>
    public static string Refusal(string name) => Read(Path.Combine(s_rendered, "refused", name + ".told.txt"));

    public static string Read(string path) => File.ReadAllText(Path.Combine(SourceTree.Root, path));
}
