using System.Runtime.CompilerServices;

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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static CallGraph Apply(CallGraph graph, GraphUpload upload, Func<CodeUnit, bool> isGone)
    {
        var units = new UnitNumbers();
        var uploaded = upload.Units.Select(units.NumberOf).ToArray();
        var renumbered = new int?[graph.Units.Count];
        var known = new Dictionary<TestName, GraphTest>(graph.Tests.Count);
        foreach (var test in graph.Tests)
        {
            if (!isGone(graph.Units[test.Unit]))
                known[test.Name] = test;
        }
        var tests = new List<GraphTest>(known.Count + upload.Tests.Count);
        foreach (var test in upload.Tests)
        {
            known.Remove(test.Name, out var before);
            int[] reaches = [.. test.Reaches];
            for (var i = 0; i < reaches.Length; i++)
                reaches[i] = uploaded[reaches[i]];
            if (before is not null && (test.Failed ?? upload.SomeFailed))
                reaches = [.. reaches, .. before.Reaches.Select(Renumber)];
            var failed = test.Failed ?? (before?.Traits.HasFlag(TestTraits.Failed) ?? false);
            tests.Add(new GraphTest(test.Name, uploaded[test.Unit], (test.AlwaysRun ? TestTraits.AlwaysRun : 0) | (failed ? TestTraits.Failed : 0), Sorted(reaches)));
        }
        // What did not run stays as it was.
        foreach (var test in known.Values)
            tests.Add(test with { Unit = Renumber(test.Unit), Reaches = Sorted(Array.ConvertAll(test.Reaches, Renumber)) });
        return new CallGraph(units.All, tests);

        int Renumber(int unit) => renumbered[unit] ??= units.NumberOf(graph.Units[unit]);
    }

    /// <summary>Ascending, each once; <paramref name="numbers"/> is used up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int[] Sorted(int[] numbers)
    {
        Array.Sort(numbers);
        var count = 0;
        for (var i = 0; i < numbers.Length; i++)
        {
            if (i == 0 || numbers[i] != numbers[i - 1])
                numbers[count++] = numbers[i];
        }
        return count == numbers.Length ? numbers : numbers[..count];
    }
}
