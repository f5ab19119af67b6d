using System.Net;
using System.Net.Sockets;

namespace Gatehouse.Sockets;

/// <summary>Connects to services.</summary>
public static class SocketConnector
{
    /// <summary>A connection to the first address of <paramref name="host"/> that takes one.</summary>
    /// <param name="host">A name or an address.</param>
    /// <param name="port">1 to 65535.</param>
    /// <param name="inLoop">The socket is served by the loops of this library (Linux only), and by the runtime otherwise.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="SocketException">No address takes it, or there is none; of the last one tried.</exception>
    /// <exception cref="IOException">The system cannot watch another socket.</exception>
    public static async ValueTask<StreamSocket> ConnectAsync(string host, int port, bool inLoop, CancellationToken cancellationToken)
    {
        if (!inLoop)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(host, port, cancellationToken);
                return new PortableSocket(socket);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
        var failure = new SocketException((int)SocketError.HostNotFound);
        foreach (var address in await Dns.GetHostAddressesAsync(host, cancellationToken))
        {
            try
            {
                return await ConnectInLoopAsync(new IPEndPoint(address, port), cancellationToken);
            }
            catch (SocketException e)
            {
                failure = e;
            }
        }
        throw failure;
    }

    private static async ValueTask<StreamSocket> ConnectInLoopAsync(IPEndPoint address, CancellationToken cancellationToken)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, Blocking = false };
        var isConnecting = false;
        try
        {
            // Not the runtime's asynchronous one: it would watch the socket, too, as long as it lives.
            socket.Connect(address);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            isConnecting = true;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        var watched = EpollSocket.Watch(socket.SafeHandle, socket);
        try
        {
            if (isConnecting)
            {
                await using var wake = cancellationToken.UnsafeRegister(static watched => ((EpollSocket)watched!).Wake(), watched);
                await watched.WritableAsync();
                cancellationToken.ThrowIfCancellationRequested();
                if ((SocketError)(int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)! is var error and not SocketError.Success)
                    throw new SocketException((int)error);
            }
            return watched;
        }
        catch
        {
            watched.Dispose();
            throw;
        }
    }
}
