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
        var parts = new byte[]?[graph.Paths.Count];
        for (var i = 0; i < parts.Length; i++)
            parts[i] = files.TryGetValue(graph.Paths[i], out var checksum) ? ChainChecksum.Part(graph.Paths[i], checksum) : null;

        var tests = graph.Tests.Values.ToArray();
        var allowed = new ulong?[tests.Length];
        if (tests.Length == 0)
            return new SkipList(new Dictionary<string, ulong>(), []);
        Parallel.ForEach(Partitioner.Create(0, tests.Length, Math.Max(1, tests.Length / 16)), range =>
        {
            var hash = new ChainChecksum();
            for (var i = range.Item1; i < range.Item2; i++)
                allowed[i] = Match(tests[i], files, parts, hash);
        });
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
    private static ulong? Match(SkipTest test, IReadOnlyDictionary<string, ulong> files, byte[]?[] parts, ChainChecksum hash)
    {
        if (test.HasFailed)
            return null;
        ulong? own = files.TryGetValue(test.Path, out var checksum) ? checksum : null;
        // It is no file, so it has no checksum of its own.
        if (own is null && test.Path != SkipGraph.NonCode)
            return null;
        ulong? allowed = null;
        foreach (var set in test.Sets)
        {
            if (ChecksumOf(set, parts, hash) is not { } now)
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

    private static ulong? ChecksumOf(int[] set, byte[]?[] parts, ChainChecksum hash)
    {
        foreach (var path in set)
        {
            if (parts[path] is null)
                return null;
        }
        foreach (var path in set)
            hash.Add(parts[path]);
        return hash.Take();
    }
}
