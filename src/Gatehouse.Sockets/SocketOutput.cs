using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Gatehouse.Sockets;

/// <summary>
/// What goes to a socket: gathered in one pooled buffer and sent by the flush, which is done when the kernel has taken it all. An idle
/// connection holds no buffer. While a flush waits, the next bytes may be written, but not flushed.
/// </summary>
internal sealed class SocketOutput(EpollSocket socket) : RentedWriter
{
    // Between a flush that waits and the end that does not wait for it: a buffer given back twice would be two connections'.
    private readonly Lock _gate = new();
    private byte[]? _sending;
    private int _sent;
    private int _toSend;
    private bool _isBroken;
    private bool _completed;
    private volatile bool _canceled;

    /// <inheritdoc cref="IFinalAnswer.MoreFollows"/>
    public bool MoreFollows { get; set; }

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        // As a pipe does: whoever encrypts learns so that nobody is left to write to.
        if (_completed)
            throw new InvalidOperationException("Writing is not allowed after the writer was completed.");
        return base.GetMemory(sizeHint);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        bool isSent;
        lock (_gate)
        {
            if (_completed)
                return new(new FlushResult(isCanceled: false, isCompleted: true));
            Begin();
            isSent = TrySend();
        }
        if (!isSent)
            return cancellationToken.CanBeCanceled ? SendCancelableAsync(cancellationToken) : SendMoreAsync(cancellationToken);
        return new(Result(canceled: false));
    }

    public override void CancelPendingFlush()
    {
        _canceled = true;
        socket.Wake();
    }

    public override void Complete(Exception? exception = null)
    {
        lock (_gate)
        {
            if (_completed)
                return;
            // The last word, when the peer has room for it; nobody waits any more.
            Begin();
            TrySend();
            (_completed, _sending) = (true, null);
        }
    }

    private async ValueTask<FlushResult> SendCancelableAsync(CancellationToken cancellationToken)
    {
        await using var wake = cancellationToken.UnsafeRegister(static socket => ((EpollSocket)socket!).Wake(), socket);
        return await SendMoreAsync(cancellationToken);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<FlushResult> SendMoreAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await socket.WritableAsync();
            cancellationToken.ThrowIfCancellationRequested();
            bool isSent;
            lock (_gate)
                isSent = TrySend();
            if (isSent)
                return Result(canceled: false);
            if (_canceled)
                return Result(canceled: true);
        }
    }

    private FlushResult Result(bool canceled)
    {
        if (canceled)
            _canceled = false;
        return new FlushResult(canceled, _isBroken || _completed);
    }

    // Takes what was written for the next send; behind the rest of a flush that was given up.
    private void Begin()
    {
        if (WrittenBytes == 0)
            return;
        if (_sending is null)
            (_sent, _toSend) = (0, 0);
        MoveWritten(ref _sending, ref _toSend);
    }

    // True when nothing is left to send, or nobody to send it to.
    private bool TrySend()
    {
        try
        {
            while (_sending is not null && !_isBroken)
            {
                var count = socket.TrySend(_sending.AsSpan(_sent, _toSend - _sent), MoreFollows);
                if (count < 0)
                    return false;
                _sent += count;
                if (_sent == _toSend)
                    Return(ref _sending);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // A pipe's writer learns of a broken connection by the result of its flush, not by an exception.
            _isBroken = true;
        }
        if (_isBroken)
            Return(ref _sending);
        return true;
    }

    private static void Return(ref byte[]? buffer)
    {
        if (buffer is null)
            return;
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = null;
    }
}
