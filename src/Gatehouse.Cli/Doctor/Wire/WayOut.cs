using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Gatehouse.Client;
using Gatehouse.Cli.SelfTest.Wire;

namespace Gatehouse.Cli.Doctor.Wire;

/// <summary>Opens connections as a delegate here would: directly, or through the proxy.</summary>
/// <param name="proxy">Null for none.</param>
/// <param name="connect">Connect there, whatever the name resolves to; null for where the name leads.</param>
/// <param name="trust">Judges a proxy that is spoken to over TLS, as it does the gateway.</param>
internal sealed class WayOut(OutboundProxy? proxy, (string Host, int Port)? connect, ServerTrust trust)
{
    /// <summary>The proxy that stands between here and there; null when there is none.</summary>
    public string? ProxyFor(Uri target) => proxy?.GetProxy(target) is null || connect is not null ? null : proxy!.Address;

    /// <summary>Where packets go.</summary>
    public (string Host, int Port) PlaceFor(Uri target)
    {
        if (connect is { } fixedPlace)
            return fixedPlace;
        var next = proxy?.GetProxy(target) ?? target;
        // A name below localhost is this machine (RFC 6761 §6.3), whatever the resolver knows.
        var local = next.IdnHost == "localhost" || next.IdnHost.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
        return (local ? "127.0.0.1" : next.IdnHost.Trim('[', ']'), next.Port);
    }

    /// <summary>A connection to the target, ready for its first byte.</summary>
    /// <exception cref="SocketException">Nobody is there.</exception>
    /// <exception cref="ProxyException">The proxy does not let through.</exception>
    /// <exception cref="ServerCertificateException">The proxy's certificate is not believed.</exception>
    public async Task<Stream> OpenAsync(Uri target, CancellationToken cancellationToken)
    {
        var (host, port) = PlaceFor(target);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream? stream = null;
        try
        {
            if (IPAddress.TryParse(host, out var ip))
                await socket.ConnectAsync(ip, port, cancellationToken);
            else
                await socket.ConnectAsync(host, port, cancellationToken);
            stream = new NetworkStream(socket, ownsSocket: true);
            if (ProxyFor(target) is null)
                return stream;
            var address = proxy!.GetProxy(target)!;
            if (address.Scheme == Uri.UriSchemeHttps)
            {
                var look = await TlsLook.OpenAsync(stream, address.IdnHost, certificate: null, cancellationToken);
                stream = look.Stream;
                // Before the proxy's user and password are sent.
                if (look.Server is not null && trust.Judge(address.IdnHost, look.Server, look.Sent) is { } refused)
                    throw refused;
            }

            await TunnelAsync(stream, target, cancellationToken);
            return stream;
        }
        catch
        {
            if (stream is not null)
                await stream.DisposeAsync();
            socket.Dispose();
            throw;
        }
    }

    private async Task TunnelAsync(Stream stream, Uri target, CancellationToken cancellationToken)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{target.IdnHost}:{target.Port}");
        var credentials = proxy!.Credentials?.GetCredential(target, "Basic") is { UserName.Length: > 0 } known
            ? $"Proxy-Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{known.UserName}:{known.Password}"))}\r\n" : "";
        Answer answer;
        try
        {
            answer = await Http1Exchange.SendHeadAsync(stream, $"CONNECT {name} HTTP/1.1\r\nHost: {name}\r\n{credentials}\r\n", cancellationToken);
        }
        catch (Exception e) when (e is IOException)
        {
            throw new ProxyException(new Answer(Ending.Closed));
        }

        if (answer.Status is < 200 or > 299)
            throw new ProxyException(answer);
    }
}

/// <summary>The proxy opened no tunnel.</summary>
internal sealed class ProxyException(Answer answer) : Exception("The proxy opened no tunnel.")
{
    /// <summary>What it said.</summary>
    public Answer Answer { get; } = answer;
}
