using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gatehouse.IntegrationTests.SelfTest;

/// <summary>
/// A gateway that looks for the server name in the bytes that come first (CVE-2026-32305): where it is, the connection goes to those who ask for a
/// certificate; where it is not, to the default, which asks for none.
/// </summary>
internal sealed class PeekingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    public PeekingProxy(int port, string name, int strict, int lax)
    {
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        _accepting = AcceptAsync(Encoding.ASCII.GetBytes(name), strict, lax);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync(byte[] name, int strict, int lax)
    {
        var connections = new List<Task>();
        try
        {
            while (true)
                connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token), name, strict, lax));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client, byte[] name, int strict, int lax)
    {
        using (client)
        {
            using var server = new TcpClient { NoDelay = true };
            try
            {
                client.NoDelay = true;
                var first = new byte[4096];
                var length = await client.GetStream().ReadAsync(first, _stop.Token);
                await server.ConnectAsync(IPAddress.Loopback, first.AsSpan(0, length).IndexOf(name) >= 0 ? strict : lax, _stop.Token);
                await server.GetStream().WriteAsync(first.AsMemory(0, length), _stop.Token);
                await Task.WhenAny(CopyAsync(client, server), CopyAsync(server, client));
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // One of the two is gone.
            }
        }
    }

    private async Task CopyAsync(TcpClient from, TcpClient to)
    {
        try
        {
            await from.GetStream().CopyToAsync(to.GetStream(), _stop.Token);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The end of the other way.
        }
    }
}
