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
        var paths = new PathNumbers(graph.Paths, upload.Paths);
        var tests = new Dictionary<string, SkipTest>(Math.Max(graph.Tests.Count, upload.Tests.Count), StringComparer.Ordinal);
        foreach (var test in graph.Tests.Values.Where(test => !upload.Tests.ContainsKey(test.Path)))
        {
            var kept = test.Chains.Where(chain => chain.UpdatedAt >= oldest).ToArray();
            if (kept.Length > 0)
                tests[test.Path] = test with { Sets = [.. test.Sets.Select(paths.OfGraph)], Chains = kept, HasFailed = test.HasFailed || upload.Failures.Contains(test.Path) };
        }
        foreach (var (path, ran) in upload.Tests)
        {
            var known = graph.Tests.GetValueOrDefault(path);
            tests[path] = new SkipTest(
                path, Sets(ran, known, paths), Chains(ran, known, today, oldest), upload.Failures.Contains(path) || ran.HasFailed);
        }
        return new SkipGraph(paths.All, tests);
    }

    private static int[][] Sets(UploadedRuns ran, SkipTest? known, PathNumbers paths)
    {
        // Nearly always one set, and the one that was known.
        var sets = new List<int[]>(1);
        foreach (var set in ran.Sets)
            Add(paths.OfUpload(set));
        foreach (var set in known?.Sets ?? [])
            Add(paths.OfGraph(set));
        return [.. sets];

        void Add(int[] set)
        {
            if (sets.Count < SetsPerTest && !sets.Exists(other => other.AsSpan().SequenceEqual(set)))
                sets.Add(set);
        }
    }

    private static RecordedChain[] Chains(UploadedRuns ran, SkipTest? known, int today, int oldest)
    {
        var chains = new List<RecordedChain>(ran.Chains.Count);
        foreach (var chain in ran.Chains)
            chains.Add(new RecordedChain(chain.Test, chain.Sources, chain.State, today));
        foreach (var chain in known?.Chains ?? [])
        {
            if (chain.UpdatedAt >= oldest && !ran.Chains.Exists(newer => newer.Test == chain.Test && newer.Sources == chain.Sources))
                chains.Add(chain);
        }
        return chains.Count <= ChainsPerTest ? [.. chains] : [.. chains.Take(ChainsPerTest)];
    }

    /// <summary>
    /// Numbers of the new graph for paths of the old one and of the upload: each path is looked up once, however many sets it is in. Only paths that are in a set get one.
    /// </summary>
    private sealed class PathNumbers
    {
        private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
        private readonly List<string> _all = [];
        private readonly IReadOnlyList<string> _graph;
        private readonly IReadOnlyList<string> _upload;
        private readonly int[] _fromGraph;
        private readonly int[] _fromUpload;

        /// <summary>For each path of the upload its place in the order of bytes.</summary>
        private readonly int[] _place;

        internal PathNumbers(IReadOnlyList<string> graph, IReadOnlyList<string> upload)
        {
            (_graph, _upload) = (graph, upload);
            (_fromGraph, _fromUpload, _place) = (new int[graph.Count], new int[upload.Count], new int[upload.Count]);
            int[] ordered = [.. Enumerable.Range(0, upload.Count)];
            string[] keys = [.. upload];
            Array.Sort(keys, ordered, PathOrder.Instance);
            for (var i = 0; i < ordered.Length; i++)
                _place[ordered[i]] = i;
        }

        internal IReadOnlyList<string> All => _all;

        internal int[] OfGraph(int[] set) => Array.ConvertAll(set, path => Number(_fromGraph, _graph, path));

        /// <summary>In order and each once, which they mostly are.</summary>
        internal int[] OfUpload(int[] set)
        {
            for (var i = 1; i < set.Length; i++)
            {
                if (_place[set[i - 1]] < _place[set[i]])
                    continue;
                set = [.. set.Distinct()];
                Array.Sort(set, (x, y) => _place[x].CompareTo(_place[y]));
                break;
            }
            return Array.ConvertAll(set, path => Number(_fromUpload, _upload, path));
        }

        /// <summary>Kept with 1 added: 0 says that it has not been asked for.</summary>
        private int Number(int[] known, IReadOnlyList<string> paths, int path)
        {
            if (known[path] == 0)
            {
                if (!_numbers.TryGetValue(paths[path], out var number))
                {
                    _numbers[paths[path]] = number = _all.Count;
                    _all.Add(paths[path]);
                }
                known[path] = number + 1;
            }
            return known[path] - 1;
        }
    }

    /// <summary>By the bytes of UTF-8, as clients sort; ordinal order differs where a path leaves the basic plane.</summary>
    private sealed class PathOrder : IComparer<string>
    {
        public static PathOrder Instance { get; } = new();

        public int Compare(string? x, string? y)
        {
            var order = string.CompareOrdinal(x, y);
            return order == 0 || (x!.AsSpan().IndexOfAnyInRange('\ud800', '\udfff') < 0 && y!.AsSpan().IndexOfAnyInRange('\ud800', '\udfff') < 0)
                ? order
                : Encoding.UTF8.GetBytes(x!).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y!));
        }
    }
}
