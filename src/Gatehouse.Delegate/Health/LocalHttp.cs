using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gatehouse.Delegate;

/// <summary>One answer of <see cref="LocalHttp"/>.</summary>
internal sealed record LocalAnswer(int Status, string ContentType, string Body);

/// <summary>
/// The delegate's local HTTP: GET, one request per connection, no body read. Our own hundred lines, because HttpListener cannot take a free port,
/// sets no limits on Linux to how many connections are held and how slowly they speak, and Kestrel would double the program. All limits are here.
/// </summary>
internal sealed class LocalHttp : IDisposable
{
    private const int MaxConnections = 16;
    private const int MaxHeadBytes = 8 * 1024;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    private readonly TcpListener _listener;
    private readonly Func<string, LocalAnswer?> _answer;
    private readonly SemaphoreSlim _slots = new(MaxConnections);
    private readonly TimeProvider _time;

    /// <summary>Listens on all addresses, as the public delegate does: probes come from outside the container.</summary>
    /// <param name="port">0 takes any free one.</param>
    /// <param name="answer">Answers a path; null is 404. Must not throw.</param>
    /// <param name="time">The clock of the limits.</param>
    /// <exception cref="SocketException">The port is taken or may not be used.</exception>
    internal LocalHttp(int port, Func<string, LocalAnswer?> answer, TimeProvider time)
    {
        _answer = answer;
        _time = time;
        _listener = Socket.OSSupportsIPv6 ? TcpListener.Create(port) : new TcpListener(IPAddress.Any, port);
        _listener.Start();
    }

    internal int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    internal async Task RunAsync(CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                await _slots.WaitAsync(cancel);
                var client = await AcceptAsync(cancel);
                _ = ServeAsync(client, cancel);
            }
        }
        catch (Exception failure) when (failure is OperationCanceledException or ObjectDisposedException)
        {
        }
    }

    public void Dispose() => _listener.Dispose();

    private async Task<TcpClient> AcceptAsync(CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                return await _listener.AcceptTcpClientAsync(cancel);
            }
            catch (SocketException)
            {
                // One connection's failure, or too many open files: breathe and go on.
                await Task.Delay(TimeSpan.FromMilliseconds(100), _time, cancel);
            }
        }
    }

    private async Task ServeAsync(TcpClient client, CancellationToken cancel)
    {
        try
        {
            using (client)
            using (var limit = new CancellationTokenSource(s_limit, _time))
            using (var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel))
            {
                var stream = client.GetStream();
                if (await ReadRequestLineAsync(stream, both.Token) is { } line)
                    await stream.WriteAsync(Format(Answer(line), line.StartsWith("HEAD ", StringComparison.Ordinal)), both.Token);
                client.Client.Shutdown(SocketShutdown.Both);
            }
        }
        catch (Exception failure) when (failure is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // It went away, or was too slow.
        }
        finally
        {
            _slots.Release();
        }
    }

    private LocalAnswer Answer(string requestLine)
    {
        var parts = requestLine.Split(' ');
        if (parts is not [var method, var target, "HTTP/1.1" or "HTTP/1.0"])
            return new LocalAnswer(400, "text/plain", "Not an HTTP request.\n");
        if (method is not ("GET" or "HEAD"))
            return new LocalAnswer(405, "text/plain", "GET only.\n");
        var query = target.IndexOf('?', StringComparison.Ordinal);
        return _answer(query < 0 ? target : target[..query]) ?? new LocalAnswer(404, "text/plain", "/api/health and /api/metrics are served here.\n");
    }

    /// <summary>Reads up to the empty line that ends the head; answers its first line. Null when it never came.</summary>
    private static async Task<string?> ReadRequestLineAsync(NetworkStream stream, CancellationToken cancel)
    {
        var head = new byte[MaxHeadBytes];
        var length = 0;
        while (length < head.Length)
        {
            var read = await stream.ReadAsync(head.AsMemory(length), cancel);
            if (read == 0)
                return null;
            length += read;
            if (head.AsSpan(0, length).IndexOf("\r\n\r\n"u8) >= 0)
                return Encoding.ASCII.GetString(head, 0, head.AsSpan(0, length).IndexOf("\r\n"u8));
        }

        return "";
    }

    private static byte[] Format(LocalAnswer answer, bool isHead)
    {
        var body = Encoding.UTF8.GetBytes(answer.Body);
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 {answer.Status} {(HttpStatusCode)answer.Status}\r\nContent-Type: {answer.ContentType}\r\nContent-Length: {body.Length}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n");
        return isHead ? Encoding.ASCII.GetBytes(head) : [.. Encoding.ASCII.GetBytes(head), .. body];
    }
}
