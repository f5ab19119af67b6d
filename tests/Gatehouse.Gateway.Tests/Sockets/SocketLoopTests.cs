using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Gatehouse.Sockets;
using Gatehouse.Testing;

namespace Gatehouse.Gateway.Tests.Sockets;

/// <summary>A loop lives as long as the process: what it does not forget is never freed.</summary>
public sealed class SocketLoopTests
{
    private const int Count = 50;

    [Fact]
    public Task A_socket_that_was_closed_before_its_first_wait_is_forgotten() => ForgottenAsync(static () =>
    {
        var (socket, client, service) = Pair();
        service.Dispose();
        // The descriptor is closed under it, as by the end of the process that the listener belongs to.
        Assert.Throws<ObjectDisposedException>(() => { _ = socket.ReadableAsync().AsTask(); });
        client.Dispose();
        return new WeakReference(socket);
    });

    [Fact]
    public Task A_socket_that_is_closed_during_its_first_wait_is_forgotten() => ForgottenAsync(static () =>
    {
        var (socket, client, service) = Pair(out var owner);
        Task? waiting = null;
        // In the middle: the loop was told to forget it, and the descriptor is not closed yet.
        owner.OnDispose = () => waiting = socket.ReadableAsync().AsTask();
        socket.Dispose();
        service.Dispose();
        client.Dispose();
        owner.OnDispose = null;
        GC.KeepAlive(waiting);
        return new WeakReference(socket);
    });

    [Fact]
    public Task A_socket_that_was_waited_for_and_closed_is_forgotten() => ForgottenAsync(static () =>
    {
        var (socket, client, service) = Pair();
        _ = socket.ReadableAsync().AsTask();
        socket.Dispose();
        service.Dispose();
        client.Dispose();
        return new WeakReference(socket);
    });

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static List<WeakReference> Make(Func<WeakReference> one) => [.. Enumerable.Range(0, Count).Select(_ => one())];

    private static async Task ForgottenAsync(Func<WeakReference> one)
    {
        var sockets = Make(one);
        await Eventually.TrueAsync("nobody knows the sockets", () =>
        {
            GC.Collect();
            // A loop's thread may still have the last one it served at hand.
            return Task.FromResult(sockets.Count(s => s.IsAlive) < Count / 5);
        }, TimeSpan.FromSeconds(20));
    }

    private static (EpollSocket Socket, Socket Client, Socket Service) Pair()
    {
        var (client, service) = Connected();
        return (EpollSocket.WatchLater(service.SafeHandle, service, static () => { }), client, service);
    }

    private static (EpollSocket Socket, Socket Client, Socket Service) Pair(out Owner owner)
    {
        var (client, service) = Connected();
        owner = new Owner();
        return (EpollSocket.WatchLater(service.SafeHandle, owner, static () => { }), client, service);
    }

    private static (Socket Client, Socket Service) Connected()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(listener.LocalEndPoint!);
        var service = listener.Accept();
        service.Blocking = false;
        return (client, service);
    }

    private sealed class Owner : IDisposable
    {
        public Action? OnDispose { get; set; }

        public void Dispose() => OnDispose?.Invoke();
    }
}
