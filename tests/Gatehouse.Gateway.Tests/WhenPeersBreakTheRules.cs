using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gatehouse.Contracts;
using Gatehouse.Testing;
using Gatehouse.Tls;

namespace Gatehouse.Gateway.Tests;

/// <summary>Peers that know TLS and use it against us: what they do costs them their own connection, and nobody else anything.</summary>
public abstract class WhenPeersBreakTheRules(RecipePki pki, TlsEngineKind engine) : IAsyncLifetime
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

    /// <summary>close_notify ends the client's side only: it has said all it has to say, and waits. In one go with the request, and after it.</summary>
    [Theory, InlineData(SslProtocols.Tls12), InlineData(SslProtocols.Tls13)]
    public async Task Who_says_goodbye_still_gets_the_answer(SslProtocols version)
    {
        using (var peer = await LibsslPeer.ConnectAsync(_listener.Port, Host, version, pki.Client))
        {
            await peer.SendAsync((byte[])[.. peer.Seal(Request("/")), .. peer.CloseNotify()]);
            Assert.StartsWith("HTTP/1.1 200", await peer.ReadToEndAsync(), StringComparison.Ordinal);
        }
        using (var peer = await LibsslPeer.ConnectAsync(_listener.Port, Host, version, pki.Client))
        {
            await peer.SendAsync(peer.Seal(Request("/hold")));
            await _listener.Holding.Task.WaitAsync(TestContext.Current.CancellationToken);
            await peer.SendAsync(peer.CloseNotify());
            _listener.Release.SetResult();
            Assert.StartsWith("HTTP/1.1 200", await peer.ReadToEndAsync(), StringComparison.Ordinal);
        }
        await NothingIsLeftAsync();
    }

    /// <summary>FIN is how a killed client looks: its request is given up, and holds nothing.</summary>
    [Theory, InlineData(SslProtocols.Tls12), InlineData(SslProtocols.Tls13)]
    public async Task Who_closes_its_side_of_TCP_is_gone(SslProtocols version)
    {
        using var peer = await LibsslPeer.ConnectAsync(_listener.Port, Host, version, pki.Client);
        await peer.SendAsync(peer.Seal(Request("/hold")));
        await _listener.Holding.Task.WaitAsync(TestContext.Current.CancellationToken);
        peer.Socket.Shutdown(SocketShutdown.Send);
        Assert.DoesNotContain("200", await peer.ReadToEndAsync(), StringComparison.Ordinal);
        await NothingIsLeftAsync();
    }

    [Theory]
    [InlineData(SslProtocols.Tls12, "FIN")]
    [InlineData(SslProtocols.Tls13, "FIN")]
    [InlineData(SslProtocols.Tls12, "reset")]
    [InlineData(SslProtocols.Tls13, "reset")]
    [InlineData(SslProtocols.Tls12, "close_notify")]
    [InlineData(SslProtocols.Tls13, "close_notify")]
    public async Task Who_leaves_right_after_the_handshake_leaves_nothing_behind(SslProtocols version, string how)
    {
        for (var i = 0; i < 20; i++)
        {
            using var peer = await LibsslPeer.ConnectAsync(_listener.Port, Host, version, pki.Client);
            if (how == "close_notify")
                await peer.SendAsync(peer.CloseNotify());
            if (how == "reset")
                peer.Socket.LingerState = new LingerOption(true, 0);
            else
                peer.Socket.Shutdown(SocketShutdown.Send);
            if (how != "reset")
                await peer.EndAsync();
        }
        await NothingIsLeftAsync();
    }

    /// <summary>Records that are properly encrypted and have no business there. The text is what they are, the bytes are type and content.</summary>
    public static TheoryData<SslProtocols, string, string> Mischief
    {
        get
        {
            var all = new TheoryData<SslProtocols, string, string>();
            foreach (var (what, record) in new[]
            {
                ("a fatal alert", "150228"), ("a warning of no known kind", "1501ee"), ("an alert of three bytes", "15010000"), ("no alert at all", "15"),
                ("a ClientHello", "16010000020303"), ("a key update of no known kind", "161800000107"), ("a key update without content", "1618000000"),
                ("a Certificate nobody asked for", "160b00000400000000"), ("Finished once more", "1614000010" + new string('0', 32)), ("a NewSessionTicket", "160400000401020304"),
                ("a CertificateRequest", "160d00000300000000"), ("a message longer than any", "1601ffffff00"), ("half a message", "160100"), ("a record of no known type", "6300"),
                ("ChangeCipherSpec", "1401"), ("a heartbeat", "18010001ff"),
            })
            {
                foreach (var version in new[] { SslProtocols.Tls12, SslProtocols.Tls13 })
                    all.Add(version, what, record);
            }
            return all;
        }
    }

    [Theory, MemberData(nameof(Mischief))]
    public async Task Records_that_have_no_business_there_end_the_connection(SslProtocols version, string what, string record)
    {
        using var peer = await LibsslPeer.ConnectAsync(_listener.Port, Host, version, pki.Client);
        var bytes = Convert.FromHexString(record);
        var sealer = peer.Sealer();
        await peer.SendAsync((byte[])[.. sealer.Seal(RecordSealer.ApplicationData, Request("/", close: false)), .. sealer.Seal(bytes[0], bytes.AsSpan(1))]);
        // These do not end it: a warning may be ignored, and is what TLS 1.2 answers to a ClientHello; the other half of a message may come.
        if ((version, what) is (_, "half a message") or (SslProtocols.Tls12, "a ClientHello" or "a warning of no known kind"))
            peer.Socket.Shutdown(SocketShutdown.Send);
        Assert.DoesNotContain("HTTP/1.1 5", await peer.ReadToEndAsync(), StringComparison.Ordinal);
        await NothingIsLeftAsync();
        Assert.Equal(200, (await _listener.Curl.GetAsync(Host, "/", pki.Client)).Status);
    }

    [Theory, InlineData(SslProtocols.Tls12), InlineData(SslProtocols.Tls13)]
    public async Task Warnings_and_empty_records_are_borne_with_until_they_become_a_flood(SslProtocols version)
    {
        using var peer = await LibsslPeer.ConnectAsync(_listener.Port, Host, version, pki.Client);
        var sealer = peer.Sealer();
        // user_canceled, a warning in both versions; and a record without a byte, which is allowed for application data.
        byte[] few = [.. sealer.Seal(RecordSealer.Alert, [1, 90]), .. sealer.Seal(RecordSealer.ApplicationData, [])];
        await peer.SendAsync((byte[])[.. few, .. sealer.Seal(RecordSealer.ApplicationData, Request("/", close: false))]);
        Assert.Contains("HTTP/1.1 200", await peer.ReadUntilAsync($"header Host={Host}\n"), StringComparison.Ordinal);
        for (var i = 0; i < 100; i++)
            few = [.. few, .. sealer.Seal(RecordSealer.Alert, [1, 90]), .. sealer.Seal(RecordSealer.ApplicationData, [])];
        await peer.SendAsync(few);
        await peer.EndAsync();
        await NothingIsLeftAsync();
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Key_updates_are_borne_with_until_they_become_a_flood(bool request)
    {
        using var peer = await LibsslPeer.ConnectAsync(_listener.Port, Host, SslProtocols.Tls13, pki.Client);
        for (var i = 0; i < 10; i++)
        {
            await peer.SendAsync((byte[])[.. peer.KeyUpdate(request), .. peer.KeyUpdate(request), .. peer.KeyUpdate(request), .. peer.Seal(Request("/", close: false))]);
            Assert.Contains("HTTP/1.1 200", await peer.ReadUntilAsync($"header Host={Host}\n"), StringComparison.Ordinal);
        }
        await FloodAsync(peer, [.. Enumerable.Range(0, 10_000).SelectMany(_ => peer.KeyUpdate(request))]);
    }

    /// <summary>An answer for each ping, which nobody takes: the sender is held up before 64 MiB, and when it reads after all nothing is lost or out of order.</summary>
    [Fact]
    public async Task Pings_whose_answers_are_not_read_hold_up_their_sender_and_lose_nothing()
    {
        const int PingBytes = 17, PieceOf = 4096, MostPieces = 64 * 1024 * 1024 / (PieceOf * PingBytes);
        await using var stream = await ConnectHttp2Async();
        await stream.WriteAsync((byte[])[.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 0, 4, 0, 0, 0, 0, 0], TestContext.Current.CancellationToken);
        var (sent, pending) = (0, Task.CompletedTask);
        while (pending.IsCompleted)
        {
            Assert.True(sent < MostPieces * PieceOf, "64 MiB of pings were taken without anybody reading their answers");
            var piece = new byte[PieceOf * PingBytes];
            for (var at = 0; at < piece.Length; at += PingBytes)
            {
                (piece[at + 2], piece[at + 3]) = (8, 6);
                BinaryPrimitives.WriteInt64BigEndian(piece.AsSpan(at + 9), sent++);
            }
            pending = stream.WriteAsync(piece, TestContext.Current.CancellationToken).AsTask();
            await Task.WhenAny(pending, Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken));
        }
        Assert.Equal(200, (await _listener.Curl.GetAsync(Host, "/", pki.Client)).Status);
        var (input, head, expected) = (new BufferedStream(stream, 64 * 1024), new byte[9], 0);
        while (expected < sent)
        {
            await input.ReadExactlyAsync(head, TestContext.Current.CancellationToken);
            var payload = new byte[head[0] << 16 | head[1] << 8 | head[2]];
            await input.ReadExactlyAsync(payload, TestContext.Current.CancellationToken);
            if (head[3] == 6)
                Assert.Equal(expected++, BinaryPrimitives.ReadInt64BigEndian(payload));
        }
        await pending;
        await stream.DisposeAsync();
        await NothingIsLeftAsync();
    }

    private async Task<SslStream> ConnectHttp2Async()
    {
        var stream = new SslStream(new NetworkStream(await ConnectAsync(), ownsSocket: true));
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = Host,
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            ClientCertificates = [X509Certificate2.CreateFromPemFile(pki.Client.Certificate, pki.Client.Key)],
            CertificateChainPolicy = _listener.ServerTrust(),
        }, TestContext.Current.CancellationToken);
        return stream;
    }

    /// <summary>libssl's engine breaks it off; SslStream bears it, at its own pace. Either way others are served meanwhile.</summary>
    private async Task FloodAsync(LibsslPeer peer, byte[] flood)
    {
        var sending = Task.Run(() => peer.SendAsync(flood), TestContext.Current.CancellationToken);
        Assert.Equal(200, (await _listener.Curl.GetAsync(Host, "/", pki.Client)).Status);
        if (engine == TlsEngineKind.OpenSsl)
        {
            await peer.EndAsync();
            await ((Task)sending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // Reset while it was still sending.
        }
        else
        {
            await sending;
            peer.Socket.Shutdown(SocketShutdown.Send);
            await peer.EndAsync();
        }
        await NothingIsLeftAsync();
    }

    private static byte[] Request(string path, bool close = true) =>
        System.Text.Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {Host}\r\n{(close ? "Connection: close\r\n" : "")}\r\n");

    /// <summary>No connection, no place among the handshakes, no error in the log.</summary>
    private async Task NothingIsLeftAsync()
    {
        var budget = (ConnectionBudget)_listener.Services.GetService(typeof(ConnectionBudget))!;
        await Eventually.TrueAsync("everything given back", () => Task.FromResult((budget.Open, HandshakeLimits.Waiting, HandshakeLimits.InProgress) == (0, 0, 0)));
        Assert.Empty(_listener.Errors);
    }

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, _listener.Port, TestContext.Current.CancellationToken);
        return socket;
    }
}
