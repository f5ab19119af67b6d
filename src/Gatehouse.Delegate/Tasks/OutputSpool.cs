using Gatehouse.Contracts;
using Microsoft.Win32.SafeHandles;

namespace Gatehouse.Delegate;

/// <summary>
/// A task's output in a file of its folder, so that any part can be sent again, however long the manager is away, in bounded memory.
/// One writer at a time and one reader.
/// </summary>
internal sealed class OutputSpool : IDisposable
{
    /// <summary>A little more than the manager keeps: it is told that there was more, and it is the one to say so.</summary>
    internal const long MaxBytes = Limits.MaxTaskOutputBytes + 4096;

    private readonly SafeFileHandle _file;
    private readonly Lock _writing = new();
    private readonly Wakeup _more;
    private long _length;
    private long _total;
    private volatile bool _isComplete;

    internal OutputSpool(string path, TimeProvider time)
    {
        _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read);
        _more = new Wakeup(time);
    }

    /// <summary>Bytes that can be read.</summary>
    internal long Length => Interlocked.Read(ref _length);

    /// <summary>Bytes that were written, those beyond the bound included.</summary>
    internal long Total => Interlocked.Read(ref _total);

    /// <summary>True when nothing more will be written.</summary>
    internal bool IsComplete => _isComplete;

    internal void Append(ReadOnlySpan<byte> bytes)
    {
        lock (_writing)
        {
            Interlocked.Add(ref _total, bytes.Length);
            var kept = bytes[..(int)Math.Min(bytes.Length, MaxBytes - _length)];
            if (kept.IsEmpty)
                return;
            RandomAccess.Write(_file, kept, _length);
            Interlocked.Add(ref _length, kept.Length);
        }

        _more.Set();
    }

    internal void Complete()
    {
        _isComplete = true;
        _more.Set();
    }

    internal int Read(long offset, Span<byte> into) => RandomAccess.Read(_file, into, offset);

    /// <summary>Waits until there is something behind <paramref name="offset"/>, or nothing more will come.</summary>
    internal async Task WaitBeyondAsync(long offset, CancellationToken cancel)
    {
        while (!_isComplete && Length <= offset)
            await _more.WaitAsync(Timeout.InfiniteTimeSpan, cancel);
    }

    public void Dispose() => _file.Dispose();
}
