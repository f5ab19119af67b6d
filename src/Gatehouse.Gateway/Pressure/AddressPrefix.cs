using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Gatehouse.Gateway;

/// <summary>Whom one address stands for when attempts are counted: an IPv4 address by itself, the /64 network of an IPv6 one, which is what one customer gets (RFC 6177).</summary>
internal readonly record struct AddressPrefix(bool IsV6, ulong Bits)
{
    /// <summary>Allocates nothing. An IPv4 address mapped into IPv6 is the IPv4 address.</summary>
    public static AddressPrefix Of(IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (address is null || !address.TryWriteBytes(bytes, out _))
            return default;
        if (address.AddressFamily == AddressFamily.InterNetwork)
            return new(false, BinaryPrimitives.ReadUInt32BigEndian(bytes));
        return address.IsIPv4MappedToIPv6
            ? new(false, BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]))
            : new(true, BinaryPrimitives.ReadUInt64BigEndian(bytes));
    }
}
