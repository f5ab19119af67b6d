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
    private readonly Dictionary<string, Owner> _owners = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _byAge = new();

    /// <summary>First owner of each number of sessions: who has most is known at once, whoever it is and however long ago it came.</summary>
    private readonly List<Owner?> _bySize = [null];
    private int _largest;

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
            if (_entries.Count >= capacity)
                Remove(Victim(owner));
            // After the eviction, which may have taken this owner's last one.
            if (!_owners.TryGetValue(owner, out var of))
                _owners[owner] = of = new Owner(owner);
            var entry = new Entry(key, session, of, context, chain);
            _entries[key] = entry;
            _byAge.AddLast(entry.ByAge);
            of.Sessions.AddLast(entry.OfOwner);
            Resized(of, of.Sessions.Count - 1);
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

    // Its own oldest for who has its share, else the oldest of whoever has most and more than a share: nobody else loses anything.
    private Entry Victim(string newcomer)
    {
        var own = _owners.GetValueOrDefault(newcomer);
        var share = Math.Max(1, capacity / (_owners.Count + (own is null ? 1 : 0)));
        if (own?.Sessions.Count >= share)
            return own.Sessions.First!.Value;
        return _largest > share ? _bySize[_largest]!.Sessions.First!.Value : _byAge.First!.Value;
    }

    private void Remove(Entry entry)
    {
        _entries.Remove(entry.Id);
        _byAge.Remove(entry.ByAge);
        var owner = entry.Owner;
        owner.Sessions.Remove(entry.OfOwner);
        Resized(owner, owner.Sessions.Count + 1);
        if (owner.Sessions.Count == 0)
            _owners.Remove(owner.Name);
        Native.SSL_SESSION_free(entry.Session);
    }

    // By one, so that the largest size is the old one, or one beside it.
    private void Resized(Owner owner, int before)
    {
        var now = owner.Sessions.Count;
        if (before > 0)
        {
            if (owner.PreviousOfSize is { } previous)
                previous.NextOfSize = owner.NextOfSize;
            else
                _bySize[before] = owner.NextOfSize;
            if (owner.NextOfSize is { } next)
                next.PreviousOfSize = owner.PreviousOfSize;
            (owner.PreviousOfSize, owner.NextOfSize) = (null, null);
        }
        if (now == _bySize.Count)
            _bySize.Add(null);
        if (now > 0)
        {
            if (_bySize[now] is { } first)
                (owner.NextOfSize, first.PreviousOfSize) = (first, owner);
            _bySize[now] = owner;
        }
        if (now > _largest || (before == _largest && _bySize[before] is null))
            _largest = now;
    }

    /// <summary>The 32 random bytes by which a session is asked for.</summary>
    private readonly record struct SessionId(ulong A, ulong B, ulong C, ulong D);

    private sealed class Owner(string name)
    {
        public string Name { get; } = name;

        /// <summary>The oldest first.</summary>
        public LinkedList<Entry> Sessions { get; } = new();
        public Owner? PreviousOfSize { get; set; }
        public Owner? NextOfSize { get; set; }
    }

    private sealed class Entry
    {
        public Entry(SessionId id, nint session, Owner owner, ReadOnlyMemory<byte> context, PresentedChain chain)
        {
            (Id, Session, Owner, Context, Chain) = (id, session, owner, context, chain);
            (OfOwner, ByAge) = (new(this), new(this));
        }

        public SessionId Id { get; }
        public nint Session { get; }
        public Owner Owner { get; }
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
