using System.Text;

namespace Gatehouse.TestIntelligence.SkipLists;

/// <summary>Brings an upload into what is on record: runs are added, those that were uploaded again are renewed, and the oldest go.</summary>
internal static class SkipMerge
{
    /// <summary>Sets of files kept for a test; a run whose set is gone allows nothing any more.</summary>
    public const int SetsPerTest = 8;

    /// <summary>Runs kept for a test.</summary>
    public const int ChainsPerTest = 32;

    /// <param name="graph">As it was.</param>
    /// <param name="upload">What ran.</param>
    /// <param name="today">Unix days.</param>
    /// <param name="oldest">Runs that were last uploaded before this day go.</param>
    public static SkipGraph Apply(SkipGraph graph, SkipUpload upload, int today, int oldest)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var paths = new List<string>();
        var tests = new Dictionary<string, SkipTest>(StringComparer.Ordinal);
        var chains = upload.Chains.ToLookup(chain => chain.Path, StringComparer.Ordinal);
        var ran = new HashSet<string>(upload.Sets.Keys, StringComparer.Ordinal);
        ran.UnionWith(chains.Select(group => group.Key));

        foreach (var test in graph.Tests.Values.Where(test => !ran.Contains(test.Path)))
        {
            var kept = test.Chains.Where(chain => chain.UpdatedAt >= oldest).ToList();
            if (kept.Count > 0)
                tests[test.Path] = test with { Sets = [.. test.Sets.Select(set => Array.ConvertAll(set, path => NumberOf(graph.Paths[path])))], Chains = kept, HasFailed = test.HasFailed || upload.Failures.Contains(test.Path) };
        }
        foreach (var path in ran)
        {
            var known = graph.Tests.GetValueOrDefault(path);
            var sets = new List<int[]>();
            foreach (var set in upload.Sets.GetValueOrDefault(path, []))
                AddSet(sets, InOrder(Array.ConvertAll(set, file => upload.Paths[file])));
            foreach (var set in known?.Sets ?? [])
                AddSet(sets, Array.ConvertAll(set, file => graph.Paths[file]));
            var now = chains[path].Select(chain => new RecordedChain(chain.Test, chain.Sources, chain.State, today)).ToList();
            var before = (known?.Chains ?? []).Where(chain => chain.UpdatedAt >= oldest && !now.Exists(newer => newer.Test == chain.Test && newer.Sources == chain.Sources));
            tests[path] = new SkipTest(
                path, sets, [.. now.Concat(before).Take(ChainsPerTest)], upload.Failures.Contains(path) || now.Exists(chain => chain.State == ChainState.Failure));
        }
        return new SkipGraph(paths, tests);

        void AddSet(List<int[]> sets, string[] files)
        {
            var set = Array.ConvertAll(files, NumberOf);
            if (sets.Count < SetsPerTest && !sets.Exists(other => other.AsSpan().SequenceEqual(set)))
                sets.Add(set);
        }

        int NumberOf(string path)
        {
            if (!numbers.TryGetValue(path, out var number))
            {
                numbers[path] = number = paths.Count;
                paths.Add(path);
            }
            return number;
        }
    }

    /// <summary>In order and each once, which they mostly are.</summary>
    private static string[] InOrder(string[] paths)
    {
        for (var i = 1; i < paths.Length; i++)
        {
            if (PathOrder.Instance.Compare(paths[i - 1], paths[i]) >= 0)
                return [.. paths.Distinct(StringComparer.Ordinal).Order(PathOrder.Instance)];
        }
        return paths;
    }

    /// <summary>By the bytes of UTF-8, as clients sort; ordinal order differs where a path leaves the basic plane.</summary>
    private sealed class PathOrder : IComparer<string>
    {
        public static PathOrder Instance { get; } = new();

        public int Compare(string? x, string? y) => x!.AsSpan().IndexOfAnyInRange('\ud800', '\udfff') < 0 && y!.AsSpan().IndexOfAnyInRange('\ud800', '\udfff') < 0
            ? string.CompareOrdinal(x, y)
            : Encoding.UTF8.GetBytes(x!).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y!));
    }
}
