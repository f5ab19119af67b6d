using Gatehouse.TestIntelligence.Graphs;
using Gatehouse.TestIntelligence.Reports;

namespace Gatehouse.TestIntelligence.Selection;

/// <summary>Why a test is selected; the first that applies is told (sheet §7).</summary>
internal enum Reason : byte
{
    NewTest,
    UpdatedTest,
    SourceCode,
    PreviousFailure,
    AlwaysRun,
}

/// <summary>A test to run; without a method it stands for its whole class.</summary>
internal readonly record struct SelectedTest(TestName Name, Reason Reason);

/// <summary>What to run.</summary>
/// <param name="All">Everything; <paramref name="Tests"/> is empty then.</param>
/// <param name="Why">Why everything, in a sentence for a log; empty otherwise.</param>
/// <param name="Tests">Known tests, each once, then whole classes: what was added to them nobody knows yet.</param>
/// <param name="Known">How many tests are known, and classes of which nothing but their file is.</param>
/// <param name="Counts">How many are selected for each reason; a class counts when none of its tests is known.</param>
internal sealed record Selection(bool All, string Why, IReadOnlyList<SelectedTest> Tests, int Known, IReadOnlyDictionary<Reason, int> Counts)
{
    public int Selected => All ? Known : Counts.Values.Sum();

    public static Selection Everything(string why, int known) => new(true, why, [], known, new Dictionary<Reason, int>());
}

/// <summary>
/// Says which tests to run for a change. The rule that everything else bends to: a test that may reach a changed file runs. So graphs of several branches are
/// taken together, and what cannot be told (a file that no graph knows and that is not code, a new test whose class cannot be made out) runs everything.
/// </summary>
internal sealed class TestSelector
{
    /// <summary>Weaker than every reason.</summary>
    private const Reason None = (Reason)byte.MaxValue;

    private readonly IReadOnlyList<CallGraph> _graphs;
    private readonly FileRules _files;

    /// <summary>For each graph and each of its tests why it is selected; <see cref="None"/>: it is not. Names are looked at only once it is known which are wanted.</summary>
    private readonly Reason[][] _tests;

    private readonly Dictionary<TestName, Reason> _classes = [];
    private readonly HashSet<TestName> _deleted = [];
    private readonly HashSet<TestName> _there = [];
    private int _newClasses;
    private int _updatedClasses;
    private int _failedClasses;

    /// <summary>For each graph, units whose tests are selected already.</summary>
    private readonly HashSet<int>[] _reached;

    private readonly SelectionWork _work;

    private TestSelector(IReadOnlyList<CallGraph> graphs, FileRules files, SelectionWork work)
    {
        (_graphs, _files, _work) = (graphs, files, work);
        _reached = [.. graphs.Select(_ => new HashSet<int>())];
        _tests = [.. graphs.Select(graph => new Reason[graph.Tests.Count])];
        foreach (var reasons in _tests)
            Array.Fill(reasons, None);
    }

    /// <param name="graphs">Of the target branch, and of the source branch where it has one: what its own runs found is newer, and neither takes back what the other knows.</param>
    /// <param name="changes">What changed between target and source.</param>
    /// <param name="files">Which files are tests, and which count for nothing.</param>
    /// <param name="failed">Tests that failed when they were last reported on these branches.</param>
    /// <param name="work">What it may cost; null: the limit of one selection.</param>
    public static Selection Select(IReadOnlyList<CallGraph> graphs, IReadOnlyList<ChangedFile> changes, FileRules files, IReadOnlyList<FailedTest> failed, SelectionWork? work = null) =>
        new TestSelector(graphs, files, work ?? new SelectionWork()).Select(changes, failed);

    /// <summary>Tests that one graph or another knows.</summary>
    public static int KnownIn(IReadOnlyList<CallGraph> graphs) => graphs switch
    {
        [] => 0,
        [var only] => only.Tests.Count,
        _ => graphs.SelectMany(graph => graph.Tests).Select(test => test.Name).Distinct().Count(),
    };

    private Selection Select(IReadOnlyList<ChangedFile> changes, IReadOnlyList<FailedTest> failed)
    {
        var known = KnownIn(_graphs);
        foreach (var change in changes)
        {
            _work.Spend(_files.StepsFor(change.Path));
            if (!_work.IsExhausted && !_files.IsIgnored(change.Path) && Take(change) is { } problem)
                return Selection.Everything(problem, known);
            if (_work.IsExhausted)
                return Selection.Everything("Finding out what these changes reach would take too long: too many files of one name, or globs.", known);
        }
        for (var graph = 0; graph < _graphs.Count; graph++)
            TakeTraits(_graphs[graph].Tests, _tests[graph]);

        // A file that moved is deleted in one place and added in another.
        _deleted.ExceptWith(_there);
        if (failed.Count > 0)
            TakeFailed(new FailedNames(failed), changes);
        if (_work.IsExhausted)
            return Selection.Everything("Finding the tests that failed before would take too long: too many of one class.", known);
        var selected = Union();
        var counts = selected.CountBy(test => test.Reason).ToDictionary();
        counts[Reason.NewTest] = counts.GetValueOrDefault(Reason.NewTest) + _newClasses;
        counts[Reason.UpdatedTest] = counts.GetValueOrDefault(Reason.UpdatedTest) + _updatedClasses;
        counts[Reason.PreviousFailure] = counts.GetValueOrDefault(Reason.PreviousFailure) + _failedClasses;
        selected.AddRange(_classes.Select(pair => new SelectedTest(pair.Key, pair.Value)));
        return new Selection(false, "", selected, known + _newClasses + _updatedClasses + _failedClasses, counts);
    }

    private static void TakeTraits(IReadOnlyList<GraphTest> tests, Reason[] reasons)
    {
        for (var test = 0; test < reasons.Length; test++)
        {
            var traits = tests[test].Traits;
            if (traits.HasFlag(TestTraits.Failed))
                Add(reasons, test, Reason.PreviousFailure);
            if (traits.HasFlag(TestTraits.AlwaysRun))
                Add(reasons, test, Reason.AlwaysRun);
        }
    }

    /// <summary>
    /// Selects what failed when it was last reported. A test that no graph has (it never got as far as being watched, or its name reads otherwise) comes with
    /// its whole class.
    /// </summary>
    private void TakeFailed(FailedNames failed, IReadOnlyList<ChangedFile> changes)
    {
        EachOf(failed, (one, reasons, test, name) =>
        {
            one.HasClass = true;
            if (!one.Is(name))
                return;
            one.IsFound = true;
            Add(reasons, test, Reason.PreviousFailure);
        });
        if (failed.All.Any(one => one is { HasClass: true, IsFound: false }))
        {
            EachOf(failed, (one, reasons, test, name) =>
            {
                if (one.IsFound || _deleted.Contains(name))
                    return;
                Add(reasons, test, Reason.PreviousFailure);
                _classes.TryAdd(name with { Method = "", Parameters = "" }, Reason.PreviousFailure);
            });
        }
        // Deleted as far as a name tells: a file of the class' name is, and no other of that name is there.
        var deleted = StemsOf(changes.Where(change => change.Kind == ChangeKind.Deleted));
        deleted.ExceptWith(StemsOf(changes.Where(change => change.Kind != ChangeKind.Deleted)));
        var unknown = failed.All.Where(one => !one.HasClass && !deleted.Contains(CallGraph.Outermost(one.Class))).ToLookup(one => one.Package.Length > 0);
        foreach (var one in unknown[true])
            TakeClass(one);
        // Named without its package it may be one of these.
        HashSet<string> there = [.. _classes.Keys.Select(name => name.Class)];
        foreach (var one in unknown[false].Where(one => !there.Contains(one.Class)))
            TakeClass(one);

        void TakeClass(FailedName one)
        {
            if (_classes.TryAdd(new TestName(one.Package, one.Class, "", ""), Reason.PreviousFailure))
                _failedClasses++;
        }
    }

    private void EachOf(FailedNames failed, Action<FailedName, Reason[], int, TestName> take)
    {
        for (var graph = 0; graph < _graphs.Count; graph++)
        {
            var tests = _graphs[graph].Tests;
            for (var test = 0; test < tests.Count; test++)
            {
                foreach (var one in failed.InClassOf(tests[test].Name))
                {
                    if (!_work.Spend(1))
                        return;
                    take(one, _tests[graph], test, tests[test].Name);
                }
            }
        }
    }

    private static HashSet<string> StemsOf(IEnumerable<ChangedFile> changes) =>
        [.. changes.Select(change => CallGraph.Stem(change.Path[(change.Path.LastIndexOf('/') + 1)..]))];

    /// <summary>The selected tests of all graphs, each once and with its strongest reason, without those that are deleted.</summary>
    private List<SelectedTest> Union()
    {
        var selected = new List<SelectedTest>();
        Dictionary<TestName, int>? places = _graphs.Count > 1 ? [] : null;
        for (var graph = 0; graph < _graphs.Count; graph++)
        {
            var (tests, reasons) = (_graphs[graph].Tests, _tests[graph]);
            for (var test = 0; test < reasons.Length; test++)
            {
                if (reasons[test] == None)
                    continue;
                var name = tests[test].Name;
                if (_deleted.Count > 0 && _deleted.Contains(name))
                    continue;
                if (places is null || places.TryAdd(name, selected.Count))
                    selected.Add(new SelectedTest(name, reasons[test]));
                else if (reasons[test] < selected[places[name]].Reason)
                    selected[places[name]] = new SelectedTest(name, reasons[test]);
            }
        }
        return selected;
    }

    /// <summary>Selects what one change calls for; a sentence when that cannot be told.</summary>
    private string? Take(ChangedFile change)
    {
        var (isKnown, hasTests) = (false, false);
        for (var i = 0; i < _graphs.Count; i++)
        {
            var (graph, reasons) = (_graphs[i], _tests[i]);
            foreach (var unit in graph.UnitsAt(change.Path, _work))
            {
                isKnown = true;
                hasTests |= !graph.WrittenIn(unit).IsEmpty;
                TakeOwn(graph, reasons, unit, change);
                if (!_reached[i].Add(unit))
                    continue;
                foreach (var test in graph.ReachedBy(unit))
                    Add(reasons, test, Reason.SourceCode);
            }
        }

        if (hasTests || change.Kind == ChangeKind.Deleted)
            return isKnown || FileRules.IsCode(change.Path) ? null : Unknown(change);
        if (_files.IsTest(change.Path, isKnown))
            return TakeNew(change);
        return isKnown || (FileRules.IsCode(change.Path) && (change.Kind == ChangeKind.Added || _graphs.All(graph => graph.CanTell(change.Path)))) ? null : Unknown(change);
    }

    /// <summary>The tests that are written in the changed file itself.</summary>
    private void TakeOwn(CallGraph graph, Reason[] reasons, int unit, ChangedFile change)
    {
        var reason = change.Kind == ChangeKind.Added ? Reason.NewTest : Reason.UpdatedTest;
        _work.Spend(graph.WrittenIn(unit).Length * 10L);
        foreach (var test in graph.WrittenIn(unit))
        {
            var name = graph.Tests[test].Name;
            if (change.Kind == ChangeKind.Deleted && graph.IsCertainly(unit, change.Path))
            {
                _deleted.Add(name);
                continue;
            }
            Add(reasons, test, reason);
            if (change.Kind == ChangeKind.Deleted)
                continue;
            _there.Add(name);
            // A method that was added to it is in no graph yet: the whole class runs.
            var whole = name with { Method = "", Parameters = "" };
            if (!_classes.TryGetValue(whole, out var before) || reason < before)
                _classes[whole] = reason;
        }
    }

    private string? TakeNew(ChangedFile change)
    {
        if (FileRules.ClassOf(change, _graphs) is not { } name)
            return $"The class of the new test {change.Path} cannot be told from its path.";
        if (_classes.ContainsKey(name))
            return null;
        _classes[name] = change.Kind == ChangeKind.Added ? Reason.NewTest : Reason.UpdatedTest;
        if (change.Kind == ChangeKind.Added)
            _newClasses++;
        else
            _updatedClasses++;
        return null;
    }

    private static string Unknown(ChangedFile change) => $"No call graph knows {change.Path}, and what it has to do with tests cannot be told.";

    private static void Add(Reason[] reasons, int test, Reason reason)
    {
        if (reason < reasons[test])
            reasons[test] = reason;
    }
}
