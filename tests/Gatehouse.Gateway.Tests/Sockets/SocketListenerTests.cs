using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Gatehouse.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Time.Testing;

namespace Gatehouse.Gateway.Tests.Sockets;

public sealed class SocketListenerTests
{
    private const int TooManyOpenFiles = 24;
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Without_descriptors_it_waits_before_it_tries_again()
    {
        var tries = 0;
        await using var listener = Listen(() => ++tries < 3 ? TooManyOpenFiles : null);
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.EndPoint, TestContext.Current.CancellationToken);

        var accepting = listener.AcceptAsync(TestContext.Current.CancellationToken).AsTask();

        Assert.Equal((1, false), (tries, accepting.IsCompleted));
        _time.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Equal((2, false), (tries, accepting.IsCompleted));
        _time.Advance(TimeSpan.FromMilliseconds(50));
        await using var connection = await accepting;
        Assert.NotNull(connection);
    }

    [Theory, InlineData("127.0.0.1"), InlineData("0.0.0.0"), InlineData("::1"), InlineData("::")]
    public async Task It_accepts_and_ends_when_it_is_unbound(string address)
    {
        await using var listener = Listen(null, new IPEndPoint(IPAddress.Parse(address), 0));
        var port = ((IPEndPoint)listener.EndPoint).Port;
        var isV6 = address.Contains(':', StringComparison.Ordinal);
        using var client = new Socket(isV6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(isV6 ? IPAddress.IPv6Loopback : IPAddress.Loopback, port, TestContext.Current.CancellationToken);
        await using var connection = await listener.AcceptAsync(TestContext.Current.CancellationToken);
        Assert.NotNull(connection);
        Assert.Equal(client.LocalEndPoint, connection.RemoteEndPoint);
        Assert.Equal(client.RemoteEndPoint, connection.LocalEndPoint);
        await client.SendAsync("hello"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal(5, (await connection.Transport.Input.ReadAtLeastAsync(5, TestContext.Current.CancellationToken)).Buffer.Length);

        var accepting = listener.AcceptAsync(TestContext.Current.CancellationToken);
        await listener.UnbindAsync(TestContext.Current.CancellationToken);
        Assert.Null(await accepting);
    }

    [Fact]
    public async Task A_port_of_somebody_else_is_named_so()
    {
        await using var first = Listen(null);
        Assert.Throws<AddressInUseException>(() => Listen(null, first.EndPoint));
    }

    private SocketListener Listen(Func<int?>? accept, EndPoint? endPoint = null) => new(endPoint ?? new IPEndPoint(IPAddress.Loopback, 0), MemoryPool<byte>.Shared, _time, accept);
}
