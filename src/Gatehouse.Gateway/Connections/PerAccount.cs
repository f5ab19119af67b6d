namespace Gatehouse.Gateway;

/// <summary>Sets of things by account. An account whose set became empty leaves no trace: account ids in requests are the client's, and may be made up. Thread-safe.</summary>
internal sealed class PerAccount<T>
    where T : notnull
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, HashSet<T>> _sets = new(StringComparer.Ordinal);

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
            if (!_sets.TryGetValue(account, out var set))
                _sets[account] = set = [];
            set.Add(item);
        }
    }

    public void Remove(string account, T item)
    {
        lock (_lock)
        {
            if (_sets.TryGetValue(account, out var set) && set.Remove(item) && set.Count == 0)
                _sets.Remove(account);
        }
    }

    /// <summary>Those of one account, as they are now.</summary>
    public IReadOnlyList<T> Of(string account)
    {
        lock (_lock)
            return _sets.TryGetValue(account, out var set) ? [.. set] : [];
    }

    /// <summary>All that <paramref name="match"/>, as they are now. The predicate is called under the lock: it must be quick.</summary>
    public IReadOnlyList<T> Where(Func<T, bool> match)
    {
        lock (_lock)
            return [.. _sets.Values.SelectMany(set => set).Where(match)];
    }
}
