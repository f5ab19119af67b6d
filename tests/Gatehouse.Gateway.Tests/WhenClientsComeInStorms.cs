using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Gatehouse.Contracts;
using Gatehouse.Testing;

namespace Gatehouse.Gateway.Tests;

/// <summary>Clients that are refused and come again at once, and clients that never finish: they cost little, and others notice nothing.</summary>
public sealed class WhenClientsComeInStorms(RecipePki pki, ITestOutputHelper output)
{
    [Fact]
    public async Task One_tenants_storm_is_turned_away_and_anothers_handshakes_all_succeed()
    {
        await using var listener = await AgentListener.StartAsync();
        await listener.SetAsync("acc1", "customer1", MtlsMode.STRICT, pki.Ca.CertificatePem);
        await listener.SetAsync("acc2", "customer2", MtlsMode.STRICT, pki.Ca.CertificatePem);
        using var good = X509Certificate2.CreateFromPemFile(pki.Client.Certificate, pki.Client.Key);
        using var bad = X509Certificate2.CreateFromPemFile(pki.OtherClient.Certificate, pki.OtherClient.Key);
        using var stop = new CancellationTokenSource();
        var attempts = 0;
        var watch = Stopwatch.StartNew();
        var storm = Enumerable.Range(0, 32).Select(i => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await TryAsync(listener.Port, "customer1.agent.test", i % 2 == 0 ? bad : null);
                Interlocked.Increment(ref attempts);
            }
        }, CancellationToken.None)).ToList();

        for (var i = 0; i < 100; i++)
            Assert.True(await TryAsync(listener.Port, "customer2.agent.test", good), $"Handshake {i} of the quiet tenant failed.");
        // Until the storm had tried far more than it may.
        await Eventually.TrueAsync("a hundred turned away", () => Task.FromResult(listener.Refusals.Count(r => r.Code == RefusalCode.RateLimited) >= 100));
        await stop.CancelAsync();
        await Task.WhenAll(storm);

        var seconds = watch.Elapsed.TotalSeconds;
        var judged = listener.Refusals.Count(r => r.AccountId == "acc1" && r.Code != RefusalCode.RateLimited);
        var turnedAway = listener.Refusals.Count(r => r is { AccountId: "acc1", Code: RefusalCode.RateLimited });
        output.WriteLine($"{seconds:F1} s: {attempts} attempts of the storm, {judged} judged, {turnedAway} turned away at the ClientHello; 100 of 100 handshakes of the other tenant");
        // A burst of 50, 5 a second, and what was under way side by side.
        Assert.InRange(judged, 50, 50 + (5 * seconds) + 32);
        Assert.DoesNotContain(listener.Refusals, r => r.AccountId == "acc2");
    }

    [Fact]
    public async Task One_bad_delegate_does_not_lock_its_neighbours_out()
    {
        await using var listener = await AgentListener.StartAsync();
        await listener.SetAsync("acc1", "customer1", MtlsMode.STRICT, pki.Ca.CertificatePem);
        using var good = X509Certificate2.CreateFromPemFile(pki.Client.Certificate, pki.Client.Key);
        using var bad = X509Certificate2.CreateFromPemFile(pki.OtherClient.Certificate, pki.OtherClient.Key);
        using var stop = new CancellationTokenSource();
        var loop = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
                await TryAsync(listener.Port, "customer1.agent.test", bad);
        }, CancellationToken.None);
        await Eventually.TrueAsync("the bad delegate turned away", () => Task.FromResult(listener.Refusals.Any(r => r.Code == RefusalCode.RateLimited)));

        var (tries, accepted) = (0, 0);
        for (; accepted < 20 && tries < 200; tries++)
            accepted += await TryAsync(listener.Port, "customer1.agent.test", good) ? 1 : 0;
        await stop.CancelAsync();
        await loop;
        output.WriteLine($"A good delegate at the address of one in a loop: {accepted} of {tries} attempts accepted");
        Assert.Equal(20, accepted);
        Assert.True(tries <= 40, $"It took {tries} attempts to be accepted {accepted} times.");
    }

    [Fact]
    public async Task Two_thousand_half_open_connections_are_bounded_and_keep_nobody_out()
    {
        await using var listener = await AgentListener.StartAsync(o => new GatewayOptions
        {
            AgentDomain = o.AgentDomain,
            SharedHosts = o.SharedHosts,
            CertificatePath = o.CertificatePath,
            CertificateKeyPath = o.CertificateKeyPath,
            MaxConcurrentHandshakes = 500,
            HandshakeTimeout = TimeSpan.FromSeconds(5),
        });
        await listener.SetAsync("acc1", "customer1", MtlsMode.STRICT, pki.Ca.CertificatePem);
        using var good = X509Certificate2.CreateFromPemFile(pki.Client.Certificate, pki.Client.Key);
        var limits = (HandshakeLimits)listener.Services.GetService(typeof(HandshakeLimits))!;
        var sockets = new List<Socket>();
        try
        {
            for (var i = 0; i < 2000; i++)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                sockets.Add(socket);
                await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, listener.Port), TestContext.Current.CancellationToken);
                // The first byte of a handshake record, and never another.
                await socket.SendAsync(new byte[] { 22 }, TestContext.Current.CancellationToken);
                if (i % 200 == 199)
                    Assert.True(await TryAsync(listener.Port, "customer1.agent.test", good), $"Nobody gets in beside {i + 1} half-open connections.");
                Assert.InRange(limits.Waiting, 0, 500);
            }
            // The time limit ends the rest.
            foreach (var socket in sockets)
                await EndAsync(socket);
            await Eventually.TrueAsync("all places given back", () => Task.FromResult((limits.Waiting, limits.InProgress) == (0, 0)));
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }

    /// <summary>A handshake and a request; true when it was served.</summary>
    private static async Task<bool> TryAsync(int port, string host, X509Certificate2? certificate)
    {
        try
        {
            using var client = new TcpClient { NoDelay = true };
            await client.ConnectAsync(IPAddress.Loopback, port);
            await using var stream = new SslStream(client.GetStream());
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = host,
                ClientCertificates = certificate is null ? null : [certificate],
#pragma warning disable CA5359 // The server is the test's own; what is tried is whom it lets in.
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
#pragma warning restore CA5359
            });
            await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"));
            var answer = new byte[32];
            var read = await stream.ReadAtLeastAsync(answer, 12, throwOnEndOfStream: false);
            return System.Text.Encoding.ASCII.GetString(answer, 0, read).StartsWith("HTTP/1.1 200", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or AuthenticationException or SocketException)
        {
            return false;
        }
    }

    private static async Task EndAsync(Socket socket)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            while (await socket.ReceiveAsync(new byte[64], limit.Token) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // A reset is an end, too.
        }
    }
}
