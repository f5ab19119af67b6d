using System.Collections.Concurrent;

namespace Gatehouse.TestIntelligence.SkipLists;

/// <summary>What may be left out.</summary>
/// <param name="Skip">Test files with the checksum of the chain that allows it; with <see cref="SkipGraph.NonCode"/> unless it is empty.</param>
/// <param name="Failed">Test files that failed when they last ran; never among the others.</param>
internal sealed record SkipList(IReadOnlyDictionary<string, ulong> Skip, IReadOnlyList<string> Failed);

/// <summary>
/// A test may be skipped when a run is on record that passed with the very files of now: the test's own file and all that the run reached have the checksums they
/// had then. A file that is not there now matches nothing; a chain that is also on record as anything else than passed allows nothing.
/// </summary>
internal static class SkipSelector
{
    /// <param name="graph">What is on record.</param>
    /// <param name="files">All files of now, with their checksums.</param>
    public static SkipList Select(SkipGraph graph, IReadOnlyDictionary<string, ulong> files)
    {
        var tests = graph.Tests.Values.ToArray();
        if (tests.Length == 0)
            return new SkipList(new Dictionary<string, ulong>(), []);
        var (first, sets) = (new int[tests.Length], 0);
        for (var i = 0; i < tests.Length; i++)
            (first[i], sets) = (sets, sets + tests[i].Sets.Count);
        var asked = new ChainMemory(graph.Paths, files, sets, graph.LastAsked);
        var question = new Question(files, graph.Paths, new byte[]?[graph.Paths.Count], asked);
        var allowed = new ulong?[tests.Length];
        Parallel.ForEach(Partitioner.Create(0, tests.Length, Math.Max(1, tests.Length / 16)), range =>
        {
            var hash = new ChainChecksum();
            for (var i = range.Item1; i < range.Item2; i++)
                allowed[i] = Match(tests[i], first[i], question, hash);
        });
        graph.LastAsked = asked.Kept();
        var skip = new Dictionary<string, ulong>(tests.Length, StringComparer.Ordinal);
        for (var i = 0; i < tests.Length; i++)
        {
            if (allowed[i] is { } chain)
                skip[tests[i].Path] = chain;
        }
        List<string> failed = [.. tests.Where(test => test.HasFailed && test.Path != SkipGraph.NonCode && files.ContainsKey(test.Path)).Select(test => test.Path).Order(StringComparer.Ordinal)];
        // Clients throw a list away that does not say this; and when what is not code has changed, nothing is known of any test.
        return new SkipList(skip.ContainsKey(SkipGraph.NonCode) ? skip : new Dictionary<string, ulong>(), failed);
    }

    /// <summary>The chain that allows skipping the test; null when none does.</summary>
    private static ulong? Match(SkipTest test, int firstSet, Question question, ChainChecksum hash)
    {
        if (test.HasFailed)
            return null;
        ulong? own = question.Files.TryGetValue(test.Path, out var checksum) ? checksum : null;
        // It is no file, so it has no checksum of its own.
        if (own is null && test.Path != SkipGraph.NonCode)
            return null;
        ulong? allowed = null;
        for (var set = 0; set < test.Sets.Count; set++)
        {
            if (question.Asked.ChecksumOf(firstSet + set, test.Sets[set], question.Parts, question.Paths, hash) is not { } now)
                continue;
            foreach (var chain in test.Chains)
            {
                if (chain.Sources != now || (own is { } mine && chain.Test != mine))
                    continue;
                if (chain.State != ChainState.Success)
                    return null;
                allowed = now;
            }
        }
        return allowed;
    }

    private sealed record Question(IReadOnlyDictionary<string, ulong> Files, IReadOnlyList<string> Paths, byte[]?[] Parts, ChainMemory Asked);
}
