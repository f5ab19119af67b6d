using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Gatehouse.Contracts;
using Gatehouse.Testing;

namespace Gatehouse.IntegrationTests;

/// <summary>
/// Five thousand clients of one account that connect and stay, at a server that may open 1,024 files. As many as there is room for get in; the others
/// are closed at once, and neither those inside nor the operator notice, nor anybody who is not of the account. (At the limit itself the runtime
/// would give up.)
/// </summary>
public sealed class WhenFileDescriptorsRunOut(ITestOutputHelper output)
{
    private const int Clients = 5000, OpenFiles = 1024;
    private const string Host = "customer1.agent.localhost";

    [Fact]
    public async Task Those_inside_are_served_the_rest_is_closed_and_room_is_given_again()
    {
        await using var system = await GatehouseSystem.StartAsync(openFiles: OpenFiles);
        var ca = await system.OpenSsl.CreateCaAsync();
        var client = await system.OpenSsl.CreateClientAsync(ca);
        await system.CreateAccountAsync("acc1");
        await system.EnableMtlsAsync("acc1", "customer1", ca, MtlsMode.STRICT);
        using var certificate = X509Certificate2.CreateFromPemFile(client.Certificate, client.Key);
        var identity = SslStreamCertificateContext.Create(certificate, null, offline: true);
        var (inside, closed) = (new ConcurrentBag<SslStream>(), 0);
        try
        {
            await Parallel.ForEachAsync(Enumerable.Range(0, Clients), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, _) =>
            {
                if (await TryConnectAsync(system.AgentPort, identity) is { } stream)
                    inside.Add(stream);
                else
                    Interlocked.Increment(ref closed);
            });
            output.WriteLine($"{inside.Count} got in, {closed} were closed, the server has {Descriptors(system)} of {OpenFiles} descriptors.");
            Assert.InRange(inside.Count, OpenFiles / 4, OpenFiles - 200);
            Assert.Equal(Clients, inside.Count + closed);
            Assert.True(Descriptors(system) < OpenFiles - 50);

            // All are served, and so is the operator.
            foreach (var stream in inside)
                Assert.Equal("HTTP/1.1 200", await AskAsync(stream));
            await system.MustAsync("account", "list");
            Assert.DoesNotContain("Too many open files", system.Server.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("connections of the agent listener are in use", system.Server.Output, StringComparison.Ordinal);
            Assert.Contains("rate_limited", await system.MustAsync("refusals", "--account", "acc1"), StringComparison.Ordinal);
            // Others get in meanwhile.
            Assert.NotEqual(0, (await system.Curl.GetAsync("gatehouse.localhost", "/api/version")).Status);

            for (var i = inside.Count / 2; i > 0 && inside.TryTake(out var stream); i--)
                await stream.DisposeAsync();
            inside.Add(await Eventually.GetAsync("room again", () => TryConnectAsync(system.AgentPort, identity)));
            Assert.Equal("HTTP/1.1 200", await AskAsync(inside.First()));
        }
        finally
        {
            foreach (var stream in inside)
                await stream.DisposeAsync();
        }
    }

    private static int Descriptors(GatehouseSystem system) => Directory.GetFileSystemEntries($"/proc/{system.Server.Id}/fd").Length;

    /// <summary>A connection that had its first answer; null when it was closed.</summary>
    private static async Task<SslStream?> TryConnectAsync(int port, SslStreamCertificateContext identity)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        SslStream? stream = null;
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
            stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = Host,
                ClientCertificateContext = identity,
#pragma warning disable CA5359 // The server is the test's own; what is tried is what becomes of its connections.
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
#pragma warning restore CA5359
            });
            await AskAsync(stream);
            return stream;
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException)
        {
            if (stream is not null)
                await stream.DisposeAsync();
            socket.Dispose();
            return null;
        }
    }

    /// <summary>The first words of the answer to one request.</summary>
    private static async Task<string> AskAsync(SslStream stream)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET /api/account/acc1/status HTTP/1.1\r\nHost: {Host}\r\n\r\n"));
        var text = "";
        var buffer = new byte[4096];
        // The body is chunked; its end is the only one.
        while (!text.EndsWith("0\r\n\r\n", StringComparison.Ordinal))
        {
            var read = await stream.ReadAsync(buffer).AsTask().WaitAsync(TimeSpan.FromMinutes(2));
            text += read > 0 ? Encoding.ASCII.GetString(buffer, 0, read) : throw new IOException("closed");
        }
        return text[..12];
    }
}
