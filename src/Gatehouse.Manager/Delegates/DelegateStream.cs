using System.Net.WebSockets;
using System.Threading.Channels;
using Gatehouse.Manager.Tokens;

namespace Gatehouse.Manager.Delegates;

/// <summary>
/// An open stream to a delegate. Anyone may send or end it; one task writes to the socket. The queue is bounded: a delegate that does not
/// read loses its stream, not the server its memory.
/// </summary>
internal sealed class DelegateStream(WebSocket socket, TokenEntry token) : IDisposable
{
    private const int MaxQueuedFrames = 256;

    /// <summary>The good-byes of an ending stream may take this long; then it is cut.</summary>
    private static readonly TimeSpan s_farewell = TimeSpan.FromMilliseconds(500);

    private readonly Channel<byte[]> _frames = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(MaxQueuedFrames) { SingleReader = true });
    private readonly CancellationTokenSource _ended = new();
    private StreamEnd? _end;

    /// <summary>The delegate token of its handshake; its end is the stream's end.</summary>
    public TokenEntry Token => token;

    /// <summary>Cancelled when the stream shall end; the receiver stops then.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Queues a text frame; false when it will not get there.</summary>
    public bool TrySend(byte[] frame)
    {
        if (_frames.Writer.TryWrite(frame))
            return true;
        End(StreamEnd.Plain(WebSocketCloseStatus.PolicyViolation, "too slow"));
        return false;
    }

    /// <summary>Ends the stream; the first reason counts. Does not wait.</summary>
    public void End(StreamEnd end)
    {
        if (Interlocked.CompareExchange(ref _end, end, null) is not null)
            return;
        _frames.Writer.TryComplete();
        try
        {
            _ended.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself meanwhile.
        }
    }

    /// <summary>Writes frames until the stream ends, then the good-byes.</summary>
    public async Task SendAsync(CancellationToken aborted)
    {
        using var sending = CancellationTokenSource.CreateLinkedTokenSource(aborted, _ended.Token);
        try
        {
            await foreach (var frame in _frames.Reader.ReadAllAsync(sending.Token))
                await socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, sending.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException)
        {
            // The end, or the peer went: either way the good-byes are next.
        }
        var end = _end ?? StreamEnd.Plain(WebSocketCloseStatus.EndpointUnavailable, "closing");
        using var farewell = new CancellationTokenSource(s_farewell);
        try
        {
            foreach (var frame in end.Frames)
                await socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, farewell.Token);
            await socket.CloseOutputAsync(end.Status, end.Reason, farewell.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or InvalidOperationException)
        {
            socket.Abort();
        }
    }

    public void Dispose() => _ended.Dispose();
}
