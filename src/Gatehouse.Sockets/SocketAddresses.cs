using System.Buffers.Binary;
using System.Net;

namespace Gatehouse.Sockets;

/// <summary>The kernel's form of addresses (<c>struct sockaddr_in</c>, <c>sockaddr_in6</c>).</summary>
internal static class SocketAddresses
{
    private const ushort InterNetwork = 2, InterNetworkV6 = 10;

    /// <summary>Reads one; null when it is of another family.</summary>
    public static IPEndPoint? Read(ReadOnlySpan<byte> address)
    {
        if (address.Length < 16)
            return null;
        var port = BinaryPrimitives.ReadUInt16BigEndian(address[2..]);
        return BitConverter.ToUInt16(address) switch
        {
            InterNetwork => new IPEndPoint(new IPAddress(address.Slice(4, 4)), port),
            InterNetworkV6 when address.Length >= 28 => new IPEndPoint(new IPAddress(address.Slice(8, 16), BitConverter.ToUInt32(address[24..])), port),
            _ => null,
        };
    }
}
