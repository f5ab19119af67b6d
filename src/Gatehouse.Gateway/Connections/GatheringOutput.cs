using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Gatehouse.Sockets;

namespace Gatehouse.Gateway;

/// <summary>
/// What the streams of an HTTP/2 connection have to say in the same moment goes out together: one record, one call of the kernel, and a peer that wakes
/// up once. The HTTP server flushes after each answer; here a flush of little is done at once, and a work item, which comes after what is queued already,
/// sends what has come together by then. A flush of much is sent, and waited for, as ever; so is that of a connection on which nothing comes together, but
/// for a try now and then.
/// </summary>
/// <remarks>
/// As any pipe's writer it is for one at a time, and so is <paramref name="output"/>: whoever sends (the work item, a large flush, the end) is the only one
/// who does. An idle connection holds no buffer.
/// </remarks>
/// <param name="output">Where it goes. It has taken what it was given when its flush is done, or when it says that the peer is gone.</param>
/// <param name="time">For the time that the peer has at the end.</param>
/// <param name="queue">Runs the work item a moment later; null: the thread pool.</param>
internal sealed class GatheringOutput(PipeWriter output, TimeProvider time, Action<IThreadPoolWorkItem>? queue = null) : RentedWriter, IThreadPoolWorkItem
{
    /// <summary>A flush that makes it this much is not kept back: it is nearly a record of its own.</summary>
    internal const int MuchBytes = 8 * 1024;

    /// <summary>A peer that takes nothing makes us hold this much and one flush before the writer waits.</summary>
    internal const int MostBytes = 16 * 1024;

    /// <summary>So many flushes that were kept back for nothing, and the next ones are not, except one in as many.</summary>
    internal const int Tries = 16;

    /// <summary>Time the peer has to take the rest when the connection ends in order.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    // Behind what is there already: that is what is to come together.
    private static readonly Action<IThreadPoolWorkItem> s_queue = static item => ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: false);

    private enum Sender
    {
        None,
        Queued,
        Active,
    }

    private readonly Lock _lock = new();

    // Flushed and not yet sent, and who sends; under the lock.
    private byte[]? _gathered;
    private int _gatheredBytes;
    private int _flushes, _alone;
    private Sender _sender;
    private bool _isBroken, _isCanceled, _isCompleted;
    private TaskCompletionSource? _sent;

    /// <inheritdoc/>
    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        ObjectDisposedException.ThrowIf(_isCompleted, this);
        return base.GetMemory(sizeHint);
    }

    /// <inheritdoc/>
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        if (IsReset() && HasGathered())
            return FlushApartAsync(cancellationToken);
        lock (_lock)
        {
            Gather();
            if (_gathered is null)
                return new(new FlushResult(isCanceled: false, _isBroken || _isCompleted));
            _flushes++;
            if (IsKeptBack())
            {
                if (_sender == Sender.None)
                {
                    _sender = Sender.Queued;
                    (queue ?? s_queue)(this);
                }
                return new(default(FlushResult));
            }
        }
        return cancellationToken.CanBeCanceled ? UnlessGivenUpAsync(SendOrWaitAsync(), cancellationToken) : SendOrWaitAsync();
    }

    /// <inheritdoc/>
    public override void CancelPendingFlush() => output.CancelPendingFlush();

    /// <summary>Nothing more is accepted, or sent: what is to be sent goes with <see cref="CompleteAsync"/>.</summary>
    public override void Complete(Exception? exception = null)
    {
        lock (_lock)
            _isCompleted = true;
        // Buffers are not given back: somebody may still be using them.
    }

    /// <summary>Nothing more is accepted; done when the peer has taken the rest, or is gone, or has had time enough. Never throws.</summary>
    public override async ValueTask CompleteAsync(Exception? exception = null)
    {
        var sending = SendOrWaitAsync().AsTask();
        await WithinPatienceAsync(sending);
        if (!sending.IsCompleted)
        {
            output.CancelPendingFlush();
            await WithinPatienceAsync(sending);
        }
        Complete();
    }

    private async Task WithinPatienceAsync(Task sending) => await sending.WaitAsync(s_patience, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    void IThreadPoolWorkItem.Execute()
    {
        lock (_lock)
        {
            // Somebody may have been quicker.
            if (_sender != Sender.Queued)
                return;
            _sender = Sender.Active;
            if (_flushes > 1)
                _alone = 0;
            else if (_alone < Tries)
                _alone++;
        }
        _ = SendAsync().Preserve();
    }

    // An answer to an upload that is not read to its end is followed by RST_STREAM. In one record with its answer, curl 7.88 takes it for a failure and
    // throws the answer away.
    private async ValueTask<FlushResult> FlushApartAsync(CancellationToken cancellationToken)
    {
        var before = await UnlessGivenUpAsync(SendOrWaitAsync(), cancellationToken);
        return before.IsCompleted || before.IsCanceled ? before : await FlushAsync(cancellationToken);
    }

    // RFC 9113 §4.1 and §6.4: three bytes of length, the type, flags and the stream; then four bytes that say why.
    private bool IsReset() => WrittenBytes == 9 + 4 && Written![3] == 3;

    private bool HasGathered()
    {
        lock (_lock)
            return _gathered is not null;
    }

    // Who gives up waiting takes nothing back.
    private static async ValueTask<FlushResult> UnlessGivenUpAsync(ValueTask<FlushResult> sending, CancellationToken cancellationToken) =>
        sending.IsCompletedSuccessfully ? sending.Result : await sending.AsTask().WaitAsync(cancellationToken);

    // Done when all has been sent that is here.
    private ValueTask<FlushResult> SendOrWaitAsync()
    {
        Task sent;
        lock (_lock)
        {
            if (_sender == Sender.Active)
                sent = (_sent ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            else
            {
                _sender = Sender.Active;
                sent = Task.CompletedTask;
            }
        }
        return sent.IsCompleted ? SendAsync() : WaitAsync(sent);
    }

    private async ValueTask<FlushResult> WaitAsync(Task sent)
    {
        await sent;
        lock (_lock)
            return new FlushResult(_isCanceled, _isBroken || _isCompleted);
    }

    // Only whoever is the sender. Never throws.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<FlushResult> SendAsync()
    {
        var result = default(FlushResult);
        while (TryTake(result, out var bytes, out var length))
        {
            try
            {
                result = await output.WriteAsync(bytes.AsMemory(0, length));
                ArrayPool<byte>.Shared.Return(bytes);
            }
            catch (Exception)
            {
                // Whatever it is, it is the end of this connection, and on a thread of the pool it would be that of the process.
                result = new FlushResult(isCanceled: false, isCompleted: true);
            }
        }
        return result;
    }

    private bool IsKeptBack() => _sender switch
    {
        Sender.Active => _gatheredBytes < MostBytes,
        Sender.Queued => _gatheredBytes < MuchBytes,
        _ => _gatheredBytes < MuchBytes && (_alone < Tries || ++_alone % Tries == 0),
    };

    // The next piece; false at the end of being the sender.
    private bool TryTake(FlushResult before, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out byte[]? bytes, out int length)
    {
        lock (_lock)
        {
            (_isBroken, _isCanceled) = (_isBroken || before.IsCompleted, before.IsCanceled);
            if (_isBroken)
                DropGathered();
            if (_gathered is not null && !_isCanceled)
            {
                (bytes, length, _gathered, _gatheredBytes, _flushes) = (_gathered, _gatheredBytes, null, 0, 0);
                return true;
            }
            (bytes, length, _sender) = (null, 0, Sender.None);
            _sent?.SetResult();
            _sent = null;
            return false;
        }
    }

    // What the writer has written goes behind what is flushed; what nobody will read goes nowhere.
    private void Gather()
    {
        if (WrittenBytes == 0)
            return;
        if (_isBroken || _isCompleted)
        {
            ForgetWritten();
            return;
        }
        MoveWritten(ref _gathered, ref _gatheredBytes);
    }

    private void DropGathered()
    {
        if (_gathered is not null)
            ArrayPool<byte>.Shared.Return(_gathered);
        (_gathered, _gatheredBytes) = (null, 0);
    }
}
