using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Gatehouse.Gateway.Tests.Sockets;

namespace Gatehouse.Gateway.Tests.Forwarding;

/// <summary>A service on a bare socket, which says exactly what the test wants it to say. Every wait has a limit.</summary>
internal sealed class RawService : IAsyncDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly TcpListener _listener;
    private readonly Func<Connection, Task> _serve;
    private readonly ConcurrentBag<Connection> _connections = [];
    private readonly ConcurrentBag<Exception> _failures = [];
    private readonly Task _accepting;

    private RawService(Func<Connection, Task> serve, int port)
    {
        (_serve, _listener) = (serve, new TcpListener(IPAddress.Loopback, port));
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }
    public Uri Address => new($"http://127.0.0.1:{Port}");

    /// <summary>Connections that came so far.</summary>
    public int Accepted => _connections.Count;

    /// <summary>What went wrong in the service itself: empty when the test means what it says.</summary>
    public IReadOnlyCollection<Exception> Failures => _failures;

    /// <summary>Runs <paramref name="serve"/> for each connection.</summary>
    public static RawService Start(Func<Connection, Task> serve, int port = 0) => new(serve, port);

    /// <summary>Answers every request on every connection with the same bytes.</summary>
    public static RawService Answering(string answer, int port = 0) => Start(async connection =>
    {
        while (await connection.ReadHeadAsync() is { Length: > 0 })
            await connection.SendAsync(answer);
    }, port);

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        foreach (var connection in _connections)
            connection.Close();
        await _accepting.WaitAsync(Limit);
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        while (true)
        {
            try
            {
                var connection = new Connection(await _listener.AcceptSocketAsync());
                _connections.Add(connection);
                serving.Add(ServeAsync(connection));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                break; // Stopped.
            }
        }
        // One of them may have come with the stop.
        foreach (var connection in _connections)
            connection.Close();
        await Task.WhenAll(serving);
    }

    private async Task ServeAsync(Connection connection)
    {
        try
        {
            await _serve(connection);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The gateway cut it, or the test is over.
        }
        catch (Exception e)
        {
            _failures.Add(e);
        }
        finally
        {
            connection.Close();
        }
    }

    /// <summary>One connection of the gateway.</summary>
    internal sealed class Connection(Socket socket)
    {
        private readonly List<byte> _unread = [];

        /// <summary>The next request's head; empty when the connection ended in order instead.</summary>
        public async Task<string> ReadHeadAsync()
        {
            while (true)
            {
                var text = Encoding.Latin1.GetString([.. _unread]);
                if (text.IndexOf("\r\n\r\n", StringComparison.Ordinal) is >= 0 and var end)
                {
                    _unread.RemoveRange(0, end + 4);
                    return text[..(end + 4)];
                }
                if (!await ReceiveAsync())
                    return "";
            }
        }

        /// <summary>Exactly so many bytes of a body.</summary>
        public async Task<string> ReadAsync(int bytes)
        {
            while (_unread.Count < bytes)
            {
                if (!await ReceiveAsync())
                    throw new InvalidOperationException($"The request ended after {_unread.Count} of {bytes} bytes: {Encoding.Latin1.GetString([.. _unread])}");
            }
            var text = Encoding.Latin1.GetString([.. _unread[..bytes]]);
            _unread.RemoveRange(0, bytes);
            return text;
        }

        /// <summary>Reads and forgets so many bytes of a body.</summary>
        public async Task SkipAsync(long bytes)
        {
            var buffer = new byte[256 * 1024];
            bytes -= _unread.Count;
            _unread.Clear();
            while (bytes > 0)
            {
                using var limit = new CancellationTokenSource(Limit);
                var received = await socket.ReceiveAsync(buffer, limit.Token);
                bytes -= received > 0 ? received : throw new InvalidOperationException($"The request ended {bytes} bytes too early.");
            }
        }

        /// <summary>Reads and forgets until the other side ends or cuts the connection.</summary>
        public async Task EndAsync()
        {
            try
            {
                while (await ReceiveAsync())
                    _unread.Clear();
            }
            catch (SocketException)
            {
                // Cut.
            }
        }

        public async Task SendAsync(string text) => await SendAsync(Encoding.Latin1.GetBytes(text));

        public async Task SendAsync(ReadOnlyMemory<byte> bytes)
        {
            using var limit = new CancellationTokenSource(Limit);
            while (bytes.Length > 0)
                bytes = bytes[await socket.SendAsync(bytes, limit.Token)..];
        }

        /// <summary>Waits until the gateway's side has what was sent.</summary>
        public Task ArrivedAsync() => SentBytes.ArrivedAsync(socket);

        /// <summary>Ends it in order.</summary>
        public void Close() => socket.Dispose();

        /// <summary>Ends it with a reset.</summary>
        public void Reset() => socket.Close(0);

        private async Task<bool> ReceiveAsync()
        {
            using var limit = new CancellationTokenSource(Limit);
            var buffer = new byte[64 * 1024];
            var received = await socket.ReceiveAsync(buffer, limit.Token);
            _unread.AddRange(buffer.AsSpan(0, received));
            return received > 0;
        }
    }
}
