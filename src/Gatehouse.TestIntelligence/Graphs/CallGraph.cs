using System.Runtime.InteropServices;
using Gatehouse.TestIntelligence.Selection;

namespace Gatehouse.TestIntelligence.Graphs;

/// <summary>What a changed file can be told to be: a file, or a class whose file the graph does not name.</summary>
/// <param name="File">Path, or a part of its end; may be empty.</param>
/// <param name="Package">Package or namespace; may be empty.</param>
/// <param name="Class">Outermost class; may be empty.</param>
internal readonly record struct CodeUnit(string File, string Package, string Class);

/// <summary>Which test: what a runner needs to run it.</summary>
internal readonly record struct TestName(string Package, string Class, string Method, string Parameters);

/// <summary>What is known of a test besides what it reaches.</summary>
[Flags]
internal enum TestTraits
{
    None = 0,

    /// <summary>It is run whatever changes.</summary>
    AlwaysRun = 1,

    /// <summary>It failed when it last ran.</summary>
    Failed = 2,
}

/// <summary>A test of a graph.</summary>
/// <param name="Name">Which one.</param>
/// <param name="Unit">Where it is written: a number into <see cref="CallGraph.Units"/>.</param>
/// <param name="Traits">What is known of it.</param>
/// <param name="Reaches">What it reaches, as ascending numbers into <see cref="CallGraph.Units"/>.</param>
internal sealed record GraphTest(TestName Name, int Unit, TestTraits Traits, int[] Reaches);

/// <summary>
/// The relation test ↔ source file of one branch, as it was when each test last ran. Immutable once made; the way from a file to the tests that reach it is
/// laid out at that time, so that a selection walks no more than it selects.
/// </summary>
internal sealed class CallGraph
{
    private readonly Dictionary<string, int> _firstByName;
    private readonly int[] _nextOfName;
    private readonly bool _namesFiles;
    private readonly int[] _reachedStart;
    private readonly int[] _reachedBy;
    private readonly int[] _ownStart;
    private readonly int[] _own;
    private readonly Lazy<Dictionary<string, string?>> _packageByFolder;

    public CallGraph(IReadOnlyList<CodeUnit> units, IReadOnlyList<GraphTest> tests)
    {
        (Units, Tests) = (units, tests);
        _namesFiles = units.All(unit => unit.File.Length > 0);
        (_ownStart, _own) = Invert(units.Count, tests, static (test, visit) => visit(test.Unit));
        (_reachedStart, _reachedBy) = InvertReach(units.Count, tests);
        (_firstByName, _nextOfName) = ChainByName(units);
        _packageByFolder = new Lazy<Dictionary<string, string?>>(PackageByFolder);
    }

    public static CallGraph Empty { get; } = new([], []);

    public IReadOnlyList<CodeUnit> Units { get; }

    public IReadOnlyList<GraphTest> Tests { get; }

    /// <summary>Bytes it takes in memory, roughly: strings are shared.</summary>
    public long Size => (Units.Count * 140L) + (Tests.Count * 160L) + (_reachedBy.Length * 8L);

    /// <summary>Tests that reach a unit.</summary>
    public ReadOnlySpan<int> ReachedBy(int unit) => _reachedBy.AsSpan(_reachedStart[unit].._reachedStart[unit + 1]);

    /// <summary>Tests that are written in a unit.</summary>
    public ReadOnlySpan<int> WrittenIn(int unit) => _own.AsSpan(_ownStart[unit].._ownStart[unit + 1]);

    /// <summary>Units that the file at <paramref name="path"/> may be; rather one too many than one too few.</summary>
    /// <param name="path">From the repository's root.</param>
    /// <param name="work">Units of that name are looked at one by one; when it is used up, the rest is missing.</param>
    public IEnumerable<int> UnitsAt(string path, SelectionWork work)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        for (var unit = _firstByName.GetValueOrDefault(name, -1); unit >= 0 && work.Spend(1); unit = _nextOfName[unit])
        {
            if (FilesMatch(Units[unit].File, path))
                yield return unit;
        }
        for (var unit = _firstByName.GetValueOrDefault(ClassKey(Stem(name)), -1); unit >= 0 && work.Spend(1); unit = _nextOfName[unit])
        {
            if (PackageMatches(Units[unit].Package, path))
                yield return unit;
        }
    }

    /// <summary>The package of the tests in a folder; null when they do not agree on one. False: no test is written there.</summary>
    public bool FindPackage(string folder, out string? package) => _packageByFolder.Value.TryGetValue(folder, out package);

    /// <summary>The file at <paramref name="path"/> is this unit, and no other of its name: tests that were written there are gone with it.</summary>
    public bool IsCertainly(int unit, string path) => Units[unit] is var (file, package, _) && (file.Length > 0 ? file == path : IsJava(path) && package.Length > 0);

    /// <summary>Were the file at <paramref name="path"/> reached by a test, the graph would show it: it names files, or the language names files after classes.</summary>
    public bool CanTell(string path) => _namesFiles || IsJava(path);

    /// <summary>The outermost class: nested ones are written in its file.</summary>
    public static string Outermost(string className)
    {
        var end = className.AsSpan().IndexOfAny('$', '+');
        return end > 0 ? className[..end] : className;
    }

    internal static string Stem(string fileName) => fileName.LastIndexOf('.') is > 0 and var dot ? fileName[..dot] : fileName;

    private static string KeyOf(CodeUnit unit) => unit.File.Length > 0 ? unit.File[(unit.File.LastIndexOf('/') + 1)..] : ClassKey(unit.Class);

    // No file name holds a slash.
    private static string ClassKey(string className) => "/" + className;

    /// <summary>One is the other, or the end of it: graphs name files from wherever their tool stood.</summary>
    private static bool FilesMatch(string file, string path) => file.Length == path.Length
        ? string.Equals(file, path, StringComparison.Ordinal)
        : file.Length < path.Length ? EndsWithPath(path, file) : EndsWithPath(file, path);

    private static bool EndsWithPath(string longer, string shorter) =>
        longer.EndsWith(shorter, StringComparison.Ordinal) && (longer[longer.Length - shorter.Length - 1] == '/' || shorter[0] == '/');

    /// <summary>Where a language lays packages out as folders they tell classes of one name apart; elsewhere the name alone decides.</summary>
    private static bool PackageMatches(string package, string path)
    {
        if (package.Length == 0 || !IsJava(path))
            return true;
        var folder = path[..Math.Max(path.LastIndexOf('/'), 0)];
        var expected = package.Replace('.', '/');
        return folder.Length == expected.Length ? folder == expected : folder.Length > expected.Length && EndsWithPath(folder, expected);
    }

    /// <summary>For each name its last unit, and from each unit the one before it of the same name: one array, however many names there are.</summary>
    private static (Dictionary<string, int> First, int[] Next) ChainByName(IReadOnlyList<CodeUnit> units)
    {
        var first = new Dictionary<string, int>(units.Count, StringComparer.Ordinal);
        var next = new int[units.Count];
        for (var unit = 0; unit < units.Count; unit++)
        {
            ref var head = ref CollectionsMarshal.GetValueRefOrAddDefault(first, KeyOf(units[unit]), out var exists);
            next[unit] = exists ? head : -1;
            head = unit;
        }
        return (first, next);
    }

    private Dictionary<string, string?> PackageByFolder()
    {
        var packages = new Dictionary<string, string?>(StringComparer.Ordinal);
        var byFolder = packages.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var unit = 0; unit < Units.Count; unit++)
        {
            var (file, package, _) = Units[unit];
            if (file.LastIndexOf('/') is not (>= 0 and var slash) || WrittenIn(unit).IsEmpty)
                continue;
            ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(byFolder, file.AsSpan(0, slash), out var exists);
            known = !exists || known == package ? package : null;
        }
        return packages;
    }

    private static bool IsJava(string path) => path.EndsWith(".java", StringComparison.Ordinal);

    private static (int[] Start, int[] Of) InvertReach(int units, IReadOnlyList<GraphTest> tests) => Invert(units, tests, static (test, visit) =>
    {
        foreach (var unit in test.Reaches)
            visit(unit);
    });

    /// <summary>Counting sort: for each unit the tests, ascending.</summary>
    private static (int[] Start, int[] Of) Invert(int units, IReadOnlyList<GraphTest> tests, Action<GraphTest, Action<int>> visit)
    {
        var start = new int[units + 1];
        Action<int> count = unit => start[unit + 1]++;
        foreach (var test in tests)
            visit(test, count);
        for (var unit = 0; unit < units; unit++)
            start[unit + 1] += start[unit];
        var of = new int[start[units]];
        var next = start.AsSpan(0, units).ToArray();
        var index = 0;
        Action<int> place = unit => of[next[unit]++] = index;
        for (; index < tests.Count; index++)
            visit(tests[index], place);
        return (start, of);
    }
}
