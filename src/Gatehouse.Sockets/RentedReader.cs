using System.Buffers;
using System.IO.Pipelines;

namespace Gatehouse.Sockets;

/// <summary>A pipe's reader over one pooled buffer, filled as it is asked for: an idle connection holds none. Who derives fills it.</summary>
public abstract class RentedReader : PipeReader
{
    private byte[]? _buffer;
    private int _start;
    private int _end;
    private bool _examined = true;
    private bool _completed;
    private volatile bool _canceled;

    /// <summary>Nothing more will come.</summary>
    protected bool HasEnded { get; set; }

    /// <summary>Bytes that are here and not consumed.</summary>
    protected int Held => _end - _start;

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        // Positions of the empty sequence carry another array.
        if (_buffer is null || !ReferenceEquals(consumed.GetObject(), _buffer))
        {
            _examined = _start == _end;
            return;
        }
        _start = consumed.GetInteger();
        _examined = examined.GetInteger() >= _end;
        if (_start >= _end)
            ReturnBuffer();
    }

    /// <inheritdoc/>
    public override void CancelPendingRead() => _canceled = true;

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null)
    {
        _completed = true;
        // Not given back: somebody may still be filling it, and it would be another connection's by then.
        _buffer = null;
        (_start, _end) = (0, 0);
    }

    /// <summary>Where to put what comes next; never empty.</summary>
    /// <param name="first">Size of a new buffer, bytes.</param>
    /// <param name="larger">Least size of the one that follows a full one, bytes.</param>
    protected Span<byte> MakeRoom(int first, int larger)
    {
        if (_buffer is null)
            _buffer = ArrayPool<byte>.Shared.Rent(first);
        else if (_end == _buffer.Length)
        {
            var data = _end - _start;
            var next = ArrayPool<byte>.Shared.Rent(Math.Max(larger, data * 2));
            _buffer.AsSpan(_start, data).CopyTo(next);
            ArrayPool<byte>.Shared.Return(_buffer);
            (_buffer, _start, _end) = (next, 0, data);
        }
        return _buffer.AsSpan(_end);
    }

    /// <summary>So many bytes were put there; 0 when none were, after all.</summary>
    protected void Filled(int bytes)
    {
        _end += bytes;
        if (bytes > 0)
            _examined = false;
        else if (_start == _end)
            ReturnBuffer();
    }

    /// <summary>What the reader may see now: something new, the end, or that it was told to stop waiting.</summary>
    protected bool TryTake(out ReadResult result)
    {
        var canceled = _canceled;
        if (!canceled && !HasEnded && (_examined || _start == _end))
        {
            result = default;
            return false;
        }
        if (canceled)
            _canceled = false;
        var data = _start == _end ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(_buffer!, _start, _end - _start);
        result = new ReadResult(data, canceled, HasEnded);
        return true;
    }

    /// <exception cref="InvalidOperationException">The reader was completed.</exception>
    protected void ThrowIfCompleted()
    {
        if (_completed)
            throw new InvalidOperationException("Reading is not allowed after the reader was completed.");
    }

    private void ReturnBuffer()
    {
        (_start, _end, _examined) = (0, 0, true);
        if (_buffer is not { } buffer)
            return;
        _buffer = null;
        ArrayPool<byte>.Shared.Return(buffer);
    }
}
