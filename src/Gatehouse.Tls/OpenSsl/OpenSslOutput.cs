using System.Buffers;
using System.IO.Pipelines;
using Gatehouse.Sockets;

namespace Gatehouse.Tls.OpenSsl;

/// <summary>Plaintext out: gathered in one pooled buffer, encrypted into the transport's memory. An idle connection holds no buffer.</summary>
internal sealed class OpenSslOutput(OpenSslSession session, PipeWriter transport, TransportFlush flush) : RentedWriter
{
    private bool _completed;

    public override long UnflushedBytes => WrittenBytes + transport.UnflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        ObjectDisposedException.ThrowIf(_completed, this);
        var needed = Math.Max(sizeHint, 1);
        if (Written is not null && Written.Length - WrittenBytes < needed)
        {
            EncryptPending();
            if (Written is { } full && full.Length < needed)
                ReturnWritten();
        }
        return base.GetMemory(needed);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (!TryEncryptPending())
            return new ValueTask<FlushResult>(new FlushResult(isCanceled: false, isCompleted: true));
        ReturnWritten();
        return flush.FlushAsync(cancellationToken);
    }

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        // Encrypted where it lies, unless it is little and others wait to whose record it can be added.
        if (source.IsEmpty || (WrittenBytes > 0 && source.Length < BufferBytes))
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
        TakeWritten();
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
            ForgetWritten();
            return false;
        }
    }

    private void EncryptPending()
    {
        if (WrittenBytes == 0)
            return;
        session.Encrypt(Written.AsSpan(0, WrittenBytes));
        ForgetWritten();
    }
}
