namespace Gatehouse.TestIntelligence.Splits;

/// <summary>A stage of a split.</summary>
/// <param name="Tests">What it runs.</param>
/// <param name="EstimatedMs">How long it should take.</param>
internal sealed record SplitStage(IReadOnlyList<string> Tests, long EstimatedMs);

/// <summary>
/// Splits tests into stages that take about as long as each other: the longest test first, each to the stage that has least so far. The longest stage is then at most
/// 4/3 of the best there is (Graham 1969). The same tests and durations give the same stages.
/// </summary>
internal static class StageSplit
{
    /// <param name="tests">What to run; repeats count once.</param>
    /// <param name="durationOf">Of one test, in milliseconds, not negative.</param>
    /// <param name="maxStages">At most so many stages, at least 1; none is empty unless there is nothing to run.</param>
    public static IReadOnlyList<SplitStage> Of(IEnumerable<string> tests, Func<string, long> durationOf, int maxStages)
    {
        var ordered = tests.Distinct(StringComparer.Ordinal).Select(test => (Test: test, Ms: durationOf(test)))
            .OrderByDescending(test => test.Ms).ThenBy(test => test.Test, StringComparer.Ordinal).ToList();
        var count = Math.Clamp(ordered.Count, 1, maxStages);
        var stages = Enumerable.Range(0, count).Select(_ => new List<string>()).ToArray();
        var sums = new long[count];
        var least = new PriorityQueue<int, (long Sum, int Tests, int Stage)>(Enumerable.Range(0, count).Select(stage => (stage, (0L, 0, stage))));
        foreach (var (test, ms) in ordered)
        {
            var stage = least.Dequeue();
            stages[stage].Add(test);
            sums[stage] += ms;
            least.Enqueue(stage, (sums[stage], stages[stage].Count, stage));
        }
        return [.. stages.Select((stage, index) => new SplitStage(stage, sums[index]))];
    }
}
