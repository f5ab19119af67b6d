using Gatehouse.Contracts;
using Microsoft.Win32.SafeHandles;

namespace Gatehouse.Delegate;

/// <summary>
/// A task's output in a file of its folder, so that any part can be sent again, however long the manager is away, in bounded memory.
/// One writer at a time, any number of readers.
/// </summary>
internal sealed class OutputSpool : IDisposable
{
    /// <summary>A little more than the manager keeps: it is told that there was more, and it is the one to say so.</summary>
    internal const long MaxBytes = Limits.MaxTaskOutputBytes + 4096;

    private readonly SafeFileHandle _file;
    private readonly Lock _writing = new();
    private readonly TimeProvider _time;
    private TaskCompletionSource _more = NewSignal();
    private long _length;
    private readonly TaskCompletionSource _completed = NewSignal();

    internal OutputSpool(string path, TimeProvider time)
    {
        _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read);
        _time = time;
    }

    /// <summary>When which part was written.</summary>
    internal ArrivalTimes Arrivals { get; } = new();

    /// <summary>Bytes that can be read.</summary>
    internal long Length => Interlocked.Read(ref _length);

    /// <summary>True when nothing more will be written.</summary>
    internal bool IsComplete => _completed.Task.IsCompleted;

    /// <summary>Completes when nothing more will be written.</summary>
    internal Task Completed => _completed.Task;

    internal void Append(ReadOnlySpan<byte> bytes)
    {
        lock (_writing)
        {
            var kept = bytes[..(int)Math.Min(bytes.Length, MaxBytes - _length)];
            if (kept.IsEmpty)
                return;
            Arrivals.Mark(_length, _time.GetUtcNow());
            RandomAccess.Write(_file, kept, _length);
            Interlocked.Add(ref _length, kept.Length);
        }

        Wake();
    }

    internal void Complete()
    {
        _completed.TrySetResult();
        Wake();
    }

    internal int Read(long offset, Span<byte> into) => RandomAccess.Read(_file, into, offset);

    /// <summary>Waits until there is something behind <paramref name="offset"/>, or nothing more will come.</summary>
    internal async Task WaitBeyondAsync(long offset, CancellationToken cancel)
    {
        while (true)
        {
            var more = Volatile.Read(ref _more).Task;
            if (IsComplete || Length > offset)
                return;
            await more.WaitAsync(cancel);
        }
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Whoever took the signal before looking has not looked in vain.</summary>
    private void Wake() => Interlocked.Exchange(ref _more, NewSignal()).TrySetResult();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
