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

    /// <summary>A first hello of TLS 1.3 without a key share: the server asks for a second one (HelloRetryRequest, RFC 8446 §4.1.4).</summary>
    public static byte[] First13(byte[] random, byte[] name) => Of13(random, name, []);

    /// <summary>The second hello, with a share for X25519.</summary>
    public static byte[] Second13(byte[] random, byte[] name) => Of13(random, name, [0, 0x1d, 0, 32, .. RandomNumberGenerator.GetBytes(32)]);

    private static byte[] Of13(byte[] random, byte[] name, byte[] share)
    {
        byte[] groups = [0, 2, 0, 0x1d], signatures = [0, 4, 4, 3, 8, 4], versions = [2, 3, 4], shares = [.. Length(share.Length), .. share];
        byte[] serverName = [.. Length(name.Length + 3), 0, .. Length(name.Length), .. name];
        byte[] extensions = [.. Extension(0, serverName), .. Extension(10, groups), .. Extension(13, signatures), .. Extension(43, versions), .. Extension(51, shares)];
        byte[] hello = [3, 3, .. random, 0, 0, 2, 0x13, 1, 1, 0, .. Length(extensions.Length), .. extensions];
        byte[] message = [1, 0, .. Length(hello.Length), .. hello];
        return [22, 3, 1, .. Length(message.Length), .. message];
    }

    private static byte[] Extension(byte type, byte[] body) => [0, type, .. Length(body.Length), .. body];

    private static byte[] Length(int value) => [(byte)(value >> 8), (byte)value];
}
