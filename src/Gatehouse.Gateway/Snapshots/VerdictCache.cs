namespace Gatehouse.Gateway;

/// <summary>
/// Chains that were accepted for one endpoint at one generation, so that the same certificates are not path-validated again: on the next
/// handshake, a resumption, a look at what is open. Only accepted chains are kept: they cost their sender a certificate of the account, so a
/// stranger cannot fill it. Reading takes no lock: a slot is one reference to something immutable.
/// </summary>
/// <param name="grew">Told by how many entries it grew.</param>
internal sealed class VerdictCache(Action<int> grew)
{
    /// <summary>Most chains of one endpoint; with more, each new one takes the place of another.</summary>
    public const int MaxEntries = 256;

    private const int Ways = 4;
    private readonly Lock _writer = new();
    private Entry?[] _slots = [];
    private int _count;
    private int _turn;
    private bool _closed;

    private sealed record Entry(ChainKey Key, ConnectionVerdict Verdict, DateTimeOffset From);

    /// <summary>
    /// The verdict on these certificates, when it was reached before and holds at <paramref name="now"/>: not past the end of anything in
    /// the path, and not before it was reached, should the clock have been set back.
    /// </summary>
    public ConnectionVerdict? Find(ChainKey key, DateTimeOffset now)
    {
        var slots = Volatile.Read(ref _slots);
        if (slots.Length == 0)
            return null;
        for (var way = 0; way < Ways; way++)
        {
            if (Volatile.Read(ref slots[SlotOf(slots, key, way)]) is { } entry && entry.Key == key)
                return entry.From <= now && now < entry.Verdict.ValidUntil ? entry.Verdict : null;
        }
        return null;
    }

    /// <summary>
    /// Keeps an accepted verdict that says until when it holds; any other is not kept. Without the certificates themselves: a client may send 64 KiB of
    /// them, and what is kept here outlives its connection.
    /// </summary>
    public void Keep(ChainKey key, ConnectionVerdict verdict, DateTimeOffset now)
    {
        if (!verdict.IsAccepted || verdict.ValidUntil is null)
            return;
        int added;
        lock (_writer)
        {
            if (_closed)
                return;
            var before = _count;
            var entry = new Entry(key, verdict.With(signatures: null), now);
            while (!TryPlace(_slots, entry) && _slots.Length < MaxEntries)
                Enlarge();
            added = _count - before;
        }
        if (added != 0)
            grew(added);
    }

    /// <summary>Forgets all and keeps none from now on; returns how many there were.</summary>
    public int Close()
    {
        lock (_writer)
        {
            _closed = true;
            Volatile.Write(ref _slots, []);
            return _count;
        }
    }

    // The same key's place, else a free one, else false; at full size, else another's.
    private bool TryPlace(Entry?[] slots, Entry entry)
    {
        if (slots.Length == 0)
            return false;
        var free = -1;
        for (var way = 0; way < Ways; way++)
        {
            var slot = SlotOf(slots, entry.Key, way);
            if (slots[slot] is not { } other)
                free = slot;
            else if (other.Key == entry.Key)
                return Put(slot, grows: 0);
        }
        if (free >= 0)
            return Put(free, grows: 1);
        return slots.Length >= MaxEntries && Put(SlotOf(slots, entry.Key, _turn++ % Ways), grows: 0);

        bool Put(int slot, int grows)
        {
            Volatile.Write(ref slots[slot], entry);
            _count += grows;
            return true;
        }
    }

    private void Enlarge()
    {
        var old = _slots;
        var slots = new Entry?[Math.Max(Ways, old.Length * 2)];
        _count = 0;
        // Twice the room: a group of four splits in two, so each finds a place.
        foreach (var entry in old)
        {
            if (entry is not null)
                TryPlace(slots, entry);
        }
        Volatile.Write(ref _slots, slots);
    }

    // Groups of four: the key is a hash already.
    private static int SlotOf(Entry?[] slots, ChainKey key, int way) => ((int)(key.A & (uint)(slots.Length / Ways - 1)) * Ways) + way;
}
