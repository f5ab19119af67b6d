using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;

namespace Gatehouse.Sockets;

/// <summary>What comes from a socket: received when it is asked for, so a slow reader slows its peer.</summary>
internal sealed class SocketInput(EpollSocket socket) : RentedReader
{
    private const int FirstBytes = 4 * 1024, LargerBytes = 32 * 1024;

    /// <summary>Size of the next new buffer: larger while a peer has much to say, as in a body. Nobody holds one who says nothing.</summary>
    private int _nextBytes = FirstBytes;

    public override bool TryRead(out ReadResult result)
    {
        ThrowIfCompleted();
        if (TryTake(out result))
            return true;
        Receive();
        return TryTake(out result);
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfCompleted();
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<ReadResult>(cancellationToken);
        if (TryTake(out var result))
            return new(result);
        return cancellationToken.CanBeCanceled ? ReadCancelableAsync(cancellationToken) : ReadMoreAsync(cancellationToken);
    }

    public override void CancelPendingRead()
    {
        base.CancelPendingRead();
        socket.Wake();
    }

    private async ValueTask<ReadResult> ReadCancelableAsync(CancellationToken cancellationToken)
    {
        await using var wake = cancellationToken.UnsafeRegister(static socket => ((EpollSocket)socket!).Wake(), socket);
        return await ReadMoreAsync(cancellationToken);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ReadMoreAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await socket.ReadableAsync();
            cancellationToken.ThrowIfCancellationRequested();
            Receive();
            if (TryTake(out var result))
                return result;
        }
    }

    private void Receive()
    {
        if (HasEnded)
            return;
        try
        {
            var count = socket.TryReceive(MakeRoom(_nextBytes, LargerBytes));
            if (count >= 0)
                _nextBytes = count >= FirstBytes ? LargerBytes : FirstBytes;
            HasEnded = count == 0;
            Filled(Math.Max(0, count));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            Filled(0);
            throw new ConnectionResetException(e.Message, e);
        }
    }
}
