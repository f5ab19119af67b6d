using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Gatehouse.LogService.Protocol;
using Gatehouse.LogService.Tests.Harness;
using Gatehouse.Testing;

namespace Gatehouse.LogService.Tests.Streams;

/// <summary>Writers that announce much, send a part and then nothing.</summary>
public sealed class WhenWritesDoNotEnd
{
    private const int Announced = 16 * 1024 * 1024, Part = 600_000;

    [Fact]
    public async Task Their_account_is_told_to_come_again_and_no_other()
    {
        await using var host = await LogHost.StartAsync(settings: new LogSettings { MaxUnfinishedBytesPerAccount = 1024 * 1024 });
        var bodies = host.Get<WriteBodies>();
        await host.OpenAsync("k");
        await host.MustAsync("POST", "/stream", "k", account: "acc2");
        var line = LogHost.Line("x");
        var whole = $"[{line}{new string(' ', 900_000)}]";
        using var first = await HalfAsync(host, whole.Length, whole[..Part]);
        await Eventually.TrueAsync("the first part", () => Task.FromResult(bodies.Unfinished("acc1") == Part));

        // What is announced counts for nothing: only what has come.
        using var second = await HalfAsync(host, Announced, whole[..Part]);
        var answer = await AnswerAsync(second);
        Assert.StartsWith("HTTP/1.1 503 ", answer, StringComparison.Ordinal);
        Assert.Contains("send again later", answer, StringComparison.Ordinal);
        await Eventually.TrueAsync("only the first to be left", () => Task.FromResult(bodies.Unfinished("acc1") == Part));
        await host.WriteAsync("k", "a short one");
        await host.MustAsync("PUT", "/stream", "k", whole, account: "acc2");

        await first.GetStream().WriteAsync(Encoding.ASCII.GetBytes(whole[Part..]));
        Assert.StartsWith("HTTP/1.1 204 ", await AnswerAsync(first), StringComparison.Ordinal);
        await host.MustAsync("PUT", "/stream", "k", whole);
        await Eventually.TrueAsync("nothing to be left", () => Task.FromResult(bodies.Unfinished("acc1") == 0));
        await host.MustAsync("DELETE", "/stream", "k", query: "&snapshot=true");
        Assert.Equal(LogHost.Lines("a short one", "x", "x"), await host.BlobAsync("k"));
    }

    /// <summary>Sends a part of a write.</summary>
    private static async Task<TcpClient> HalfAsync(LogHost host, int length, string part)
    {
        var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, host.Client.BaseAddress!.Port);
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"PUT /stream?accountID=acc1&key=k HTTP/1.1\r\nHost: x\r\nX-Harness-Token: {host.TokenOf("acc1")}\r\nContent-Length: {length}\r\n\r\n{part}")));
        return socket;
    }

    private static async Task<string> AnswerAsync(TcpClient socket)
    {
        var buffer = new byte[4096];
        var answer = "";
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        // 204 has no body, and an error's ends with its object.
        while (!(answer.EndsWith("\r\n\r\n", StringComparison.Ordinal) && (answer.Contains('}') || answer.Contains(" 204 ", StringComparison.Ordinal))))
        {
            var read = await socket.GetStream().ReadAsync(buffer, limit.Token);
            Assert.True(read > 0, $"The connection ended after: {answer}");
            answer += Encoding.ASCII.GetString(buffer, 0, read);
        }

        return answer;
    }
}
