using System.IO.Pipelines;

namespace Gatehouse.Tls.OpenSsl;

/// <summary>
/// Flushes the transport's output from two sides: the writer, and the reader when OpenSSL answered something by itself (alerts, key
/// updates). A pipe allows one flush at a time, and none while somebody writes: a flush lets the pipe's reader have the memory that is being
/// written, and give it back to the pool. So each begins under the lock under which records are written.
/// </summary>
/// <param name="output">The transport's.</param>
/// <param name="thread">Where to go on.</param>
/// <param name="writing">Held by whoever writes to <paramref name="output"/>.</param>
#pragma warning disable CA1001 // A SemaphoreSlim without wait handle holds nothing to dispose.
internal sealed class TransportFlush(PipeWriter output, TransportThread thread, Lock writing)
#pragma warning restore CA1001
{
    /// <summary>Answers that a client may make us hold while it does not read: a flood of key updates ends its connection.</summary>
    private const long MaxOwedBytes = 64 * 1024;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile bool _owed;
    private CancellationTokenSource? _answering;

    /// <summary>Flushes for the writer, waiting as long as the peer is slow.</summary>
    public async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            FlushResult result;
            do
            {
                _owed = false;
                var flushing = Begin(cancellationToken);
                var waits = !flushing.IsCompleted;
                result = await flushing;
                if (waits && thread.IsLeft)
                    await Task.Yield();
            }
            while (_owed && !result.IsCompleted && !result.IsCanceled);
            return result;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Flushes what reading made OpenSSL write; false when the peer lets too much of it pile up.</summary>
    public async ValueTask<bool> FlushAnswersAsync(CancellationToken cancellationToken)
    {
        if (output.UnflushedBytes == 0)
            return true;
        _owed = true;
        if (!await _turn.WaitAsync(0, cancellationToken))
            return output.UnflushedBytes < MaxOwedBytes; // The writer is at it, and sees that more is owed.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Volatile.Write(ref _answering, stop);
        try
        {
            _owed = false;
            return !(await Begin(stop.Token)).IsCompleted;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            _owed = true; // The next flush takes it along.
            return true;
        }
        finally
        {
            Volatile.Write(ref _answering, null);
            _turn.Release();
        }
    }

    /// <summary>Whoever waits in <see cref="FlushAnswersAsync"/> goes on: a reader is told to stop waiting, and its peer may never take the answers.</summary>
    public void StopAnswering()
    {
        try
        {
            Volatile.Read(ref _answering)?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It went on by itself.
        }
    }

    private ValueTask<FlushResult> Begin(CancellationToken cancellationToken)
    {
        lock (writing)
            return output.FlushAsync(cancellationToken);
    }
}
