using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Gatehouse.Sockets;

/// <summary>An accepted connection as the HTTP server knows it. What only some connections need is made when it is asked for.</summary>
internal sealed class SocketConnection : ConnectionContext, IDuplexPipe, IFinalAnswer,
    IConnectionIdFeature, IConnectionTransportFeature, IConnectionItemsFeature, IConnectionLifetimeFeature, IConnectionEndPointFeature, IMemoryPoolFeature
{
    private static long s_number = Environment.TickCount64;
    private readonly EpollSocket _socket;
    private readonly CancellationTokenSource _closed = new();
    private readonly SocketInput _input;
    private readonly SocketOutput _output;
    private string? _id;
    private IDictionary<object, object?>? _items;
    private int _isClosed;

    /// <param name="descriptor">Owned from here on.</param>
    /// <param name="local">Our end.</param>
    /// <param name="remote">The peer's.</param>
    /// <param name="memory">Whose the HTTP server's buffers are.</param>
    public SocketConnection(SocketDescriptor descriptor, EndPoint? local, EndPoint? remote, MemoryPool<byte> memory)
    {
        (LocalEndPoint, RemoteEndPoint, MemoryPool) = (local, remote, memory);
        ConnectionClosed = _closed.Token;
        Features = new ConnectionFeatures();
        Features.Set<IConnectionIdFeature>(this);
        Features.Set<IConnectionTransportFeature>(this);
        Features.Set<IConnectionItemsFeature>(this);
        Features.Set<IConnectionLifetimeFeature>(this);
        Features.Set<IConnectionEndPointFeature>(this);
        Features.Set<IMemoryPoolFeature>(this);
        Transport = this;
        _socket = EpollSocket.WatchLater(descriptor, descriptor, Close);
        (_input, _output) = (new SocketInput(_socket), new SocketOutput(_socket));
    }

    public override IFeatureCollection Features { get; }
    public override IDuplexPipe Transport { get; set; }
    public override EndPoint? LocalEndPoint { get; set; }
    public override EndPoint? RemoteEndPoint { get; set; }
    public override CancellationToken ConnectionClosed { get; set; }
    public MemoryPool<byte> MemoryPool { get; }
    bool IFinalAnswer.MoreFollows { get => _output.MoreFollows; set => _output.MoreFollows = value; }
    PipeReader IDuplexPipe.Input => _input;
    PipeWriter IDuplexPipe.Output => _output;

    public override string ConnectionId
    {
        get => _id ??= Interlocked.Increment(ref s_number).ToString("X", System.Globalization.CultureInfo.InvariantCulture);
        set => _id = value;
    }

    public override IDictionary<object, object?> Items
    {
        get => _items ??= new ConnectionItems();
        set => _items = value;
    }

    /// <param name="abortReason">Null, whatever the signature says, when the server saw the client's orderly end: ours is one then, too.</param>
    public override void Abort(ConnectionAbortedException abortReason)
    {
        if (abortReason is null)
            _socket.EndOutput();
        else
            _socket.Reset();
        Close();
    }

    public override void Abort() => Abort(new ConnectionAbortedException());

    public override ValueTask DisposeAsync()
    {
        _input.Complete();
        _output.Complete();
        _socket.LeaveNothingUnread();
        _socket.Dispose();
        // Right here: its handlers are done, and hardly anybody is left who wants to hear of it.
        if (Interlocked.Exchange(ref _isClosed, 1) == 0)
            Cancel(_closed);
        return base.DisposeAsync();
    }

    // Elsewhere: whoever hears of it may do what they like, and this may be the thread of many other sockets.
    private void Close()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(Cancel, _closed, preferLocal: false);
    }

    private static void Cancel(CancellationTokenSource closed)
    {
        try
        {
            closed.Cancel();
        }
        catch (AggregateException)
        {
            // Of whoever wanted to hear of it; here it would end the process.
        }
    }
}
