using System.Runtime.CompilerServices;
using Gatehouse.Sockets;

namespace Gatehouse.Gateway;

/// <summary>
/// One connection to a service. That its end came, or bytes nobody asked for, is seen before it is used again. One exchange at a time; <see cref="Abort"/> may come from any thread.
/// </summary>
internal sealed class UpstreamConnection(UpstreamPool pool, StreamSocket socket)
{
    /// <summary>For what comes in; a longer head makes it grow once.</summary>
    private const int BufferBytes = 8 * 1024;

    private byte[] _buffer = new byte[BufferBytes];
    private int _start;
    private int _end;
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
    public bool IsQuiet => _start == _end && Volatile.Read(ref _failure) == 0 && socket.IsQuiet;

    /// <summary>The same by asking the system: for the moment before another account uses it.</summary>
    public bool IsQuietNow => _start == _end && Volatile.Read(ref _failure) == 0 && socket.IsQuietNow;

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

    /// <summary>Done when <see cref="Receive"/> is worth a try. What it throws goes to <see cref="Failed"/>.</summary>
    public ValueTask ReadableAsync() => socket.ReadableAsync();

    /// <summary>Takes what has come, which may be nothing; false at the end. What it throws goes to <see cref="Failed"/>.</summary>
    public bool Receive()
    {
        MakeRoom();
        var count = socket.TryReceive(_buffer.AsSpan(_end));
        if (count > 0)
        {
            _end += count;
            HasAnswered = true;
            Touch();
        }
        return count != 0;
    }

    /// <summary>Waits for more bytes; false at the end.</summary>
    /// <exception cref="UpstreamException">It broke, or was aborted.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> ReceiveAsync()
    {
        try
        {
            for (var before = _end - _start; _end - _start == before;)
            {
                await socket.ReadableAsync();
                if (!Receive())
                    return false;
            }
            return true;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            throw Failed(e);
        }
    }

    /// <summary>Sends all of <paramref name="bytes"/>.</summary>
    /// <exception cref="UpstreamException">It broke, or was aborted.</exception>
    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        ValueTask sending;
        try
        {
            sending = socket.SendAsync(bytes);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return ValueTask.FromException(Failed(e));
        }
        Touch();
        return sending.IsCompletedSuccessfully ? default : SentAsync(sending);
    }

    private async ValueTask SentAsync(ValueTask sending)
    {
        try
        {
            await sending;
            Touch();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            throw Failed(e);
        }
    }

    /// <summary>Cuts the connection; what waits for it fails with <paramref name="because"/>. The first reason stays.</summary>
    public void Abort(ForwardFailure because)
    {
        if (Interlocked.CompareExchange(ref _failure, (int)because, 0) == 0)
            socket.Reset(); // Not an orderly end: the service must not take half a body for a whole one.
    }

    /// <summary>Gives the socket back to the system: in order, unless it was aborted before. Nobody may be using it.</summary>
    public void Close()
    {
        Interlocked.CompareExchange(ref _failure, (int)ForwardFailure.Broken, 0);
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
