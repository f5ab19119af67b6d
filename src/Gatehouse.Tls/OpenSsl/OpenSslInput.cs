using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Gatehouse.Tls.OpenSsl;

/// <summary>Plaintext in: decrypted into one pooled buffer as it is asked for. An idle connection holds no buffer.</summary>
internal sealed class OpenSslInput(OpenSslSession session, PipeReader transport, TransportFlush flush, TransportThread thread) : PipeReader
{
    private const int FirstBufferBytes = 4096;
    /// <summary>A whole TLS record's plaintext.</summary>
    private const int RecordBytes = 16 * 1024;

    private byte[]? _buffer;
    private int _start;
    private int _end;
    private bool _examined = true;
    private bool _ended;
    private bool _completed;
    private volatile bool _canceled;

    public override bool TryRead(out ReadResult result)
    {
        ThrowIfCompleted();
        if (TryTake(out result))
            return true;
        if (Fill())
            return TryTake(out result);
        if (!transport.TryRead(out var read))
            return false;
        Feed(read);
        return TryTake(out result);
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfCompleted();
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<ReadResult>(cancellationToken);
        return TryTake(out var result) || (Fill() && TryTake(out result)) ? new(result) : ReadMoreAsync(cancellationToken);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ReadMoreAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await transport.ReadAsync(cancellationToken);
            if (thread.IsLeft)
                await Task.Yield();
            Feed(read);
            if (!await flush.FlushAnswersAsync(cancellationToken))
                _ended = true;
            if (TryTake(out var result))
                return result;
        }
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

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

    public override void CancelPendingRead()
    {
        _canceled = true;
        transport.CancelPendingRead();
    }

    public override void Complete(Exception? exception = null)
    {
        _completed = true;
        ReturnBuffer();
    }

    private void Feed(ReadResult read)
    {
        if (read.IsCanceled)
            _canceled = true;
        session.SetInput(read.Buffer, read.IsCompleted);
        try
        {
            while (Fill() && session.HasInput && _end - _start < 2 * RecordBytes)
            {
            }
        }
        finally
        {
            // All of it, unless our buffer ran full: what OpenSSL waits for comes after it.
            transport.AdvanceTo(session.Consumed);
            session.SetInput(default, read.IsCompleted);
        }
    }

    /// <summary>Decrypts one more record, or a part of one; false when there is no more for now.</summary>
    private bool Fill()
    {
        if (_ended || (!session.HasInput && !session.HasPlaintext && !session.IsInputCompleted))
            return false;
        MakeRoom();
        var read = session.Decrypt(_buffer.AsSpan(_end));
        if (read > 0)
        {
            _end += read;
            _examined = false;
            return true;
        }
        _ended |= read < 0;
        if (_start == _end)
            ReturnBuffer();
        return _ended;
    }

    private bool TryTake(out ReadResult result)
    {
        var canceled = _canceled;
        if (!canceled && !_ended && (_examined || _start == _end))
        {
            result = default;
            return false;
        }
        _canceled = false;
        var data = _start == _end ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(_buffer!, _start, _end - _start);
        result = new ReadResult(data, canceled, _ended);
        return true;
    }

    private void MakeRoom()
    {
        if (_buffer is null)
        {
            _buffer = ArrayPool<byte>.Shared.Rent(session.HasPlaintext ? RecordBytes : FirstBufferBytes);
            return;
        }
        if (_end < _buffer.Length)
            return;
        var data = _end - _start;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(RecordBytes, data * 2));
        _buffer.AsSpan(_start, data).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        (_buffer, _start, _end) = (larger, 0, data);
    }

    private void ReturnBuffer()
    {
        (_start, _end, _examined) = (0, 0, true);
        if (_buffer is not { } buffer)
            return;
        _buffer = null;
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private void ThrowIfCompleted()
    {
        if (_completed)
            throw new InvalidOperationException("Reading is not allowed after the reader was completed.");
    }
}
