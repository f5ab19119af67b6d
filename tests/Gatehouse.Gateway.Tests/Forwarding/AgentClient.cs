using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Gatehouse.Testing;

namespace Gatehouse.Gateway.Tests.Forwarding;

/// <summary>A delegate's connection on which the test writes HTTP/1.1 by hand. Every wait has a limit.</summary>
internal sealed class AgentClient : IAsyncDisposable
{
    private readonly SslStream _stream;
    private readonly Socket _socket;
    private readonly List<byte> _unread = [];

    private AgentClient(SslStream stream, Socket socket) => (_stream, _socket) = (stream, socket);

    /// <summary>Connects to the endpoint <c>customer1</c>.</summary>
    public static async Task<AgentClient> ConnectAsync(AgentListener listener, OpenSsl.Pair? identity)
    {
        using var limit = new CancellationTokenSource(RawService.Limit);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, listener.Port, limit.Token);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "customer1.agent.test",
            ClientCertificates = identity is null ? null : [X509Certificate2.CreateFromPemFile(identity.Certificate, identity.Key)],
            CertificateChainPolicy = listener.ServerTrust(),
        }, limit.Token);
        return new AgentClient(stream, socket);
    }

    public async Task SendAsync(string text) => await SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        using var limit = new CancellationTokenSource(RawService.Limit);
        await _stream.WriteAsync(bytes, limit.Token);
    }

    /// <summary>A GET of the log service.</summary>
    public Task GetAsync(string path = "/x", string headers = "") => SendAsync($"GET /log-service{path} HTTP/1.1\r\nHost: customer1.agent.test\r\n{headers}\r\n");

    /// <summary>Reads up to and with <paramref name="end"/>.</summary>
    public async Task<string> ReadToAsync(string end)
    {
        while (true)
        {
            var text = Encoding.Latin1.GetString([.. _unread]);
            if (text.IndexOf(end, StringComparison.Ordinal) is >= 0 and var at)
            {
                _unread.RemoveRange(0, at + end.Length);
                return text[..(at + end.Length)];
            }
            if (!await ReceiveAsync())
                throw new InvalidOperationException($"The connection ended before '{end}': {text}");
        }
    }

    public Task<string> ReadHeadAsync() => ReadToAsync("\r\n\r\n");

    /// <summary>Exactly so many bytes.</summary>
    public async Task<string> ReadAsync(int bytes)
    {
        while (_unread.Count < bytes)
        {
            if (!await ReceiveAsync())
                throw new InvalidOperationException($"The connection ended after {_unread.Count} of {bytes} bytes.");
        }
        var text = Encoding.Latin1.GetString([.. _unread[..bytes]]);
        _unread.RemoveRange(0, bytes);
        return text;
    }

    /// <summary>All that comes up to the end of the connection, and whether TLS was closed in order.</summary>
    public async Task<(string Text, bool InOrder)> ReadToEndAsync()
    {
        var inOrder = true;
        try
        {
            while (await ReceiveAsync())
            {
            }
        }
        catch (IOException)
        {
            inOrder = false;
        }
        return (Encoding.Latin1.GetString([.. _unread]), inOrder);
    }

    /// <summary>Packets with data that came so far, by the kernel's count (tcp_info, tcp(7)).</summary>
    public uint PacketsReceived
    {
        get
        {
            const int Tcp = 6, Info = 11, DataSegmentsIn = 152;
            Span<byte> info = stackalloc byte[232];
            Assert.InRange(_socket.GetRawSocketOption(Tcp, Info, info), DataSegmentsIn + sizeof(uint), info.Length);
            return BitConverter.ToUInt32(info[DataSegmentsIn..]);
        }
    }

    /// <summary>Is gone, without a word.</summary>
    public void Reset() => _socket.Close(0);

    public async ValueTask DisposeAsync() => await _stream.DisposeAsync();

    private async Task<bool> ReceiveAsync()
    {
        using var limit = new CancellationTokenSource(RawService.Limit);
        var buffer = new byte[64 * 1024];
        var received = await _stream.ReadAsync(buffer, limit.Token);
        _unread.AddRange(buffer.AsSpan(0, received));
        return received > 0;
    }
}
