using System.Buffers;
using System.Text;
using Gatehouse.Contracts;

namespace Gatehouse.Delegate;

/// <summary>
/// What is to be masked, as an Aho-Corasick automaton over bytes: one step for each byte of output, however many secrets there are. Its state is the longest
/// end of what was read that begins a secret. Immutable.
/// </summary>
internal sealed class SecretPatterns
{
    /// <summary>What stands in a secret's place, as in the public clients (log and TI sheet §8).</summary>
    internal const string Mask = "**************";

    private readonly Dictionary<int, int> _children = [];
    private readonly int[] _ofRoot = new int[256];
    private readonly List<int> _fallbacks = [0];
    private readonly List<int> _depths = [0];
    private readonly List<int> _matches = [0];
    private readonly SearchValues<byte> _firsts;

    /// <summary>Takes secrets: each line of one counts by itself, because output comes in lines, and without the blanks around it.</summary>
    internal SecretPatterns(IEnumerable<string> secrets)
    {
        foreach (var line in secrets.SelectMany(secret => secret.Split(['\n', '\r'], StringSplitOptions.TrimEntries)))
        {
            var bytes = Encoding.UTF8.GetBytes(line);
            if (bytes.Length >= Limits.MinMaskedBytes)
                Add(bytes);
        }

        Link();
        _firsts = SearchValues.Create(Enumerable.Range(0, 256).Where(first => _ofRoot[first] != 0).Select(first => (byte)first).ToArray());
    }

    /// <summary>There is nothing to mask.</summary>
    internal bool IsEmpty => _depths.Count == 1;

    /// <summary>Where in <paramref name="bytes"/> a secret may begin first; -1: nowhere.</summary>
    internal int FirstIn(ReadOnlySpan<byte> bytes) => bytes.IndexOfAny(_firsts);

    /// <summary>The state after one more byte; 0 is the first.</summary>
    internal int Step(int state, byte next)
    {
        for (; state != 0; state = _fallbacks[state])
        {
            if (_children.TryGetValue(Edge(state, next), out var child))
                return child;
        }

        return _ofRoot[next];
    }

    /// <summary>How many bytes at the end of what was read may begin a secret.</summary>
    internal int Depth(int state) => _depths[state];

    /// <summary>Length of the longest secret that ends here; 0: none does.</summary>
    internal int Match(int state) => _matches[state];

    private void Add(byte[] pattern)
    {
        var state = 0;
        foreach (var next in pattern)
        {
            var child = state == 0 ? _ofRoot[next] : _children.GetValueOrDefault(Edge(state, next));
            if (child == 0)
            {
                child = _depths.Count;
                _depths.Add(_depths[state] + 1);
                _fallbacks.Add(0);
                _matches.Add(0);
                if (state == 0)
                    _ofRoot[next] = child;
                else
                    _children[Edge(state, next)] = child;
            }

            state = child;
        }

        _matches[state] = pattern.Length;
    }

    /// <summary>Breadth first: a state falls back to the longest proper end of it that is a state, too.</summary>
    private void Link()
    {
        var edges = _children.GroupBy(edge => edge.Key >> 8, edge => ((byte)edge.Key, edge.Value)).ToDictionary(group => group.Key, group => group.ToList());
        var queue = new Queue<int>(_ofRoot.Where(child => child != 0));
        while (queue.TryDequeue(out var state))
        {
            foreach (var (next, child) in edges.GetValueOrDefault(state) ?? [])
            {
                _fallbacks[child] = Step(_fallbacks[state], next);
                _matches[child] = Math.Max(_matches[child], _matches[_fallbacks[child]]);
                queue.Enqueue(child);
            }
        }
    }

    private static int Edge(int state, byte next) => (state << 8) | next;
}
