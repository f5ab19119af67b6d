using System.Net;
using System.Net.Sockets;
using Gatehouse.Server.Hosting;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Gatehouse.Server.Tests.Hosting;

public sealed class PatientListenerTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Without_descriptors_it_waits_before_it_tries_again()
    {
        var tries = 0;
        await using var listener = Listen(_ => ++tries < 3
            ? throw new SocketException((int)SocketError.TooManyOpenSockets)
            : ValueTask.FromResult(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)));

        var accepting = listener.AcceptAsync(TestContext.Current.CancellationToken).AsTask();

        Assert.Equal((1, false), (tries, accepting.IsCompleted));
        _time.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Equal((2, false), (tries, accepting.IsCompleted));
        _time.Advance(TimeSpan.FromMilliseconds(50));
        await using var connection = await accepting;
        Assert.NotNull(connection);
    }

    [Fact]
    public async Task It_accepts_and_ends_when_it_is_unbound()
    {
        await using var listener = Listen(null);
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.EndPoint, TestContext.Current.CancellationToken);
        await using var connection = await listener.AcceptAsync(TestContext.Current.CancellationToken);
        Assert.NotNull(connection);
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

    private PatientListener Listen(Func<CancellationToken, ValueTask<Socket>>? accept, EndPoint? endPoint = null) =>
        new(endPoint ?? new IPEndPoint(IPAddress.Loopback, 0), new SocketConnectionFactoryOptions(), NullLoggerFactory.Instance, _time, accept);
}
