using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Gatehouse.IntegrationTests.Doctor;

/// <summary>Something on a port of loopback that does what a test says with every connection: a proxy, a middlebox, a server of another make.</summary>
internal sealed class ScriptedPeer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _accepting;

    public ScriptedPeer(Func<NetworkStream, CancellationToken, Task> serve)
    {
        _listener.Start();
        _accepting = AcceptAsync(serve);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>A proxy that answers every CONNECT with this line, or really opens the tunnel.</summary>
    public static ScriptedPeer Proxy(string? answer, int to = 0) => new(async (stream, cancel) =>
    {
        await ReadHeadAsync(stream, cancel);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(answer ?? "HTTP/1.1 200 Connection established\r\n\r\n"), cancel);
        if (answer is null)
            await RelayAsync(stream, to, cancel);
    });

    /// <summary>A proxy that is spoken to over TLS and opens every tunnel to this port.</summary>
    public static ScriptedPeer TlsProxy(X509Certificate2 certificate, int to) => new(async (stream, cancel) =>
    {
        await using var secured = new SslStream(stream);
        await secured.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, cancel);
        var head = Encoding.ASCII.GetString(await ReadHeadAsync(secured, cancel));
        if (!head.Contains("Proxy-Authorization: Basic ", StringComparison.Ordinal))
            return;
        await secured.WriteAsync("HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray(), cancel);
        await RelayAsync(secured, to, cancel);
    });

    /// <summary>Ends TLS, asks for a certificate, and answers each request by its path.</summary>
    public static ScriptedPeer TlsByPath(X509Certificate2 certificate, Func<string, string> answer) => new(async (stream, cancel) =>
    {
        await using var secured = new SslStream(stream);
        await secured.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions { ServerCertificate = certificate, ClientCertificateRequired = true, RemoteCertificateValidationCallback = AcceptAny }, cancel);
        var head = Encoding.ASCII.GetString(await ReadHeadAsync(secured, cancel));
        if (head.Length > 0)
            await secured.WriteAsync(Encoding.ASCII.GetBytes(answer(head.Split(' ')[1])), cancel);
    });

    /// <summary>Ends TLS with its own certificate, and answers each request with this text, or passes it on to a gateway without the client's certificate.</summary>
    public static ScriptedPeer Tls(X509Certificate2 certificate, string? answer, bool asks = false, (string Host, int Port)? gateway = null) => new(async (stream, cancel) =>
    {
        await using var secured = new SslStream(stream);
        await secured.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions { ServerCertificate = certificate, ClientCertificateRequired = asks, RemoteCertificateValidationCallback = AcceptAny }, cancel);
        var head = await ReadHeadAsync(secured, cancel);
        if (head.Length == 0)
            return; // A look at the handshake alone.
        if (gateway is { } behind)
        {
            using var inner = new TcpClient();
            await inner.ConnectAsync(IPAddress.Loopback, behind.Port, cancel);
            await using var onwards = new SslStream(inner.GetStream(), false, AcceptAny);
            await onwards.AuthenticateAsClientAsync(behind.Host);
            await onwards.WriteAsync(head, cancel);
            await onwards.CopyToAsync(secured, cancel);
        }
        else if (answer is not null)
        {
            await secured.WriteAsync(Encoding.ASCII.GetBytes(answer), cancel);
        }

        await secured.ShutdownAsync();
    });

#pragma warning disable CA5359 // A middlebox believes everybody.
    private static readonly RemoteCertificateValidationCallback AcceptAny = (_, _, _, _) => true;
#pragma warning restore CA5359

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _accepting;
        _listener.Stop();
        _end.Dispose();
    }

    private async Task AcceptAsync(Func<NetworkStream, CancellationToken, Task> serve)
    {
        var open = new List<Task>();
        try
        {
            while (true)
                open.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token), serve));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task ServeAsync(TcpClient client, Func<NetworkStream, CancellationToken, Task> serve)
    {
        using (client)
        {
            try
            {
                await serve(client.GetStream(), _end.Token);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or System.Security.Authentication.AuthenticationException or SocketException)
            {
                // The other side went away, as examined sides do.
            }
        }
    }

    private static async Task<byte[]> ReadHeadAsync(Stream stream, CancellationToken cancel)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (!(head.Count >= 4 && head[^1] == '\n' && head[^3] == '\n') && await stream.ReadAsync(one, cancel) == 1)
            head.Add(one[0]);
        return [.. head];
    }

    private static async Task RelayAsync(Stream stream, int port, CancellationToken cancel)
    {
        using var there = new TcpClient();
        await there.ConnectAsync(IPAddress.Loopback, port, cancel);
        await Task.WhenAny(stream.CopyToAsync(there.GetStream(), cancel), there.GetStream().CopyToAsync(stream, cancel));
    }
}
