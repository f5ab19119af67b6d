using System.Net;
using System.Net.Sockets;

namespace Gatehouse.Client;

/// <summary>Opens TCP connections. <c>localhost</c> and every name below it is loopback (RFC 6761 §6.3): glibc's resolver knows only the first.</summary>
internal static class Dialer
{
    internal static bool IsLoopbackName(string host)
    {
        var name = host.AsSpan().TrimEnd('.');
        return name.Equals("localhost", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
    }

    internal static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var target = context.DnsEndPoint;
        if (!IsLoopbackName(target.Host))
            return await ConnectAsync(new Socket(SocketType.Stream, ProtocolType.Tcp), target, cancel);
        try
        {
            return await ConnectAsync(NewSocket(AddressFamily.InterNetwork), new IPEndPoint(IPAddress.Loopback, target.Port), cancel);
        }
        catch (SocketException) when (Socket.OSSupportsIPv6)
        {
            return await ConnectAsync(NewSocket(AddressFamily.InterNetworkV6), new IPEndPoint(IPAddress.IPv6Loopback, target.Port), cancel);
        }
    }

    private static Socket NewSocket(AddressFamily family) => new(family, SocketType.Stream, ProtocolType.Tcp);

    private static async ValueTask<Stream> ConnectAsync(Socket socket, EndPoint target, CancellationToken cancel)
    {
        try
        {
            socket.NoDelay = true;
            await socket.ConnectAsync(target, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
