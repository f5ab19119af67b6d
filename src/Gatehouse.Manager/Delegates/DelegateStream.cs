using System.Net.WebSockets;
using System.Threading.Channels;
using Gatehouse.Manager.Tokens;

namespace Gatehouse.Manager.Delegates;

/// <summary>
/// An open stream to a delegate. Anyone may send or end it; one task writes to the socket. The queue is bounded: a delegate that does not
/// read loses its stream, not the server its memory.
/// </summary>
/// <remarks>
/// Cancelling a read or write of a websocket cuts the connection, good-byes included. So an end lets both go on, and only <see cref="Cut"/>, a
/// moment later, cancels them.
/// </remarks>
internal sealed class DelegateStream(WebSocket socket, TokenEntry token) : IDisposable
{
    private const int MaxQueuedFrames = 256;

    /// <summary>How long the good-byes and the other end's may take.</summary>
    private static readonly TimeSpan s_farewell = TimeSpan.FromMilliseconds(500);

    private readonly Channel<byte[]> _frames = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(MaxQueuedFrames) { SingleReader = true });
    private readonly CancellationTokenSource _cut = new();
    private StreamEnd? _end;

    /// <summary>The delegate token of its handshake; its end is the stream's end.</summary>
    public TokenEntry Token => token;

    /// <summary>What comes in from now on counts for nothing.</summary>
    public bool HasEnded => Volatile.Read(ref _end) is not null;

    /// <summary>Cancelled when an ended stream has had its time.</summary>
    public CancellationToken Cut => _cut.Token;

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
            _cut.CancelAfter(s_farewell);
        }
        catch (ObjectDisposedException)
        {
            // It is gone already.
        }
    }

    /// <summary>Writes frames until the stream ends, then the good-byes; what is still queued then is dropped.</summary>
    public async Task SendAsync()
    {
        try
        {
            await foreach (var frame in _frames.Reader.ReadAllAsync())
            {
                if (HasEnded)
                    break;
                await SendAsync(frame);
            }
            foreach (var frame in _end!.Frames)
                await SendAsync(frame);
            await socket.CloseOutputAsync(_end.Status, _end.Reason, Cut);
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or InvalidOperationException)
        {
            socket.Abort(); // The peer went, or does not read.
        }
    }

    public void Dispose() => _cut.Dispose();

    private ValueTask SendAsync(byte[] frame) => socket.SendAsync(frame.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, Cut);
}
