using System.Security.Cryptography;

namespace Gatehouse.Gateway.Tests;

/// <summary>A ClientHello written by hand (RFC 5246 §7.4.1.2), for names that no TLS library sends.</summary>
internal static class ClientHelloBytes
{
    /// <summary>One with this host name.</summary>
    public static byte[] For(byte[] name) => With([.. Length(name.Length + 3), 0, .. Length(name.Length), .. name]);

    /// <summary>One with this server_name extension body.</summary>
    public static byte[] With(byte[] serverName)
    {
        byte[] groups = [0, 4, 0, 0x1d, 0, 0x17], signatures = [0, 4, 4, 3, 8, 4], formats = [1, 0];
        byte[] extensions = [.. Extension(0, serverName), .. Extension(10, groups), .. Extension(11, formats), .. Extension(13, signatures)];
        // TLS 1.2; no session; ECDHE with AES-128-GCM for either kind of server key.
        byte[] hello = [3, 3, .. RandomNumberGenerator.GetBytes(32), 0, 0, 4, 0xc0, 0x2b, 0xc0, 0x2f, 1, 0, .. Length(extensions.Length), .. extensions];
        byte[] message = [1, 0, .. Length(hello.Length), .. hello];
        return [22, 3, 1, .. Length(message.Length), .. message];
    }

    private static byte[] Extension(byte type, byte[] body) => [0, type, .. Length(body.Length), .. body];

    private static byte[] Length(int value) => [(byte)(value >> 8), (byte)value];
}
