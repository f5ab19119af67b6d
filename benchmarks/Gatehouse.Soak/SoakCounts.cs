using System.Collections.Concurrent;

namespace Gatehouse.Soak;

/// <summary>How often what happened. Thread-safe.</summary>
internal sealed class SoakCounts
{
    private readonly ConcurrentDictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, double> _worst = new(StringComparer.Ordinal);

    public void Add(string what) => _counts.AddOrUpdate(what, 1, static (_, n) => n + 1);

    /// <summary>Keeps the largest value of a kind.</summary>
    public void Worst(string what, double value) => _worst.AddOrUpdate(what, value, (_, old) => Math.Max(old, value));

    public long Of(string what) => _counts.GetValueOrDefault(what);

    public double WorstOf(string what) => _worst.GetValueOrDefault(what);

    /// <summary>All that begin so, by name.</summary>
    public IReadOnlyList<(string Name, long Count)> All(string prefix) =>
        [.. _counts.Where(p => p.Key.StartsWith(prefix, StringComparison.Ordinal)).OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => (p.Key[prefix.Length..], p.Value))];

    public long Sum(string prefix) => All(prefix).Sum(c => c.Count);
}
