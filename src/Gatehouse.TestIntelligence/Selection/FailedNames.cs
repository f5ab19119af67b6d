using Gatehouse.TestIntelligence.Graphs;
using Gatehouse.TestIntelligence.Reports;

namespace Gatehouse.TestIntelligence.Selection;

/// <summary>
/// Tests as reports name them, to be found among those of graphs. Reports say the class with its package, and a method as its runner shows it: with
/// arguments, or in words. Where that leaves a doubt, it is rather one test too many.
/// </summary>
internal sealed class FailedNames
{
    private readonly Dictionary<string, List<FailedName>> _byClass = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<FailedName>>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    public FailedNames(IEnumerable<FailedTest> tests)
    {
        _lookup = _byClass.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var test in tests)
        {
            var name = new FailedName(test);
            if (!_byClass.TryGetValue(name.Class, out var same))
                _byClass[name.Class] = same = [];
            same.Add(name);
        }
    }

    public IEnumerable<FailedName> All => _byClass.Values.SelectMany(same => same);

    /// <summary>Those whose class a test of a graph may be in.</summary>
    public IEnumerable<FailedName> InClassOf(TestName test)
    {
        var dot = test.Class.LastIndexOf('.');
        if (!_lookup.TryGetValue(test.Class.AsSpan(dot + 1), out var same))
            return [];
        var package = dot < 0 ? test.Package : test.Package.Length == 0 ? test.Class[..dot] : $"{test.Package}.{test.Class[..dot]}";
        return same.Where(one => one.Package.Length == 0 || package.Length == 0 || one.Package == package);
    }
}

/// <summary>One of them.</summary>
internal sealed class FailedName
{
    public FailedName(FailedTest test)
    {
        var dot = test.Class.AsSpan().IndexOfAny("/ \\") < 0 ? test.Class.LastIndexOf('.') : -1;
        (Package, Class) = (dot < 0 ? "" : test.Class[..dot], test.Class[(dot + 1)..]);
        var end = test.Name.AsSpan().IndexOfAny("([{< ");
        Method = end > 0 ? test.Name[..end] : test.Name;
    }

    public string Package { get; }

    public string Class { get; }

    public string Method { get; }

    /// <summary>A graph has a test of this class.</summary>
    public bool HasClass { get; set; }

    /// <summary>A graph has this very test.</summary>
    public bool IsFound { get; set; }

    public bool Is(TestName test) => test.Method == Method || (Method.Length > test.Method.Length && Method[^(test.Method.Length + 1)] == '.' && Method.EndsWith(test.Method, StringComparison.Ordinal));
}
