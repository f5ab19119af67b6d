using Gatehouse.Contracts;

namespace Gatehouse.Gateway;

/// <summary>Holds the current <see cref="TrustSnapshot"/>: one volatile read per connection, swapped as a whole, one writer at a time.</summary>
internal sealed class TrustIndex
{
    private readonly Lock _writer = new();
    private readonly HotEndpoints _hot = new();
    private volatile TrustSnapshot _current = TrustSnapshot.Empty;

    /// <summary>Raised after a swap, on the writer's flow, with the accounts whose endpoint changed.</summary>
    public event Action<IReadOnlyCollection<string>>? Changed;

    public TrustSnapshot Current => _current;

    /// <summary>Endpoints whose trust is parsed now.</summary>
    public int Parsed => _hot.Count;

    /// <summary>Applies changes in any order; older generations than the known one are ignored.</summary>
    public void Apply(IReadOnlyList<EndpointTrust> changes)
    {
        var changed = new List<string>(changes.Count);
        TrustSnapshot before;
        lock (_writer)
        {
            before = _current;
            _current = before.With(changes, changed, _hot);
        }
        if (changed.Count == 0)
            return;
        Changed?.Invoke(changed);
        // Last: those who judge anew still compare with what was.
        foreach (var account in changed)
            before.ByAccount.GetValueOrDefault(account)?.Retire();
    }
}
