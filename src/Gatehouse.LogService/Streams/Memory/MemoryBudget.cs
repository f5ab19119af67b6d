namespace Gatehouse.LogService.Streams.Memory;

/// <summary>
/// Bytes in use against a limit; an account's counts towards that of all. When all are over, only those accounts have to give that use more than an
/// equal share: one account cannot make another lose its lines.
/// </summary>
internal sealed class MemoryBudget
{
    private readonly long _limit;
    private readonly MemoryBudget? _all;
    private long _used;
    private int _members;

    /// <param name="limit">In bytes.</param>
    /// <param name="all">The budget that this one is a member of.</param>
    public MemoryBudget(long limit, MemoryBudget? all = null)
    {
        (_limit, _all) = (limit, all);
        if (all is not null)
            Interlocked.Increment(ref all._members);
    }

    public long Used => Interlocked.Read(ref _used);

    public bool IsExceeded => Used > _limit || (_all is { IsExceeded: true } all && Used > all._limit / Math.Max(1, Volatile.Read(ref all._members)));

    public void Add(long bytes)
    {
        Interlocked.Add(ref _used, bytes);
        _all?.Add(bytes);
    }
}
