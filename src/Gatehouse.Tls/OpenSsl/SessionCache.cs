using System.Runtime.InteropServices;

namespace Gatehouse.Tls.OpenSsl;

/// <summary>
/// Sessions that may be resumed, with what their client had presented. Bounded, and fair: when full, an owner that has more than its share
/// loses its oldest, so one tenant's reconnecting fleet does not push out another's. Thread-safe.
/// </summary>
internal sealed class SessionCache(int capacity) : IDisposable
{
    private const int IdBytes = 32;
    private readonly Lock _lock = new();
    private readonly Dictionary<SessionId, Entry> _entries = [];
    private readonly Dictionary<string, LinkedList<Entry>> _owners = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _byAge = new();
    private LinkedList<Entry>? _large;

    /// <summary>Sessions kept now.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _entries.Count;
        }
    }

    /// <summary>Keeps a session and takes its reference over. False when it cannot be kept.</summary>
    public bool Add(ReadOnlySpan<byte> id, nint session, string owner, ReadOnlyMemory<byte> context, PresentedChain chain)
    {
        if (id.Length != IdBytes)
            return false;
        var key = MemoryMarshal.Read<SessionId>(id);
        lock (_lock)
        {
            if (_entries.ContainsKey(key))
                return false;
            if (!_owners.TryGetValue(owner, out var list))
                _owners[owner] = list = new LinkedList<Entry>();
            if (_entries.Count >= capacity)
                Remove(Victim(list));
            // The eviction may have emptied, and so dropped, this owner's list.
            _owners[owner] = list;
            var entry = new Entry(key, session, owner, context, chain);
            _entries[key] = entry;
            list.AddLast(entry.OfOwner);
            _byAge.AddLast(entry.ByAge);
            if (_large is null || list.Count > _large.Count)
                _large = list;
            return true;
        }
    }

    /// <summary>The session with this id, with a reference for the caller, if it belongs to <paramref name="context"/>.</summary>
    public FoundSession? Find(ReadOnlySpan<byte> id, ReadOnlyMemory<byte> context)
    {
        if (id.Length != IdBytes)
            return null;
        lock (_lock)
        {
            // Another context is another endpoint, or this one before a change of its trust: never resumed (threats A1, A2).
            if (!_entries.TryGetValue(MemoryMarshal.Read<SessionId>(id), out var entry) || !entry.Context.Span.SequenceEqual(context.Span))
                return null;
            return Native.SSL_SESSION_up_ref(entry.Session) == 1 ? new FoundSession(entry.Session, entry.Chain) : null;
        }
    }

    public void Remove(ReadOnlySpan<byte> id)
    {
        lock (_lock)
        {
            if (id.Length == IdBytes && _entries.TryGetValue(MemoryMarshal.Read<SessionId>(id), out var entry))
                Remove(entry);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            while (_byAge.First is { } oldest)
                Remove(oldest.Value);
        }
    }

    private Entry Victim(LinkedList<Entry> own)
    {
        var share = Math.Max(1, capacity / _owners.Count);
        if (own.Count >= share)
            return own.First!.Value;
        return _large is { } large && large.Count > share ? large.First!.Value : _byAge.First!.Value;
    }

    private void Remove(Entry entry)
    {
        _entries.Remove(entry.Id);
        _byAge.Remove(entry.ByAge);
        var list = _owners[entry.Owner];
        list.Remove(entry.OfOwner);
        if (list.Count == 0)
        {
            _owners.Remove(entry.Owner);
            if (ReferenceEquals(_large, list))
                _large = null;
        }
        Native.SSL_SESSION_free(entry.Session);
    }

    /// <summary>The 32 random bytes by which a session is asked for.</summary>
    private readonly record struct SessionId(ulong A, ulong B, ulong C, ulong D);

    private sealed class Entry
    {
        public Entry(SessionId id, nint session, string owner, ReadOnlyMemory<byte> context, PresentedChain chain)
        {
            (Id, Session, Owner, Context, Chain) = (id, session, owner, context, chain);
            (OfOwner, ByAge) = (new(this), new(this));
        }

        public SessionId Id { get; }
        public nint Session { get; }
        public string Owner { get; }
        public ReadOnlyMemory<byte> Context { get; }
        public PresentedChain Chain { get; }
        public LinkedListNode<Entry> OfOwner { get; }
        public LinkedListNode<Entry> ByAge { get; }
    }
}

/// <summary>A session to resume and what its client presented when it was made. Holds a reference: hand it to OpenSSL or release it.</summary>
internal readonly record struct FoundSession(nint Session, PresentedChain Chain)
{
    public void Release() => Native.SSL_SESSION_free(Session);
}
