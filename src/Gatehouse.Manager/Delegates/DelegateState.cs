using System.Collections.Concurrent;
using Gatehouse.Contracts;

namespace Gatehouse.Manager.Delegates;

/// <summary>
/// One delegate in memory. Facts and origin are immutable and swapped; presence is plain words that requests write without a lock.
/// What changed since the last batch is marked and written later (<see cref="PresenceWriter"/>).
/// </summary>
internal sealed class DelegateState(string id, string accountId, DateTimeOffset registeredAt)
{
    /// <summary>Bounds what a delegate that never polls can pile up.</summary>
    private const int MaxPendingAborts = 100;

    private readonly ConcurrentQueue<string> _aborts = new();
    private long _lastHeartbeat;
    private long _clockSkew = long.MinValue;
    private int _dirty;
    private readonly Lock _judging = new();
    private volatile bool _barred;
    private volatile bool _streamLost;
    private volatile DelegateStream? _stream;
    private volatile DelegateFacts _facts = null!;
    private volatile DelegateOrigin _origin = null!;

    public string Id => id;

    public string AccountId => accountId;

    public DateTimeOffset RegisteredAt { get; set; } = registeredAt;

    public required DelegateFacts Facts { get => _facts; set => _facts = value; }

    public required DelegateOrigin Origin { get => _origin; set => _origin = value; }

    public string? TokenName { get; set; }

    public int? Capacity { get; set; }

    /// <summary>By our clock.</summary>
    public DateTimeOffset LastHeartbeat
    {
        get => DateTimeOffset.FromUnixTimeMilliseconds(Volatile.Read(ref _lastHeartbeat));
        set => Volatile.Write(ref _lastHeartbeat, value.ToUnixTimeMilliseconds());
    }

    /// <summary>The delegate's clock minus ours at its last heartbeat, in milliseconds.</summary>
    public long? ClockSkew
    {
        get => Volatile.Read(ref _clockSkew) is var skew and not long.MinValue ? skew : null;
        set => Volatile.Write(ref _clockSkew, value ?? long.MinValue);
    }

    /// <summary>The account's endpoint would refuse it now: not connected, no tasks. Its next admitted heartbeat clears it.</summary>
    public bool Barred => _barred;

    /// <summary>Judges it by the rule of now. Under a lock, and the rule is read inside: a heartbeat that was admitted just before a change of trust cannot undo its verdict.</summary>
    public void Judge(Func<EndpointRule?> ruleOfNow)
    {
        lock (_judging)
            _barred = !Admission.Decide(ruleOfNow(), Origin.Authority, accountId).IsAccepted;
    }

    /// <summary>Its stream broke and nothing was heard since.</summary>
    public bool StreamLost { get => _streamLost; set => _streamLost = value; }

    /// <summary>The open stream, if any.</summary>
    public DelegateStream? Stream => _stream;

    /// <summary>Puts the newer stream in the older one's place, and returns that.</summary>
#pragma warning disable CS0420 // Interlocked on a volatile field is what is meant.
    public DelegateStream? Attach(DelegateStream stream) => Interlocked.Exchange(ref _stream, stream);

    /// <summary>True when it was this stream that was attached.</summary>
    public bool Detach(DelegateStream stream) => Interlocked.CompareExchange(ref _stream, null, stream) == stream;
#pragma warning restore CS0420

    public void MarkDirty() => Volatile.Write(ref _dirty, 1);

    /// <summary>True once per change.</summary>
    public bool TakeDirty() => Interlocked.Exchange(ref _dirty, 0) == 1;

    /// <summary>To be listed once at its next poll (protocol sheet §5.6).</summary>
    public void QueueAbort(string taskId)
    {
        if (_aborts.Count < MaxPendingAborts)
            _aborts.Enqueue(taskId);
    }

    public bool HasAborts => !_aborts.IsEmpty;

    public bool TryTakeAbort(out string? taskId) => _aborts.TryDequeue(out taskId);
}
