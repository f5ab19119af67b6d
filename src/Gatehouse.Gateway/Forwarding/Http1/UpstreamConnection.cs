using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Gatehouse.Gateway;

/// <summary>
/// One connection to a service. While it is idle a read is pending, so that its end, or bytes nobody asked for, are seen before it is used
/// again. One exchange at a time; <see cref="Abort"/> may come from any thread.
/// </summary>
internal sealed class UpstreamConnection(UpstreamPool pool, Socket socket)
{
    /// <summary>For what comes in; a longer head makes it grow once.</summary>
    private const int BufferBytes = 8 * 1024;

    private byte[] _buffer = new byte[BufferBytes];
    private int _start;
    private int _end;
    private ValueTask<int>? _receiving;
    private int _failure;

    public ResponseHead Head { get; } = new();

    /// <summary>What is sent next.</summary>
    public SendBuffer Output { get; } = new();

    /// <summary>It served a request before: then its end may only mean that the service got tired of waiting.</summary>
    public bool IsReused { get; set; }

    /// <summary>Second of <see cref="UpstreamPool.Now"/> in which it was opened.</summary>
    public int OpenedAt { get; } = pool.Now;

    /// <summary>Second of <see cref="UpstreamPool.Now"/> in which bytes last went or came.</summary>
    public int ActiveAt { get; private set; } = pool.Now;

    /// <summary>Received and not used yet.</summary>
    public ReadOnlyMemory<byte> Unread => _buffer.AsMemory(_start, _end - _start);

    /// <summary>Nothing more has come than what was used, nor the end.</summary>
    public bool IsQuiet => _start == _end && _receiving is { IsCompleted: false } && Volatile.Read(ref _failure) == 0;

    /// <summary>Something has come since <see cref="Begin"/>.</summary>
    public bool HasAnswered { get; private set; }

    /// <summary>Whose request it has; of the last one while it is idle.</summary>
    public string Owner { get; private set; } = "";

    /// <summary>Before a request of <paramref name="owner"/>.</summary>
    public void Begin(string owner)
    {
        Owner = owner;
        HasAnswered = false;
        Touch();
    }

    /// <summary>Its time without a byte begins now.</summary>
    public void Touch() => ActiveAt = pool.Now;

    public void Consume(int bytes)
    {
        _start += bytes;
        if (_start == _end)
            _start = _end = 0;
    }

    /// <summary>Begins to receive without waiting: the answer to the next request, or the connection's end. False when it is closed already.</summary>
    public bool TryListen()
    {
        try
        {
#pragma warning disable CA2012 // It is consumed once: by the next exchange, or by nobody when the connection is closed.
            _receiving ??= socket.ReceiveAsync(_buffer.AsMemory(_end), SocketFlags.None, CancellationToken.None);
#pragma warning restore CA2012
            return true;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Waits for more bytes; what it gives goes to <see cref="Received"/>, what it throws to <see cref="Failed"/>.</summary>
    public ValueTask<int> ReceiveMoreAsync()
    {
        if (_receiving is { } receiving)
        {
            _receiving = null;
            return receiving;
        }
        MakeRoom();
        return socket.ReceiveAsync(_buffer.AsMemory(_end), SocketFlags.None, CancellationToken.None);
    }

    /// <summary>Takes note of what came; false at the end.</summary>
    public bool Received(int bytes)
    {
        _end += bytes;
        HasAnswered |= bytes > 0;
        Touch();
        return bytes > 0;
    }

    /// <summary>Waits for more bytes; false at the end.</summary>
    /// <exception cref="UpstreamException">It broke, or was aborted.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> ReceiveAsync()
    {
        try
        {
            return Received(await ReceiveMoreAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw Failed(e);
        }
    }

    /// <summary>Sends all of <paramref name="bytes"/>.</summary>
    /// <exception cref="UpstreamException">It broke, or was aborted.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            while (bytes.Length > 0)
            {
                bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, CancellationToken.None)..];
                Touch();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw Failed(e);
        }
    }

    /// <summary>Cuts the connection; what waits for it fails with <paramref name="because"/>. The first reason stays.</summary>
    public void Abort(ForwardFailure because)
    {
        if (Interlocked.CompareExchange(ref _failure, (int)because, 0) == 0)
            socket.Close(0); // Reset, not an orderly end: the service must not take half a body for a whole one.
    }

    /// <summary>Ends an idle connection in order.</summary>
    public void Close()
    {
        if (Interlocked.CompareExchange(ref _failure, (int)ForwardFailure.Broken, 0) != 0)
            return;
        try
        {
            // Disposing alone would reset it, because of the pending read.
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // Its other side was first.
        }
        socket.Dispose();
    }

    /// <summary>Why the socket threw.</summary>
    public UpstreamException Failed(Exception e)
    {
        var failure = (ForwardFailure)Volatile.Read(ref _failure);
        return new UpstreamException(failure == ForwardFailure.None ? ForwardFailure.Broken : failure, "the connection broke", e);
    }

    private void MakeRoom()
    {
        if (_end < _buffer.Length)
            return;
        if (_start > 0)
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        else
            Array.Resize(ref _buffer, ResponseHead.MaxBytes);
        _end -= _start;
        _start = 0;
    }
}
