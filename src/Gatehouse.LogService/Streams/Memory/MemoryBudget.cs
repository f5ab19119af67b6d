namespace Gatehouse.LogService.Streams.Memory;

/// <summary>Bytes in use against a limit; an account's counts towards that of all.</summary>
internal sealed class MemoryBudget(long limit, MemoryBudget? all = null)
{
    private long _used;

    public long Used => Interlocked.Read(ref _used);

    public bool IsExceeded => Used > limit || all?.IsExceeded == true;

    public void Add(long bytes)
    {
        Interlocked.Add(ref _used, bytes);
        all?.Add(bytes);
    }
}
