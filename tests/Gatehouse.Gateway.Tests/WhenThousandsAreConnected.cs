using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Gatehouse.Contracts;

namespace Gatehouse.Gateway.Tests;

/// <summary>Two thousand real connections of one account: idle HTTP/1.1, HTTP/2 and websockets, nineteen in twenty without a certificate.</summary>
[Collection(nameof(Alone))]
public sealed class WhenThousandsAreConnected(RecipePki pki, ITestOutputHelper output)
{
    private const int Count = 2000;

    private enum Kind
    {
        Http1,
        Http2,
        WebSocket,
    }

    [Fact]
    public Task Strict_ends_all_without_a_certificate_within_a_second_and_others_get_in_meanwhile() =>
        Promised.WithinAsync(Limits.TrustChangeEffective, StrictAsync, again: () => Task.CompletedTask);

    /// <summary>How long it took until the last was gone.</summary>
    private async Task<TimeSpan> StrictAsync()
    {
        await using var listener = await AgentListener.StartAsync();
        await listener.SetAsync("acc1", "customer1", MtlsMode.LOOSE, pki.Ca.CertificatePem);
        await listener.SetAsync("acc2", "customer2", MtlsMode.STRICT, pki.Ca.CertificatePem);
        using var certificate = X509Certificate2.CreateFromPemFile(pki.Client.Certificate, pki.Client.Key);
        var plain = new List<SslStream>();
        var mtls = new List<(SslStream Stream, Kind Kind)>();
        try
        {
            await Parallel.ForEachAsync(Enumerable.Range(0, Count), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
            {
                var (kind, withCertificate) = ((Kind)(i % 3), i % 20 == 19);
                var stream = await OpenAsync(listener.Port, kind, withCertificate ? certificate : null);
                lock (plain)
                {
                    if (withCertificate)
                        mtls.Add((stream, kind));
                    else
                        plain.Add(stream);
                }
            });

            var start = Stopwatch.GetTimestamp();
            var ends = plain.Select(stream => EndAsync(stream, start)).ToList();
            await listener.SetAsync("acc1", "customer1", MtlsMode.STRICT, pki.Ca.CertificatePem);
            var answered = Stopwatch.GetElapsedTime(start);
            // The other account's clients do not wait for the end of this one's.
            Assert.Equal(200, (await listener.Curl.GetAsync("customer2.agent.test", "/", pki.Client)).Status);
            var other = Stopwatch.GetElapsedTime(start);
            var last = (await Task.WhenAll(ends)).Max();
            output.WriteLine($"The change was answered after {answered.TotalMilliseconds:F0} ms, another account's client had its answer after {other.TotalMilliseconds:F0} ms, the last of {plain.Count} connections was gone after {last.TotalMilliseconds:F0} ms.");

            Assert.True(answered < last, $"The change was answered after {answered}, and the last was gone after {last}.");
            Assert.Equal(plain.Count, listener.Refusals.Count(r => r is { AccountId: "acc1", Code: RefusalCode.ClientCertificateRequired }));
            foreach (var (stream, _) in mtls.Where(m => m.Kind == Kind.Http1))
            {
                await stream.WriteAsync(Hello(Kind.Http1), TestContext.Current.CancellationToken);
                Assert.Equal((byte)'H', await FirstByteAsync(stream));
            }
            return last;
        }
        finally
        {
            foreach (var stream in plain.Concat(mtls.Select(m => m.Stream)))
                await stream.DisposeAsync();
        }
    }

    /// <summary>A connection that has had its first answer and is idle.</summary>
    private static async Task<SslStream> OpenAsync(int port, Kind kind, X509Certificate2? certificate)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true), leaveInnerStreamOpen: false);
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "customer1.agent.test",
            ApplicationProtocols = [kind == Kind.Http2 ? SslApplicationProtocol.Http2 : SslApplicationProtocol.Http11],
            ClientCertificates = certificate is null ? null : [certificate],
#pragma warning disable CA5359 // The server is the test's own; what is tried is what becomes of its connections.
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
#pragma warning restore CA5359
        });
        await stream.WriteAsync(Hello(kind));
        await FirstByteAsync(stream);
        return stream;
    }

    private static byte[] Hello(Kind kind) => kind switch
    {
        // The preface and empty SETTINGS (RFC 9113 §3.4): the server answers with its own.
        Kind.Http2 => [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 0, 4, 0, 0, 0, 0, 0],
        Kind.WebSocket => Encoding.ASCII.GetBytes("GET /stream/delegate/acc1 HTTP/1.1\r\nHost: customer1.agent.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"),
        _ => Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: customer1.agent.test\r\n\r\n"),
    };

    private static async Task<byte> FirstByteAsync(SslStream stream)
    {
        var buffer = new byte[4096];
        var read = await stream.ReadAsync(buffer).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.NotEqual(0, read);
        return buffer[0];
    }

    /// <summary>When the connection was gone.</summary>
    private static async Task<TimeSpan> EndAsync(SslStream stream, long start)
    {
        var buffer = new byte[1024];
        try
        {
            while (await stream.ReadAsync(buffer).AsTask().WaitAsync(TimeSpan.FromSeconds(30)) > 0)
            {
            }
        }
        catch (IOException)
        {
            // A reset is an end, too.
        }
        return Stopwatch.GetElapsedTime(start);
    }
}
