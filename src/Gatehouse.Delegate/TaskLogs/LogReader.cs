using System.Buffers;
using System.Text;
using Gatehouse.Client;

namespace Gatehouse.Delegate;

/// <summary>A place in a task's output, in lines and bytes, and the lines that follow it. One user at a time.</summary>
internal sealed class LogReader(OutputSpool spool)
{
    /// <summary>Bytes of output in one write, and lines: the service keeps 5,000 of a stream and takes no more at once.</summary>
    private const int MaxBytes = 256 * 1024;
    private const int MaxLines = 1000;

    private long _offset;

    /// <summary>Number of the next line.</summary>
    internal long Line { get; private set; }

    /// <summary>Bytes before it.</summary>
    internal long Offset => Interlocked.Read(ref _offset);

    /// <summary>There is so much more that nobody need wait for more.</summary>
    internal bool IsFarBehind => spool.Length - _offset > 2 * LineCutter.MaxLineBytes;

    /// <summary>Waits for a whole line; false when no more will come.</summary>
    internal async Task<bool> WaitAsync(CancellationToken cancel)
    {
        while (true)
        {
            // In this order: what is complete has its final length.
            var isComplete = spool.IsComplete;
            var length = spool.Length;
            if (HasLine(length, isComplete))
                return true;
            if (isComplete && _offset >= length)
                return false;
            await spool.WaitBeyondAsync(length, cancel);
        }
    }

    /// <summary>The lines that are there, without moving on. They are read from the spool each time: who has to wait keeps none.</summary>
    internal IReadOnlyList<LogLine> Peek() => Peek(spool.Length, spool.IsComplete).ConvertAll(one => one.Line);

    /// <summary>Moves to a line, back or on; no further than whole lines go.</summary>
    internal void MoveTo(long line)
    {
        if (line < Line)
            (Line, _offset) = (0, 0);
        while (Line < line && Peek(spool.Length, spool.IsComplete) is { Count: > 0 } lines)
        {
            var passed = lines.Take((int)Math.Min(lines.Count, line - Line)).ToList();
            Line += passed.Count;
            Interlocked.Add(ref _offset, passed.Sum(one => (long)one.Bytes));
        }
    }

    private bool HasLine(long length, bool isComplete)
    {
        // A little more than a line: then it is known where it is cut.
        var wanted = (int)Math.Min(LineCutter.MaxLineBytes + 4, length - _offset);
        if (wanted <= 0)
            return false;
        var buffer = ArrayPool<byte>.Shared.Rent(wanted);
        try
        {
            var read = spool.Read(_offset, buffer.AsSpan(0, wanted));
            return LineCutter.Next(buffer.AsSpan(0, read), isComplete && _offset + read >= length) > 0;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private List<(LogLine Line, int Bytes)> Peek(long length, bool isComplete)
    {
        var lines = new List<(LogLine, int)>();
        var wanted = (int)Math.Min(MaxBytes, length - _offset);
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(wanted, 1));
        try
        {
            Cut(buffer.AsSpan(0, spool.Read(_offset, buffer.AsSpan(0, wanted))), length, isComplete, lines);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return lines;
    }

    private void Cut(ReadOnlySpan<byte> rest, long length, bool isComplete, List<(LogLine Line, int Bytes)> lines)
    {
        var isEnd = isComplete && _offset + rest.Length >= length;
        for (var offset = _offset; lines.Count < MaxLines && LineCutter.Next(rest, isEnd) is > 0 and var size; offset += size)
        {
            lines.Add((new LogLine(Line + lines.Count, Encoding.UTF8.GetString(rest[..size]), spool.Arrivals.At(offset)), size));
            rest = rest[size..];
        }
    }
}
