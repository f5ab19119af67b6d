namespace Gatehouse.TestIntelligence.Graphs;

/// <summary>
/// Brings an upload into a branch's graph. A test that ran replaces what was known of it; one that did not stays as it was, because it was not run for want of
/// changes. What a failed test reached is added to what is known: it may have broken off before it came to all of it.
/// </summary>
internal static class GraphMerge
{
    /// <summary>The new graph.</summary>
    /// <param name="graph">As it was.</param>
    /// <param name="upload">What ran.</param>
    /// <param name="isGone">True for a file that the upload's commit deleted: tests written there are let go.</param>
    public static CallGraph Apply(CallGraph graph, GraphUpload upload, Func<CodeUnit, bool> isGone)
    {
        var units = new UnitNumbers();
        var tests = new Dictionary<TestName, GraphTest>(graph.Tests.Count + upload.Tests.Count);
        var renumbered = new int?[graph.Units.Count];
        foreach (var test in graph.Tests)
        {
            if (!isGone(graph.Units[test.Unit]))
                tests[test.Name] = test with { Unit = Renumber(test.Unit), Reaches = Sorted(test.Reaches.Select(Renumber)) };
        }
        var uploaded = upload.Units.Select(units.NumberOf).ToArray();
        foreach (var test in upload.Tests)
        {
            var known = tests.GetValueOrDefault(test.Name);
            var reaches = test.Reaches.Select(unit => uploaded[unit]);
            if (known is not null && (test.Failed ?? upload.SomeFailed))
                reaches = reaches.Concat(known.Reaches);
            var failed = test.Failed ?? (known?.Traits.HasFlag(TestTraits.Failed) ?? false);
            tests[test.Name] = new GraphTest(
                test.Name, uploaded[test.Unit], (test.AlwaysRun ? TestTraits.AlwaysRun : 0) | (failed ? TestTraits.Failed : 0), Sorted(reaches));
        }
        return new CallGraph(units.All, [.. tests.Values]);

        int Renumber(int unit) => renumbered[unit] ??= units.NumberOf(graph.Units[unit]);
    }

    private static int[] Sorted(IEnumerable<int> numbers)
    {
        int[] sorted = [.. numbers];
        Array.Sort(sorted);
        var count = 0;
        for (var i = 0; i < sorted.Length; i++)
        {
            if (i == 0 || sorted[i] != sorted[i - 1])
                sorted[count++] = sorted[i];
        }
        return count == sorted.Length ? sorted : sorted[..count];
    }
}
