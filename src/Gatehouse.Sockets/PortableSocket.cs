using System.Net.Sockets;

namespace Gatehouse.Sockets;

/// <summary>A socket of the platform's, for systems and engines without <see cref="SocketLoop"/>.</summary>
internal sealed class PortableSocket(Socket socket) : StreamSocket
{
    private ValueTask<int>? _listening;
    private volatile bool _isReset;

    public override bool IsQuiet
    {
        get
        {
            try
            {
#pragma warning disable CA2012 // It is consumed once: by the next reader, or by nobody when the socket is closed.
                _listening ??= socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, CancellationToken.None);
#pragma warning restore CA2012
                return _listening is { IsCompleted: false };
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return false;
            }
        }
    }

    public override bool IsQuietNow
    {
        get
        {
            try
            {
                return IsQuiet && socket.Available == 0;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return false;
            }
        }
    }

    public override async ValueTask ReadableAsync()
    {
        var listening = _listening ?? socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, CancellationToken.None);
        _listening = null;
        try
        {
            await listening;
        }
        catch (Exception e) when (e is SocketException || (e is ObjectDisposedException && _isReset))
        {
            throw new IOException(e.Message, e);
        }
    }

    public override int TryReceive(Span<byte> buffer)
    {
        try
        {
            return socket.Receive(buffer, SocketFlags.None);
        }
        catch (Exception e) when (e is SocketException || (e is ObjectDisposedException && _isReset))
        {
            throw new IOException(e.Message, e);
        }
    }

    public override async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            while (bytes.Length > 0)
                bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, CancellationToken.None)..];
        }
        catch (Exception e) when (e is SocketException || (e is ObjectDisposedException && _isReset))
        {
            throw new IOException(e.Message, e);
        }
    }

    public override void Reset()
    {
        _isReset = true;
        socket.Close(0);
    }

    protected override void Dispose(bool disposing)
    {
        try
        {
            // Closing alone would reset it, because of the pending read.
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Its other side was first.
        }
        socket.Dispose();
    }
}
