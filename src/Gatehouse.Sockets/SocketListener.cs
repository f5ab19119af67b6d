using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Gatehouse.Sockets;

/// <summary>
/// A listening socket whose connections are served by <see cref="SocketLoop"/>s. It survives the limit of open files: when the system cannot
/// give it a descriptor it waits, elsewhere than on the threads whose events would free some.
/// </summary>
internal sealed class SocketListener : IConnectionListener, IEpollTarget
{
    /// <summary>Connections that the system completes before they are accepted; Kestrel's own default.</summary>
    private const int Backlog = 512;

    private static readonly TimeSpan s_wait = TimeSpan.FromMilliseconds(50);
    private readonly Socket _socket;
    private readonly SocketLoop _loop = SocketLoop.Next();
    private readonly Readiness _acceptable = new();
    private readonly MemoryPool<byte> _memory;
    private readonly TimeProvider _time;
    private readonly Func<int?>? _accept;
    private readonly bool _isAny;
    private volatile bool _isUnbound;

    /// <summary>Binds and listens.</summary>
    /// <param name="endPoint">Where; port 0 takes any.</param>
    /// <param name="memory">Of the connections' buffers.</param>
    /// <param name="time">For waiting.</param>
    /// <param name="accept">Asked before the system in tests, for an error of its own: no test can take a process's descriptors away without ending it.</param>
    /// <exception cref="AddressInUseException">Somebody else listens there.</exception>
    public SocketListener(EndPoint endPoint, MemoryPool<byte> memory, TimeProvider time, Func<int?>? accept = null)
    {
        (_memory, _time, _accept) = (memory, time, accept);
        try
        {
            _socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);
            // Accepted sockets take it over.
            _socket.NoDelay = true;
            _socket.Blocking = false;
            _socket.Listen(Backlog);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            _socket?.Dispose();
            throw new AddressInUseException(e.Message, e);
        }
        EndPoint = _socket.LocalEndPoint!;
        _isAny = EndPoint is not IPEndPoint { Address: var address } || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
        try
        {
            _loop.Add(this);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }

    public EndPoint EndPoint { get; }

    SafeHandle IEpollTarget.Handle => _socket.SafeHandle;

    ulong IEpollTarget.PlaceInLoop { get; set; }

    void IEpollTarget.OnEvents(uint events) => _acceptable.Set();

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (!_isUnbound)
        {
            var (connection, error) = TryAccept();
            if (connection is not null)
                return connection;
            switch (error)
            {
                case LibC.TryAgain:
                    await _acceptable.WaitAsync();
                    await Task.Yield(); // A storm of them must not keep the thread from those who are in.
                    break;
                case 0 or LibC.Interrupted or LibC.ConnectionAborted:
                    break; // Unbound, or the client was gone before it was accepted.
                default:
                    await Task.Delay(s_wait, _time, cancellationToken); // No descriptors or no memory, most likely.
                    break;
            }
        }
        return null;
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _isUnbound = true;
        _loop.Remove(this);
        _socket.Dispose();
        ThreadPool.UnsafeQueueUserWorkItem(static acceptable => acceptable.Set(), _acceptable, preferLocal: false);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await UnbindAsync();
        _memory.Dispose();
    }

    private unsafe (SocketConnection? Connection, int Error) TryAccept()
    {
        if (_accept?.Invoke() is { } made)
            return (null, made);
        var address = stackalloc byte[LibC.AddressBytes];
        uint length = LibC.AddressBytes;
        int descriptor;
        try
        {
            descriptor = LibC.accept4(_socket.SafeHandle, address, &length, LibC.NonBlocking | LibC.CloseOnExec);
        }
        catch (ObjectDisposedException)
        {
            return (null, 0); // Unbound.
        }
        if (descriptor < 0)
            return (null, LibC.Error);
        var accepted = new SocketDescriptor(descriptor);
        return (new SocketConnection(accepted, LocalEndPointOf(accepted), SocketAddresses.Read(new ReadOnlySpan<byte>(address, (int)length)), _memory), 0);
    }

    // Bound to one address, every connection's own end is that.
    private unsafe IPEndPoint? LocalEndPointOf(SocketDescriptor accepted)
    {
        if (!_isAny)
            return (IPEndPoint)EndPoint;
        var address = stackalloc byte[LibC.AddressBytes];
        uint length = LibC.AddressBytes;
        return LibC.getsockname(accepted, address, &length) == 0 ? SocketAddresses.Read(new ReadOnlySpan<byte>(address, (int)length)) : null;
    }
}
