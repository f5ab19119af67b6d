using System.Diagnostics.CodeAnalysis;

namespace Gatehouse.Gateway;

/// <summary>
/// An immutable map from names to endpoints for a hundred thousand of them: one large table that many versions share, and over it a small
/// one with what changed since. A look-up is two hash look-ups at most and allocates nothing; a change copies the small table, and every
/// few hundred changes a new large one is made.
/// </summary>
internal sealed class OverlaidMap
{
    /// <summary>Least entries of the small table before it is merged: below this a copy costs microseconds.</summary>
    private const int MinOverlay = 256;

    private readonly Dictionary<string, EndpointSnapshot> _base;

    /// <summary>What differs from <see cref="_base"/>; null: no longer there. Null when nothing differs.</summary>
    private readonly Dictionary<string, EndpointSnapshot?>? _overlay;

    private OverlaidMap(Dictionary<string, EndpointSnapshot> table, Dictionary<string, EndpointSnapshot?>? overlay, int count) =>
        (_base, _overlay, Count) = (table, overlay, count);

    public static OverlaidMap Empty { get; } = new(new(StringComparer.Ordinal), null, 0);

    public int Count { get; }

    public bool TryGetValue(string name, [NotNullWhen(true)] out EndpointSnapshot? endpoint) =>
        _overlay is not null && _overlay.TryGetValue(name, out endpoint) ? endpoint is not null : _base.TryGetValue(name, out endpoint);

    public EndpointSnapshot? GetValueOrDefault(string name) => TryGetValue(name, out var endpoint) ? endpoint : null;

    /// <summary>The map after <paramref name="changes"/>, in which null removes. Takes the dictionary over: the caller must not use it again.</summary>
    public OverlaidMap With(Dictionary<string, EndpointSnapshot?> changes)
    {
        if (changes.Count == 0)
            return this;
        var count = Count;
        foreach (var (name, endpoint) in changes)
            count += (endpoint is null ? 0 : 1) - (TryGetValue(name, out _) ? 1 : 0);

        if ((_overlay?.Count ?? 0) + changes.Count > Math.Max(MinOverlay, _base.Count / 128))
            return new(Merged(changes), null, count);
        if (_overlay is null)
            return new(_base, changes, count);
        var overlay = new Dictionary<string, EndpointSnapshot?>(_overlay, StringComparer.Ordinal);
        foreach (var (name, endpoint) in changes)
            overlay[name] = endpoint;
        return new(_base, overlay, count);
    }

    private Dictionary<string, EndpointSnapshot> Merged(Dictionary<string, EndpointSnapshot?> changes)
    {
        // At start there is nothing to share: what was read becomes the table.
        var merged = _base.Count == 0 && _overlay is null ? changes : new Dictionary<string, EndpointSnapshot?>(_base!, StringComparer.Ordinal);
        Apply(_overlay);
        Apply(changes);
        return merged!;

        void Apply(Dictionary<string, EndpointSnapshot?>? differences)
        {
            foreach (var (name, endpoint) in differences ?? [])
            {
                // Removing while enumerating one's own is allowed.
                if (endpoint is null)
                    merged.Remove(name);
                else if (!ReferenceEquals(merged, differences))
                    merged[name] = endpoint;
            }
        }
    }
}
