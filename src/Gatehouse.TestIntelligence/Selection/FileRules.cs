using Gatehouse.TestIntelligence.Graphs;
using Microsoft.Extensions.FileSystemGlobbing;

namespace Gatehouse.TestIntelligence.Selection;

/// <summary>What a path says of a file: that it is a test, that it is code, that its changes count for nothing.</summary>
internal sealed class FileRules
{
    private static readonly string[] s_code = [".java", ".kt", ".kts", ".scala", ".groovy", ".cs", ".fs", ".vb", ".py", ".rb", ".js", ".ts", ".jsx", ".tsx", ".go"];

    /// <summary>Where a language's build tools keep sources by package.</summary>
    private static readonly string[] s_packageRoots = ["/java/", "/kotlin/", "/scala/", "/groovy/"];

    /// <summary>Steps of <see cref="SelectionWork"/> for one glob and one folder of a path.</summary>
    private const int MatchSteps = 20;

    private readonly Matcher? _ignored;
    private readonly Matcher? _tests;
    private readonly int _globs;

    /// <param name="testGlobs">Which files are tests; empty: by the habits of their languages.</param>
    /// <param name="ignoredGlobs">Which files count for nothing; empty: none.</param>
    public FileRules(IEnumerable<string> testGlobs, IEnumerable<string> ignoredGlobs)
    {
        string[] tests = [.. testGlobs], ignored = [.. ignoredGlobs];
        (_tests, _ignored, _globs) = (MatcherOf(tests), MatcherOf(ignored), tests.Length + ignored.Length);
    }

    public static FileRules Habits { get; } = new([], []);

    /// <summary>False for a glob that the library refuses.</summary>
    public static bool Takes(string glob)
    {
        try
        {
            MatcherOf([glob]);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>What it costs to try a path.</summary>
    public long StepsFor(string path) => _globs == 0 ? 1 : (long)_globs * MatchSteps * (path.AsSpan().Count('/') + 1);

    public bool IsIgnored(string path) => _ignored is not null && _ignored.Match(path).HasMatches;

    public static bool IsCode(string path) => s_code.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    /// <summary>True for a test.</summary>
    /// <param name="path">The file.</param>
    /// <param name="isKnown">A graph knows it as something that tests reach: then lying among tests does not make it one.</param>
    public bool IsTest(string path, bool isKnown)
    {
        if (_tests is not null)
            return _tests.Match(path).HasMatches;
        if (!IsCode(path))
            return false;
        var stem = CallGraph.Stem(path[(path.LastIndexOf('/') + 1)..]);
        return HasTestName(stem) || (!isKnown && IsAmongTests(path));
    }

    /// <summary>The class that a new test file holds, as a test without a method; null when it cannot be told.</summary>
    public static TestName? ClassOf(ChangedFile file, IReadOnlyList<CallGraph> graphs)
    {
        var slash = file.Path.LastIndexOf('/');
        var stem = CallGraph.Stem(file.Path[(slash + 1)..]);
        if (stem.Length == 0)
            return null;
        var package = file.Package.Length > 0 ? file.Package : PackageFromFolder(file.Path) ?? PackageOfNeighbours(file.Path[..Math.Max(slash, 0)], graphs);
        return package is null ? null : new TestName(package, stem, "", "");
    }

    private static bool HasTestName(string stem) =>
        stem.EndsWith("Test", StringComparison.Ordinal) || stem.EndsWith("Tests", StringComparison.Ordinal) || stem.EndsWith("TestCase", StringComparison.Ordinal) ||
        stem.EndsWith("IT", StringComparison.Ordinal) || stem.EndsWith("Spec", StringComparison.Ordinal) || stem.StartsWith("Test", StringComparison.Ordinal) ||
        stem.StartsWith("test_", StringComparison.Ordinal) || stem.EndsWith("_test", StringComparison.Ordinal) || stem.EndsWith("_spec", StringComparison.Ordinal) ||
        stem.EndsWith(".test", StringComparison.Ordinal) || stem.EndsWith(".spec", StringComparison.Ordinal);

    private static bool IsAmongTests(string path)
    {
        var rooted = "/" + path;
        return rooted.Contains("/test/", StringComparison.OrdinalIgnoreCase) || rooted.Contains("/tests/", StringComparison.OrdinalIgnoreCase) || rooted.Contains("/spec/", StringComparison.OrdinalIgnoreCase);
    }

    private static string? PackageFromFolder(string path)
    {
        foreach (var root in s_packageRoots)
        {
            var at = ("/" + path).LastIndexOf(root, StringComparison.Ordinal);
            if (at < 0)
                continue;
            var inside = ("/" + path)[(at + root.Length)..];
            var slash = inside.LastIndexOf('/');
            return slash < 0 ? "" : inside[..slash].Replace('/', '.');
        }
        return null;
    }

    /// <summary>The package of the tests in the same folder, when they agree on one.</summary>
    private static string? PackageOfNeighbours(string folder, IReadOnlyList<CallGraph> graphs)
    {
        string? found = null;
        foreach (var graph in graphs)
        {
            if (!graph.FindPackage(folder, out var package))
                continue;
            if (package is null || (found is not null && found != package))
                return null;
            found = package;
        }
        return found;
    }

    private static Matcher? MatcherOf(IEnumerable<string> globs)
    {
        Matcher? matcher = null;
        foreach (var glob in globs.Where(glob => glob.Length > 0))
            (matcher ??= new Matcher(StringComparison.Ordinal)).AddInclude(glob);
        return matcher;
    }
}
