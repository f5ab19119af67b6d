namespace Gatehouse.Soak.Oracle;

/// <summary>What went wrong, in sentences; a run with any of them has failed. Thread-safe.</summary>
internal sealed class Violations
{
    private const int MaxKept = 50;
    private readonly Lock _lock = new();
    private readonly List<string> _kept = [];
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public IReadOnlyList<string> Kept
    {
        get
        {
            lock (_lock)
                return [.. _kept];
        }
    }

    public void Add(string sentence)
    {
        Interlocked.Increment(ref _count);
        lock (_lock)
        {
            if (_kept.Count < MaxKept)
                _kept.Add($"[{SoakClock.Now / 1000:0.000} s] {sentence}");
        }
    }
}
