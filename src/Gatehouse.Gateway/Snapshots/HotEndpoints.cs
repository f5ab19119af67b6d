namespace Gatehouse.Gateway;

/// <summary>
/// Bounds how many endpoints are kept parsed, and how many accepted chains are kept over all of them. The clock algorithm: a use sets a mark,
/// without a lock; whoever is found unmarked when room is needed goes back to its bare trust. Thread-safe.
/// </summary>
/// <param name="capacity">Endpoints kept parsed; some 10 KB each.</param>
/// <param name="maxVerdicts">Accepted chains kept over all endpoints; some 1 KB each.</param>
internal sealed class HotEndpoints(int capacity = 2048, int maxVerdicts = 32 * 1024)
{
    private readonly Lock _lock = new();
    private readonly List<HotEndpoint> _ring = [];
    private int _hand;
    private int _verdicts;

    /// <summary>Endpoints that are parsed now.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _ring.Count;
        }
    }

    /// <summary>Accepted chains that are kept now.</summary>
    public int Verdicts => Volatile.Read(ref _verdicts);

    /// <summary>Takes one in; when full, another goes.</summary>
    public void Admit(HotEndpoint endpoint)
    {
        lock (_lock)
        {
            if (_ring.Count >= capacity)
                EvictOne(endpoint);
            _ring.Add(endpoint);
        }
    }

    /// <summary>Takes one out that was replaced: nobody will ask for it, and it would keep its room until others need it.</summary>
    public void Remove(HotEndpoint endpoint)
    {
        lock (_lock)
        {
            if (_ring.IndexOf(endpoint) is >= 0 and var index)
                Evict(index);
        }
    }

    /// <summary>An endpoint keeps more chains than before; over the limit, others lose theirs.</summary>
    public void Grew(HotEndpoint endpoint, int added)
    {
        if (Interlocked.Add(ref _verdicts, added) <= maxVerdicts)
            return;
        lock (_lock)
        {
            while (_verdicts > maxVerdicts && _ring.Count > 1)
                EvictOne(endpoint);
        }
    }

    // Ends: each step takes a mark away, and a second round finds none but those set meanwhile.
    private void EvictOne(HotEndpoint exceptFor)
    {
        for (var steps = 0; steps <= 2 * _ring.Count; steps++)
        {
            _hand = _hand + 1 < _ring.Count ? _hand + 1 : 0;
            var candidate = _ring[_hand];
            if (ReferenceEquals(candidate, exceptFor) || (candidate.TakeUsed() && steps < _ring.Count))
                continue;
            Evict(_hand);
            return;
        }
    }

    private void Evict(int index)
    {
        var endpoint = _ring[index];
        endpoint.Owner.Cool(endpoint);
        Interlocked.Add(ref _verdicts, -endpoint.Verdicts.Close());
        _ring[index] = _ring[^1];
        _ring.RemoveAt(_ring.Count - 1);
    }
}
