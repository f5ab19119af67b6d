using System.Collections.Concurrent;

namespace Gatehouse.Delegate;

/// <summary>Counts of what the delegate did, under the names of the public delegate (protocol sheet §8.2). Thread-safe.</summary>
internal sealed class DelegateMetrics
{
    private readonly ConcurrentDictionary<string, (long Count, double Seconds)> _times = new(StringComparer.Ordinal);
    private long _executing;
    private long _timedOut;
    private long _completed;
    private long _failed;
    private long _rejected;

    internal long Executing => Interlocked.Read(ref _executing);

    internal long TimedOut => Interlocked.Read(ref _timedOut);

    internal long Completed => Interlocked.Read(ref _completed);

    internal long Failed => Interlocked.Read(ref _failed);

    internal long RejectedTotal => Interlocked.Read(ref _rejected);

    /// <summary>Per task type; types are a closed list.</summary>
    internal IReadOnlyDictionary<string, (long Count, double Seconds)> Times => _times;

    internal void Started() => Interlocked.Increment(ref _executing);

    internal void Rejected() => Interlocked.Increment(ref _rejected);

    internal void Ended(string type, TimeSpan took, bool isOk, bool timedOut)
    {
        Interlocked.Decrement(ref _executing);
        Interlocked.Increment(ref isOk ? ref _completed : ref _failed);
        if (timedOut)
            Interlocked.Increment(ref _timedOut);
        var known = type is Contracts.Tasks.TaskTypes.ShellScript or Contracts.Tasks.TaskTypes.HttpCall ? type : "other";
        _times.AddOrUpdate(known, (1, took.TotalSeconds), (_, was) => (was.Count + 1, was.Seconds + took.TotalSeconds));
    }
}
