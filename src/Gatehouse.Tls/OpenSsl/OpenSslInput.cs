using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Gatehouse.Sockets;

namespace Gatehouse.Tls.OpenSsl;

/// <summary>Plaintext in: decrypted as it is asked for.</summary>
internal sealed class OpenSslInput(OpenSslSession session, PipeReader transport, TransportFlush flush, TransportThread thread) : RentedReader
{
    private const int FirstBufferBytes = 4096;
    /// <summary>A whole TLS record's plaintext.</summary>
    private const int RecordBytes = 16 * 1024;
    /// <summary>Reads in a row that did not have to wait: a client whose requests never wait for anything must not keep the thread from others.</summary>
    private const int MostInRow = 4;

    private int _inRow;

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
            var reading = transport.ReadAsync(cancellationToken);
            _inRow = reading.IsCompleted ? _inRow + 1 : 0;
            var read = await reading;
            if (thread.IsLeft || (_inRow > MostInRow && !Thread.CurrentThread.IsThreadPoolThread))
                await Task.Yield();
            Feed(read);
            if (session.TakeHasAnswered() && !await flush.FlushAnswersAsync(cancellationToken))
                HasEnded = true;
            if (TryTake(out var result))
                return result;
        }
    }

    public override void CancelPendingRead()
    {
        base.CancelPendingRead();
        transport.CancelPendingRead();
        flush.StopAnswering();
    }

    private void Feed(ReadResult read)
    {
        if (read.IsCanceled)
            base.CancelPendingRead();
        session.SetInput(read.Buffer, read.IsCompleted);
        try
        {
            while (Fill() && session.HasInput && Held < 2 * RecordBytes)
            {
            }
        }
        finally
        {
            // All of it, unless our buffer ran full: what OpenSSL waits for comes after it.
            var consumed = session.Consumed;
            session.SetInput(default, read.IsCompleted);
            transport.AdvanceTo(consumed);
        }
    }

    /// <summary>Decrypts one more record, or a part of one; false when there is no more for now.</summary>
    private bool Fill()
    {
        if (HasEnded || (!session.HasInput && !session.HasPlaintext && !session.IsInputCompleted))
            return false;
        var read = session.Decrypt(MakeRoom(session.HasPlaintext ? RecordBytes : FirstBufferBytes, RecordBytes));
        Filled(Math.Max(0, read));
        if (read > 0)
            return true;
        HasEnded |= read < 0;
        return HasEnded;
    }
}
