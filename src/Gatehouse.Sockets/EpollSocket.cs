using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gatehouse.Sockets;

/// <summary>
/// A socket of a <see cref="SocketLoop"/>. The kernel tells of changes only (edges): once less came than there was room for, the next byte is
/// news, and asking before it is told would be a call for nothing.
/// </summary>
internal sealed class EpollSocket : StreamSocket, IEpollTarget
{
    private const uint Reads = LibC.EventIn | LibC.EventPriority | LibC.EventPeerHangUp | LibC.EventHangUp | LibC.EventError;
    private const uint Writes = LibC.EventOut | LibC.EventHangUp | LibC.EventError;
    private const uint Ends = LibC.EventPeerHangUp | LibC.EventHangUp | LibC.EventError;

    private readonly Readiness _readable = new(), _writable = new();
    private readonly IDisposable _owner;
    private readonly Action? _peerIsGone;
    private readonly SocketLoop _loop = SocketLoop.Next();
    private volatile bool _hasEnd;
    private volatile bool _hasUrgent;
    private volatile bool _isBroken;
    private volatile bool _isReset;
    private bool _isDrained;
    private bool _isWatched = true;
    private int _isDisposed;

    private EpollSocket(SafeHandle handle, IDisposable owner, Action? peerIsGone) => (Handle, _owner, _peerIsGone) = (handle, owner, peerIsGone);

    public SafeHandle Handle { get; }

    public ulong PlaceInLoop { get; set; }

    /// <summary>Watches a socket.</summary>
    /// <param name="handle">Connected or connecting, and non-blocking.</param>
    /// <param name="owner">Closes it; disposed with the result.</param>
    /// <param name="peerIsGone">Called once when the peer has ended its side, or the connection broke; on the loop's thread. Null: not at all.</param>
    /// <exception cref="IOException">The kernel will not watch it; <paramref name="owner"/> was disposed.</exception>
    public static EpollSocket Watch(SafeHandle handle, IDisposable owner, Action? peerIsGone = null)
    {
        var socket = new EpollSocket(handle, owner, peerIsGone);
        try
        {
            socket._loop.Add(socket);
            return socket;
        }
        catch
        {
            owner.Dispose();
            throw;
        }
    }

    /// <summary>
    /// A socket that is watched from the first wait on: who waits first goes on, on the loop's thread, even when the bytes are there already. Two
    /// threads in the handshakes of one core's connections get into each other's way, in OpenSSL's locks and in the cache.
    /// </summary>
    /// <param name="handle">Connected, and non-blocking.</param>
    /// <param name="owner">Closes it; disposed with the result.</param>
    /// <param name="peerIsGone">As in <see cref="Watch"/>.</param>
    public static EpollSocket WatchLater(SafeHandle handle, IDisposable owner, Action peerIsGone) => new(handle, owner, peerIsGone) { _isWatched = false };

    // Told of something it may be what was read already.
    public override bool IsQuiet => _isDrained && !_readable.IsSet && !_hasUrgent ? !IsOver : IsQuietNow;

    private bool IsOver => _hasEnd || _isReset || Volatile.Read(ref _isDisposed) != 0;

    public override bool IsQuietNow
    {
        get
        {
            if (IsOver)
                return false;
            _readable.Clear();
            Span<byte> next = stackalloc byte[1];
            return _isDrained = Receive(next, LibC.Peek) < 0 && LibC.Error == LibC.TryAgain;
        }
    }

    public override ValueTask ReadableAsync() => _isReset ? default : !_isWatched ? WatchAsync(_readable) : _isDrained ? _readable.WaitAsync() : default;

    /// <summary>Done when the peer takes more, or the connection broke.</summary>
    /// <exception cref="IOException">It is waited for the first time, and the kernel will not watch it.</exception>
    public ValueTask WritableAsync() => _isReset ? default : _isWatched ? _writable.WaitAsync() : WatchAsync(_writable);

    private ValueTask WatchAsync(Readiness readiness)
    {
        (_isWatched, _isDrained) = (true, true);
        var waiting = readiness.WaitAsync();
        _loop.Add(this);
        // Who disposed of it meanwhile may have looked for its place in the loop too early to find it.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _isDisposed) != 0)
            _loop.Remove(this);
        return waiting;
    }

    public override int TryReceive(Span<byte> buffer)
    {
        while (true)
        {
            ThrowIfReset();
            var count = Receive(buffer, 0);
            if (count >= 0)
            {
                // After the end no news will come: the next try has to be made without.
                _isDrained = count < buffer.Length && count > 0 && !_hasEnd && !_hasUrgent;
                // The kernel tells of a reset once, perhaps to the sender, and of an end from then on.
                if (count == 0 && _isBroken)
                    throw new IOException("The connection was reset.");
                return count;
            }
            switch (LibC.Error)
            {
                case LibC.Interrupted:
                    continue;
                case LibC.TryAgain:
                    _isDrained = true;
                    return -1;
                default:
                    _isBroken = true;
                    throw LibC.Failure("recv");
            }
        }
    }

    /// <summary>Bytes that the kernel took; -1 when it takes none now.</summary>
    /// <param name="bytes">Not empty.</param>
    /// <param name="moreFollows">An incomplete packet may wait for what follows at once.</param>
    /// <exception cref="IOException">The connection is broken.</exception>
    /// <exception cref="ObjectDisposedException">It was closed here.</exception>
    public int TrySend(ReadOnlySpan<byte> bytes, bool moreFollows = false)
    {
        while (true)
        {
            ThrowIfReset();
            var count = Send(bytes, moreFollows ? LibC.NoSignal | LibC.More : LibC.NoSignal);
            if (count >= 0)
                return count;
            switch (LibC.Error)
            {
                case LibC.Interrupted:
                    continue;
                case LibC.TryAgain:
                    return -1;
                default:
                    _isBroken = true;
                    throw LibC.Failure("send");
            }
        }
    }

    public override ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        var sent = TrySend(bytes.Span);
        return sent == bytes.Length ? default : SendRestAsync(bytes[Math.Max(0, sent)..]);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendRestAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            await WritableAsync();
            bytes = bytes[Math.Max(0, TrySend(bytes.Span))..];
        }
    }

    /// <summary>Lets who waits look again, elsewhere than here: something but the socket has changed.</summary>
    public void Wake()
    {
        if (_readable.TrySetUnawaited() & _writable.TrySetUnawaited())
            return;
        ThreadPool.UnsafeQueueUserWorkItem(
            static socket =>
            {
                socket._readable.Set();
                socket._writable.Set();
            },
            this, preferLocal: false);
    }

    /// <summary>Ends our side in order. What came can still be read; writing finds the connection broken.</summary>
    public void EndOutput()
    {
        try
        {
            _ = LibC.shutdown(Handle, LibC.ShutdownWrite);
        }
        catch (ObjectDisposedException)
        {
            return;
        }
        Wake();
    }

    /// <summary>
    /// Before it is closed with bytes that nobody will read: the kernel would reset the connection for them, and the peer might lose our last
    /// words. Takes a bounded number of them away, after ending our side.
    /// </summary>
    public void LeaveNothingUnread()
    {
        const int Most = 64;
        if ((_isDrained && !_readable.IsSet) || _isReset)
            return;
        EndOutput();
        Span<byte> unread = stackalloc byte[4 * 1024];
        try
        {
            for (var i = 0; i < Most && TryReceive(unread) > 0; i++)
            {
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Nobody is left to lose them.
        }
    }

    public override void Reset()
    {
        _isReset = true;
        // Ten thousand that were asked to end are cut a moment later, and nearly all are gone by then: no exception for each.
        if (Volatile.Read(ref _isDisposed) != 0)
            return;
        try
        {
            // Connecting to no address ends a connection with a reset at once, while others may still use the descriptor.
            Disconnect();
        }
        catch (ObjectDisposedException)
        {
            return;
        }
        Wake();
    }

    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        _loop.Remove(this);
        _owner.Dispose();
        // Who still waits finds it closed.
        _isReset = true;
        Wake();
    }

    public void OnEvents(uint events)
    {
        if ((events & LibC.EventPriority) != 0)
            _hasUrgent = true; // Reading stops short at its mark, with more behind it.
        if ((events & Ends) != 0 && !_hasEnd)
        {
            _hasEnd = true;
            // Who reads now must not miss it and wait for news that will not come.
            Interlocked.MemoryBarrier();
            _peerIsGone?.Invoke();
        }
        if ((events & Reads) != 0)
            _readable.Set();
        if ((events & Writes) != 0)
            _writable.Set();
    }

    private void ThrowIfReset()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        if (_isReset)
            throw new IOException("The connection was reset from this side.");
    }

    private unsafe int Receive(Span<byte> buffer, int flags)
    {
        fixed (byte* bytes = buffer)
            return (int)LibC.recv(Handle, bytes, (nuint)buffer.Length, flags);
    }

    private unsafe int Send(ReadOnlySpan<byte> buffer, int flags)
    {
        fixed (byte* bytes = buffer)
            return (int)LibC.send(Handle, bytes, (nuint)buffer.Length, flags);
    }

    private unsafe void Disconnect()
    {
        var nowhere = stackalloc byte[LibC.AddressBytes];
        new Span<byte>(nowhere, LibC.AddressBytes).Clear();
        _ = LibC.connect(Handle, nowhere, LibC.AddressBytes);
    }
}
