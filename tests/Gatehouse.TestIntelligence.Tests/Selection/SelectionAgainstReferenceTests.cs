using CsCheck;
using Gatehouse.TestIntelligence.Graphs;
using Gatehouse.TestIntelligence.Reports;
using Gatehouse.TestIntelligence.Selection;
using Gatehouse.Testing;

namespace Gatehouse.TestIntelligence.Tests.Selection;

/// <summary>
/// The selection on random histories of two branches, held against a plain reference that keeps for each branch what every test reached, as names in sets, and looks
/// at everything each time.
/// </summary>
public sealed class SelectionAgainstReferenceTests
{
    private const int Files = 14, Tests = 9;

    private static readonly Gen<UploadStep> s_upload = Gen.Select(
        Gen.Bool, Gen.Int[0, 3], Gen.Select(Gen.Int[0, Tests - 1], Gen.Int[0, Files - 1].Array[0, 6], Gen.Int[0, 7], Gen.Int[0, 3]).Array[0, Tests],
        (onSource, form, tests) => new UploadStep(onSource, form, [.. tests.Select(test => (test.Item1, test.Item2, test.Item3 == 0, test.Item4))]));

    private static readonly Gen<(int File, ChangeKind Kind)[]> s_changes =
        Gen.Select(Gen.Int[0, Files + 4], Gen.Int[0, 2].Select(kind => (ChangeKind)kind)).Array[0, 5];

    /// <summary>Failures that were reported, of tests that are in graphs and of some that are in none.</summary>
    private static readonly Gen<Failure[]> s_failures = Gen.Select(Gen.Int[0, Tests + 1], Gen.Int[0, 2], Gen.Bool, (test, form, hasPackage) => new Failure(test, form, hasPackage)).Array[0, 3];

    [Fact]
    public void A_test_that_reaches_a_changed_file_is_never_left_out_and_no_other_is_taken() =>
        Gen.Select(s_upload.Array[1, 8], s_changes, s_failures).Fixed().Sample((uploads, changed, failures) =>
        {
            var (graphs, reference) = (new[] { CallGraph.Empty, CallGraph.Empty }, new Reference());
            foreach (var upload in uploads)
            {
                var branch = upload.OnSource ? 1 : 0;
                // Through its bytes each time, as the store does it.
                graphs[branch] = CallGraphCodec.Decode(CallGraphCodec.Encode(GraphMerge.Apply(graphs[branch], upload.ToGraph(), _ => false)));
                reference.Learn(branch, upload);
            }
            var changes = changed.Select(change => new ChangedFile(PathOf(change.File), change.Kind, "")).ToList();
            var selection = TestSelector.Select(graphs, changes, FileRules.Habits, [.. failures.Select(failure => failure.Reported)]);
            var expected = reference.MustRun(changes, failures);
            Assert.False(selection.All, selection.Why);
            var known = selection.Tests.Where(test => test.Name.Method.Length > 0).Select(test => test.Name.Class).ToHashSet();
            Assert.Equal(expected.Order(), known.Order());
            // A class whose tests nobody knows yet comes as a whole.
            var classes = selection.Tests.Where(test => test.Name.Method.Length == 0).Select(test => test.Name.Class).ToHashSet();
            Assert.Equal(reference.WholeClasses(changes, failures).Order(), classes.Order());
            Assert.Equal(reference.Known.Count + classes.Count(name => !reference.Known.Contains(Reference.NumberOf(name))), selection.Known);
        }, iter: 20_000);

    [Fact]
    public void A_graph_is_the_same_after_its_bytes() =>
        s_upload.Array[1, 5].Fixed().Sample(uploads =>
        {
            var graph = uploads.Aggregate(CallGraph.Empty, (graph, upload) => GraphMerge.Apply(graph, upload.ToGraph(), _ => false));
            var again = CallGraphCodec.Decode(CallGraphCodec.Encode(graph));
            Assert.Equal(graph.Units, again.Units);
            Assert.Equal(graph.Tests.Select(Text), again.Tests.Select(Text));
        }, iter: 2_000);

    private static string Text(GraphTest test) => $"{test.Name} {test.Unit} {test.Traits} {string.Join(',', test.Reaches)}";

    /// <summary>Files 0 to Tests - 1 hold the tests of these numbers; the last five are unknown to every graph.</summary>
    private static string PathOf(int file) => file < Tests ? $"src/test/java/shop/T{file}Test.java" : $"src/main/java/shop/S{file}.java";

    /// <summary>A failure as runners name it: by the method, with arguments, or in words.</summary>
    internal sealed record Failure(int Test, int Form, bool HasPackage)
    {
        public string Class => $"T{Test}Test";

        public bool NamesMethod => Form < 2;

        public FailedTest Reported => new((HasPackage ? "shop." : "") + Class, Form switch { 0 => "runs", 1 => "runs(int, String)[1]", _ => "does what it should" });
    }

    internal sealed record UploadStep(bool OnSource, int Form, (int Test, int[] Files, bool AlwaysRun, int Failed)[] Tests)
    {
        private bool SomeFailed => Form == 1;

        /// <summary>How the test ended, as this upload says; null when it does not say.</summary>
        public bool? FailedOf(int failed) => Form >= 2 ? failed == 0 : null;

        public bool Broke(int failed) => FailedOf(failed) ?? SomeFailed;

        /// <summary>The last word on each test.</summary>
        public IEnumerable<(int Test, int[] Files, bool AlwaysRun, int Failed)> Each => Tests.GroupBy(test => test.Test).Select(same => same.Last());

        public GraphUpload ToGraph()
        {
            var units = new UnitNumbers();
            var tests = Each.Select(test => new UploadedTest(
                new TestName("shop", $"T{test.Test}Test", "runs", ""), units.NumberOf(UnitOf(test.Test)), test.AlwaysRun, FailedOf(test.Failed), [.. test.Files.Select(file => units.NumberOf(UnitOf(file)))])).ToList();
            return new GraphUpload(units.All, tests, SomeFailed || Each.Any(test => FailedOf(test.Failed) == true));
        }

        // Every other one is told by its class alone, as agents without sources do.
        private static CodeUnit UnitOf(int file) => new(file % 2 == 0 ? PathOf(file) : file % 3 == 0 ? Path.GetFileName(PathOf(file)) : "", "shop", Path.GetFileNameWithoutExtension(PathOf(file)));
    }

    private sealed class Reference
    {
        private readonly Dictionary<int, (HashSet<int> Reaches, bool AlwaysRun, bool Failed)>[] _branches = [[], []];

        public HashSet<int> Known => [.. _branches[0].Keys, .. _branches[1].Keys];

        public void Learn(int branch, UploadStep upload)
        {
            foreach (var (test, files, alwaysRun, failed) in upload.Each)
            {
                var before = _branches[branch].GetValueOrDefault(test);
                var reaches = files.ToHashSet();
                if (upload.Broke(failed) && before.Reaches is not null)
                    reaches.UnionWith(before.Reaches);
                _branches[branch][test] = (reaches, alwaysRun, upload.FailedOf(failed) ?? before.Failed);
            }
        }

        public HashSet<string> MustRun(List<ChangedFile> changes, Failure[] failures)
        {
            var run = new HashSet<string>();
            foreach (var branch in _branches)
            {
                foreach (var (test, (reaches, alwaysRun, failed)) in branch)
                {
                    if (alwaysRun || failed || changes.Any(change => change.Path == PathOf(test) || reaches.Any(file => PathOf(file) == change.Path)))
                        run.Add($"T{test}Test");
                }
            }
            run.UnionWith(failures.Where(failure => Known.Contains(failure.Test)).Select(failure => failure.Class));
            run.RemoveWhere(name => IsDeleted(name, changes));
            return run;
        }

        /// <summary>Of changed tests, and of failed ones that no graph has by the name that was reported.</summary>
        public HashSet<string> WholeClasses(List<ChangedFile> changes, Failure[] failures) =>
        [
            .. changes.Where(change => change.Kind != ChangeKind.Deleted && change.Path.EndsWith("Test.java", StringComparison.Ordinal)).Select(change => Path.GetFileNameWithoutExtension(change.Path)),
            .. failures.Where(failure => Known.Contains(failure.Test) ? !failure.NamesMethod && !IsDeleted(failure.Class, changes) : !IsGone(failure.Test, changes)).Select(failure => failure.Class),
        ];

        private static bool IsGone(int test, List<ChangedFile> changes)
        {
            var mine = changes.Where(change => change.Path == PathOf(test)).ToList();
            return test < Tests && mine.Count > 0 && mine.All(change => change.Kind == ChangeKind.Deleted);
        }

        public static int NumberOf(string name) => int.Parse(name.AsSpan(1, name.Length - 5), System.Globalization.CultureInfo.InvariantCulture);

        /// <summary>Deleted, and not there again: told with certainty only where a graph has the whole path or the class alone.</summary>
        private bool IsDeleted(string name, List<ChangedFile> changes)
        {
            var file = NumberOf(name);
            var isCertain = file % 2 == 0 || file % 3 != 0;
            var mine = changes.Where(change => change.Path == PathOf(file)).ToList();
            return isCertain && mine.Any(change => change.Kind == ChangeKind.Deleted) && mine.All(change => change.Kind == ChangeKind.Deleted) && Known.Contains(file);
        }
    }
}
