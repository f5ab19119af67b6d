using System.Net.Sockets;
using System.Text;
using Gatehouse.Cli.Output;
using Gatehouse.Cli.SelfTest.Wire;

namespace Gatehouse.Cli.SelfTest.Checks;

/// <summary>Clients that are slow on purpose, and clients that send nonsense: both are cut.</summary>
internal sealed class PatienceChecks(Lab lab) : CheckGroup(lab)
{
    private static readonly TimeSpan s_drip = TimeSpan.FromMilliseconds(500);

    public override IEnumerable<Check> All() => [.. Slow(), .. Broken()];

    private IEnumerable<Check> Slow()
    {
        var hello = new RawHello { ServerName = Encoding.ASCII.GetBytes(Input.Site.Host), Tls13 = true }.ToRecord();
        yield return Cut("a connection that sends nothing", (_, _) => Task.CompletedTask);
        yield return Cut("half a ClientHello and no more", (stream, cancellationToken) => stream.WriteAsync(hello.AsMemory(0, hello.Length / 2), cancellationToken).AsTask());
        yield return Cut("a ClientHello, one byte each half second", async (stream, cancellationToken) =>
        {
            foreach (var b in hello)
            {
                await stream.WriteAsync(new byte[] { b }, cancellationToken);
                await Task.Delay(s_drip, Lab.Time, cancellationToken);
            }
        });
        yield return Cut("a ClientHello, and no more of the handshake", (stream, cancellationToken) => stream.WriteAsync(hello, cancellationToken).AsTask());
    }

    /// <summary>These wait for the gateway's own time limit, so they run beside the others.</summary>
    private Check Cut(string sent, Func<NetworkStream, CancellationToken, Task> send) => new(Threats.Slow, $"{sent}: cut within {Words.Span(Input.Timeout)}", async cancellationToken =>
    {
        var began = Lab.Time.GetTimestamp();
        using var limit = Lab.Limit(cancellationToken);
        try
        {
            using var socket = await Input.Site.ConnectAsync(limit.Token);
            await using var stream = new NetworkStream(socket);
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(limit.Token);
            var sending = IgnoreEndAsync(send(stream, ended.Token));
            await DrainAsync(stream, limit.Token);
            await ended.CancelAsync();
            await sending;
            return Finding.Pass($"cut after {Words.Span(Lab.Time.GetElapsedTime(began))}");
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Faults.Read(e) switch
            {
                { Ending: Ending.Closed } => Finding.Pass($"cut after {Words.Span(Lab.Time.GetElapsedTime(began))}"),
                { Ending: Ending.TimedOut } => Finding.Fail("still open; if the gateway's own limit is longer, give --timeout"),
                var other => Finding.Fail(other.Told),
            };
        }
    })
    { IsSlow = true };

    private IEnumerable<Check> Broken()
    {
        yield return Garbage("random bytes in the place of a TLS record, after the handshake", line => line.Raw, [23, 3, 3, 0, 64, .. Noise(64)]);
        yield return Garbage("bytes that are no TLS at all, after the handshake", line => line.Raw, Noise(512));
        yield return Garbage("bytes that are no HTTP, inside TLS", line => line.Secured, [.. Noise(512), .. "\r\n\r\n"u8]);
        yield return new(Threats.Slow, "HTTP without TLS", async cancellationToken =>
        {
            using var limit = Lab.Limit(cancellationToken);
            try
            {
                using var socket = await Input.Site.ConnectAsync(limit.Token);
                await using var stream = new NetworkStream(socket);
                await stream.WriteAsync(Encoding.ASCII.GetBytes(Lab.OwnRequest()), limit.Token);
                return await JudgeAsync(stream, limit.Token);
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                return Refused(Faults.Read(e));
            }
        });
    }

    private Check Garbage(string sent, Func<TlsLine, Stream> where, byte[] garbage) => new(Threats.Slow, sent, async cancellationToken =>
    {
        using var limit = Lab.Limit(cancellationToken);
        var isOpen = false;
        try
        {
            await using var line = await TlsLine.OpenAsync(Lab.Own, limit.Token);
            isOpen = true;
            await where(line).WriteAsync(garbage, limit.Token);
            await where(line).FlushAsync(limit.Token);
            return await JudgeAsync(line.Secured, limit.Token);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return isOpen ? Refused(Faults.Read(e)) : Finding.NotTested($"no handshake ended: {Faults.Read(e).Told}");
        }
    });

    private static async Task<Finding> JudgeAsync(Stream stream, CancellationToken cancellationToken)
    {
        var received = new byte[4096];
        var length = await stream.ReadAtLeastAsync(received, 12, throwOnEndOfStream: false, cancellationToken);
        var text = Encoding.Latin1.GetString(received, 0, length);
        var status = text.StartsWith("HTTP/1.", StringComparison.Ordinal) && length >= 12 ? text.Substring(9, 3) : null;
        return status is null ? Finding.Pass(length == 0 ? "closed" : "cut off, or answered in kind") : Finding.When(status[0] == '4', status);
    }

    private static byte[] Noise(int bytes)
    {
        var noise = System.Security.Cryptography.RandomNumberGenerator.GetBytes(bytes);
        noise[0] |= 0x80; // No method of HTTP, and no record type of TLS.
        return noise;
    }

    private static async Task DrainAsync(Stream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        while (await stream.ReadAsync(buffer, cancellationToken) > 0)
        {
        }
    }

    private static async Task IgnoreEndAsync(Task sending)
    {
        try
        {
            await sending;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The other side's end is what is waited for.
        }
    }
}
