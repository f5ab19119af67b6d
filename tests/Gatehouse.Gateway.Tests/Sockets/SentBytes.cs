using System.Buffers.Binary;
using System.Net.Sockets;

namespace Gatehouse.Gateway.Tests.Sockets;

/// <summary>Where bytes are that were sent over loopback: mostly at the other end when the call returns, but under load the system carries them over a little later.</summary>
internal static class SentBytes
{
    private const int Tcp = 6, TcpInfo = 11, Unacknowledged = 24, Size = 28; // tcp(7): struct tcp_info, tcpi_unacked.

    /// <summary>Waits until the other end's system has all of them.</summary>
    public static async Task ArrivedAsync(Socket socket)
    {
        var info = new byte[Size];
        while (true)
        {
            Assert.Equal(Size, socket.GetRawSocketOption(Tcp, TcpInfo, info));
            if (BinaryPrimitives.ReadUInt32LittleEndian(info.AsSpan(Unacknowledged)) == 0)
                return;
            await Task.Yield();
        }
    }
}
