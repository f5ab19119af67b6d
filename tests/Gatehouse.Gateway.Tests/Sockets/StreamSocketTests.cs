using System.Net;
using System.Net.Sockets;
using Gatehouse.Sockets;
using Gatehouse.Testing;

namespace Gatehouse.Gateway.Tests.Sockets;

/// <summary>Connections to services, in both forms: of the loops, and the runtime's.</summary>
public sealed class StreamSocketTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public StreamSocketTests()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
    }

    private int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public void Dispose() => _listener.Dispose();

    [Theory, InlineData(true), InlineData(false)]
    public async Task It_sends_and_receives_and_is_quiet_in_between(bool inLoop)
    {
        using var socket = await ConnectAsync(inLoop);
        using var service = await _listener.AcceptAsync(TestContext.Current.CancellationToken);
        Assert.True(socket.IsQuiet);
        await socket.SendAsync("ask"u8.ToArray());
        var buffer = new byte[16];
        Assert.Equal(3, await service.ReceiveAsync(buffer, TestContext.Current.CancellationToken));

        for (var round = 0; round < 3; round++)
        {
            Assert.True(socket.IsQuiet && socket.IsQuietNow);
            await service.SendAsync("answer"u8.ToArray(), TestContext.Current.CancellationToken);
            await SentBytes.ArrivedAsync(service);
            Assert.False(socket.IsQuietNow);
            await Eventually.TrueAsync("the answer", () => Task.FromResult(!socket.IsQuiet));
            Assert.Equal("answer", System.Text.Encoding.ASCII.GetString(buffer, 0, await ReceiveAsync(socket, buffer)));
        }
        service.Shutdown(SocketShutdown.Send);
        await Eventually.TrueAsync("the end", () => Task.FromResult(!socket.IsQuiet));
        Assert.Equal(0, await ReceiveAsync(socket, buffer));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_reset_reaches_the_service_as_one_and_ends_who_waits(bool inLoop)
    {
        using var socket = await ConnectAsync(inLoop);
        using var service = await _listener.AcceptAsync(TestContext.Current.CancellationToken);
        var receiving = ReceiveAsync(socket, new byte[1]);
        socket.Reset();
        await Assert.ThrowsAsync<IOException>(() => receiving);
        var error = await Assert.ThrowsAsync<SocketException>(() => service.ReceiveAsync(new byte[1], TestContext.Current.CancellationToken).AsTask().WaitAsync(s_limit, TestContext.Current.CancellationToken));
        Assert.Equal(SocketError.ConnectionReset, error.SocketErrorCode);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Its_end_in_order_reaches_the_service_as_one(bool inLoop)
    {
        var socket = await ConnectAsync(inLoop);
        using var service = await _listener.AcceptAsync(TestContext.Current.CancellationToken);
        Assert.True(socket.IsQuiet);
        socket.Dispose();
        Assert.Equal(0, await service.ReceiveAsync(new byte[1], TestContext.Current.CancellationToken));
        await Assert.ThrowsAnyAsync<Exception>(() => ReceiveAsync(socket, new byte[1]));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task What_a_slow_service_does_not_take_waits(bool inLoop)
    {
        using var socket = await ConnectAsync(inLoop);
        using var service = await _listener.AcceptAsync(TestContext.Current.CancellationToken);
        var sent = new byte[24 * 1024 * 1024];
        Random.Shared.NextBytes(sent);
        var sending = socket.SendAsync(sent);
        Assert.False(sending.IsCompleted);
        var received = new byte[sent.Length];
        for (var at = 0; at < received.Length;)
            at += await service.ReceiveAsync(received.AsMemory(at), TestContext.Current.CancellationToken);
        await sending;
        Assert.True(sent.AsSpan().SequenceEqual(received));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Nobody_there_is_told_at_once(bool inLoop)
    {
        // Bound and not listening: nobody answers there, and no other test can take the port meanwhile.
        using var unheard = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        unheard.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)unheard.LocalEndPoint!).Port;
        var error = await Assert.ThrowsAsync<SocketException>(async () => await SocketConnector.ConnectAsync("127.0.0.1", port, inLoop, TestContext.Current.CancellationToken));
        Assert.Equal(SocketError.ConnectionRefused, error.SocketErrorCode);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Waiting_for_a_service_that_does_not_answer_can_be_given_up(bool inLoop)
    {
        // Its queue is full: the system answers nobody any more.
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full.Listen(0);
        using var first = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await first.ConnectAsync(full.LocalEndPoint!, TestContext.Current.CancellationToken);

        using var cancellation = new CancellationTokenSource();
        var connecting = SocketConnector.ConnectAsync("127.0.0.1", ((IPEndPoint)full.LocalEndPoint!).Port, inLoop, cancellation.Token).AsTask();
        Assert.False(connecting.IsCompleted);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting.WaitAsync(s_limit, TestContext.Current.CancellationToken));
    }

    private ValueTask<StreamSocket> ConnectAsync(bool inLoop) => SocketConnector.ConnectAsync("localhost", Port, inLoop, TestContext.Current.CancellationToken);

    private static async Task<int> ReceiveAsync(StreamSocket socket, byte[] buffer)
    {
        while (true)
        {
            await socket.ReadableAsync().AsTask().WaitAsync(s_limit, TestContext.Current.CancellationToken);
            if (socket.TryReceive(buffer) is >= 0 and var count)
                return count;
        }
    }
}
