using System.Net;
using System.Net.Sockets;

namespace Gatehouse.Load;

/// <summary>Addresses on loopback for servers that cannot be told to choose a port and say which.</summary>
internal static class Loopback
{
    /// <summary>An address that is free now. There is a moment in which somebody else could take it; then the server's start fails, loudly.</summary>
    public static IPEndPoint FreeAddress()
    {
        using var held = new TcpListener(IPAddress.Loopback, 0);
        held.Start();
        return (IPEndPoint)held.LocalEndpoint;
    }

    public static async Task<bool> AnswersAsync(IPEndPoint address, CancellationToken cancellationToken)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(address, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
