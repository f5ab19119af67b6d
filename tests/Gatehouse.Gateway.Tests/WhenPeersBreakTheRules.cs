using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Gatehouse.Contracts;
using Gatehouse.Testing;
using Gatehouse.Tls;

namespace Gatehouse.Gateway.Tests;

/// <summary>Peers that know TLS and use it against us: what they do costs them their own connection, and nobody else anything.</summary>
public abstract class WhenPeersBreakTheRules(RecipePki pki, TlsEngineKind engine) : IClassFixture<RecipePki>, IAsyncLifetime
{
    private const string Host = "customer1.agent.test", OtherHost = "customer2.agent.test";
    private AgentListener _listener = null!;

    public async ValueTask InitializeAsync()
    {
        _listener = await AgentListener.StartAsync(o => o.With(engine));
        await _listener.SetAsync("acc1", "customer1", MtlsMode.LOOSE, pki.Ca.CertificatePem);
        await _listener.SetAsync("acc2", "customer2", MtlsMode.LOOSE, pki.OtherCa.CertificatePem);
    }

    public async ValueTask DisposeAsync() => await _listener.DisposeAsync();

    private HandshakeLimits HandshakeLimits => (HandshakeLimits)_listener.Services.GetService(typeof(HandshakeLimits))!;

    /// <summary>A hello without key share makes the server ask for another one: a second look at the name, within one handshake.</summary>
    [Theory, InlineData(Host), InlineData(OtherHost), InlineData("nobody.agent.test")]
    public async Task A_second_hello_takes_no_second_place_and_changes_no_name(string second)
    {
        for (var i = 0; i < 20; i++)
        {
            using var socket = await ConnectAsync();
            var random = RandomNumberGenerator.GetBytes(32);
            await socket.SendAsync(ClientHelloBytes.First13(random, System.Text.Encoding.ASCII.GetBytes(Host)), TestContext.Current.CancellationToken);
            var retry = new byte[4096];
            Assert.True(await socket.ReceiveAsync(retry, TestContext.Current.CancellationToken) > 5);
            Assert.Equal((22, 2), (retry[0], retry[5])); // A ServerHello, which is the request to try again.
            await socket.SendAsync(ClientHelloBytes.Second13(random, System.Text.Encoding.ASCII.GetBytes(second)), TestContext.Current.CancellationToken);
            var answer = new byte[8192];
            var read = await socket.ReceiveAsync(answer, TestContext.Current.CancellationToken);
            // A handshake that goes on, or the alert illegal_parameter; SslStream just closes.
            if (second == Host)
                Assert.Equal(22, answer[0]);
            else if (engine == TlsEngineKind.OpenSsl)
                Assert.Equal(((byte)21, (byte)2, (byte)47), (answer[0], answer[5], answer[6]));
            else
                Assert.Equal(0, read);
        }
        await Eventually.TrueAsync("all places given back", () => Task.FromResult((HandshakeLimits.Waiting, HandshakeLimits.InProgress) == (0, 0)));
    }

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, _listener.Port, TestContext.Current.CancellationToken);
        return socket;
    }
}
