using System.Net;
using System.Net.Sockets;

namespace Gatehouse.Cli.SelfTest.Wire;

/// <summary>A name under attack and where its packets go.</summary>
/// <param name="Host">For SNI and Host, as given.</param>
/// <param name="Port">For Host.</param>
/// <param name="Address">Where to connect: a name or an IP address; differs from <paramref name="Host"/> with <c>--connect</c>.</param>
/// <param name="AddressPort">Where to connect.</param>
internal sealed record Site(string Host, int Port, string Address, int AddressPort)
{
    /// <summary>As it stands in <c>Host</c>.</summary>
    public string HostAndPort => Port == 443 ? Host : $"{Host}:{Port}";

    /// <summary>For people, and for <c>openssl s_client -connect</c>.</summary>
    public string Endpoint => AddressFamilyOf(Address) == AddressFamily.InterNetworkV6 ? $"[{Address}]:{AddressPort}" : $"{Address}:{AddressPort}";

    /// <summary>Takes <c>https://HOST[:PORT]</c> with no more behind it than a slash; null with the reason when it is something else.</summary>
    public static Site? Parse(string url, string? connect, out string why)
    {
        why = $"{(url.Contains('@') ? "What holds a user or a password" : $"'{url}'")} is no address to test. Write it like https://customer1.agent.example.io:8443.";
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme != "https" || uri.PathAndQuery != "/" || uri.UserInfo.Length > 0 || uri.HostNameType != UriHostNameType.Dns)
            return null;
        if (connect is null)
            return new Site(uri.IdnHost, uri.Port, Resolved(uri.IdnHost), uri.Port);

        var colon = connect.LastIndexOf(':');
        if (colon < 1 || !ushort.TryParse(connect.AsSpan(colon + 1), out var port) || port == 0)
        {
            why = $"'{connect}' is no place to connect to. Write it like 192.0.2.7:8443.";
            return null;
        }

        return new Site(uri.IdnHost, uri.Port, connect[..colon].Trim('[', ']'), port);
    }

    /// <summary>Opens a connection without delay for small packets.</summary>
    /// <exception cref="SocketException">Nobody is there.</exception>
    public async Task<Socket> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (IPAddress.TryParse(Address, out var address))
                await socket.ConnectAsync(address, AddressPort, cancellationToken);
            else
                await socket.ConnectAsync(Address, AddressPort, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // A name below localhost is this machine (RFC 6761 §6.3), whatever the resolver knows.
    private static string Resolved(string host) =>
        host == "localhost" || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase) ? "127.0.0.1" : host;

    private static AddressFamily AddressFamilyOf(string address) => IPAddress.TryParse(address, out var parsed) ? parsed.AddressFamily : AddressFamily.Unspecified;
}
