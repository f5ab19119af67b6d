using System.Buffers.Binary;
using System.Text;

namespace Gatehouse.Tls.OpenSsl;

/// <summary>Reads the body of the ClientHello's server_name extension (RFC 6066 §3); OpenSSL has found it and checked its outer bounds.</summary>
internal static class ServerNameExtension
{
    private const byte HostName = 0;

    /// <summary>The host name as sent; null when the body is not exactly one list with one host name.</summary>
    public static string? Read(ReadOnlySpan<byte> body)
    {
        if (body.Length < 5 || BinaryPrimitives.ReadUInt16BigEndian(body) != body.Length - 2 || body[2] != HostName)
            return null;
        var length = BinaryPrimitives.ReadUInt16BigEndian(body[3..]);
        // Latin-1 keeps every byte: what is no DNS name is turned away by whoever looks it up.
        return length == body.Length - 5 && length > 0 ? Encoding.Latin1.GetString(body[5..]) : null;
    }
}
