namespace Gatehouse.Gateway;

/// <summary>
/// Sets of things by account. An account whose set became empty leaves no trace: account ids in requests are the client's, and may be made
/// up. Most accounts have one: that needs no set. Thread-safe.
/// </summary>
internal sealed class PerAccount<T>
    where T : class
{
    private readonly Lock _lock = new();

    /// <summary>The one thing itself, or a <see cref="HashSet{T}"/> of them.</summary>
    private readonly Dictionary<string, object> _sets = new(StringComparer.Ordinal);

    /// <summary>Accounts with at least one.</summary>
    public int Accounts
    {
        get
        {
            lock (_lock)
                return _sets.Count;
        }
    }

    public void Add(string account, T item)
    {
        lock (_lock)
        {
            if (!_sets.TryGetValue(account, out var known))
                _sets[account] = item;
            else if (known is HashSet<T> set)
                set.Add(item);
            else if (!ReferenceEquals(known, item))
                _sets[account] = new HashSet<T>(ReferenceEqualityComparer.Instance) { (T)known, item };
        }
    }

    public void Remove(string account, T item)
    {
        lock (_lock)
        {
            if (!_sets.TryGetValue(account, out var known))
                return;
            if (ReferenceEquals(known, item) || (known is HashSet<T> set && set.Remove(item) && set.Count == 0))
                _sets.Remove(account);
        }
    }

    /// <summary>True when the account has one.</summary>
    public bool Has(string account)
    {
        lock (_lock)
            return _sets.ContainsKey(account);
    }

    /// <summary>Those of one account, as they are now.</summary>
    public IReadOnlyList<T> Of(string account)
    {
        lock (_lock)
            return _sets.TryGetValue(account, out var known) ? known is HashSet<T> set ? [.. set] : [(T)known] : [];
    }
}
