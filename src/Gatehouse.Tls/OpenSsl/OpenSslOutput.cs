using System.Buffers;
using System.IO.Pipelines;

namespace Gatehouse.Tls.OpenSsl;

/// <summary>Plaintext out: gathered in one pooled buffer, encrypted into the transport's memory. An idle connection holds no buffer.</summary>
internal sealed class OpenSslOutput(OpenSslSession session, PipeWriter transport, TransportFlush flush) : PipeWriter
{
    private const int BufferBytes = 4096;
    private byte[]? _buffer;
    private int _used;
    private bool _completed;

    public override bool CanGetUnflushedBytes => true;
    public override long UnflushedBytes => _used + transport.UnflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        ObjectDisposedException.ThrowIf(_completed, this);
        var needed = Math.Max(sizeHint, 1);
        if (_buffer is not null && _buffer.Length - _used < needed)
        {
            EncryptPending();
            if (_buffer is { } full && full.Length < needed)
                ReturnBuffer();
        }
        _buffer ??= ArrayPool<byte>.Shared.Rent(Math.Max(BufferBytes, needed));
        return _buffer.AsMemory(_used);
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, (_buffer?.Length ?? 0) - _used);
        _used += bytes;
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (!TryEncryptPending())
            return new ValueTask<FlushResult>(new FlushResult(isCanceled: false, isCompleted: true));
        ReturnBuffer();
        return flush.FlushAsync(cancellationToken);
    }

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        // Encrypted where it lies, unless it is little and others wait to whose record it can be added.
        if (source.IsEmpty || (_used > 0 && source.Length < BufferBytes))
        {
            this.Write(source.Span);
            return FlushAsync(cancellationToken);
        }
        try
        {
            EncryptPending();
            session.Encrypt(source.Span);
        }
        catch (IOException)
        {
            return new ValueTask<FlushResult>(new FlushResult(isCanceled: false, isCompleted: true));
        }
        return flush.FlushAsync(cancellationToken);
    }

    public override void CancelPendingFlush() => transport.CancelPendingFlush();

    public override void Complete(Exception? exception = null)
    {
        if (_completed)
            return;
        _completed = true;
        TryEncryptPending();
        // Not given back: somebody may still be writing to it.
        (_buffer, _used) = (null, 0);
    }

    // A pipe's writer learns of a broken connection by the result of its flush, not by an exception.
    private bool TryEncryptPending()
    {
        try
        {
            EncryptPending();
            return true;
        }
        catch (IOException)
        {
            _used = 0;
            return false;
        }
    }

    private void EncryptPending()
    {
        if (_used == 0)
            return;
        session.Encrypt(_buffer.AsSpan(0, _used));
        _used = 0;
    }

    private void ReturnBuffer()
    {
        if (_buffer is not { } buffer)
            return;
        _buffer = null;
        _used = 0;
        ArrayPool<byte>.Shared.Return(buffer);
    }
}
