using System.Net.Sockets;
using System.Text;

namespace Gatehouse.Delegate.Tests;

public sealed class LocalHttpTests
{
    [Theory]
    [InlineData("GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK", "well")]
    [InlineData("GET /api/health?full=1 HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK", "well")]
    [InlineData("HEAD /api/health HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK", "")]
    [InlineData("POST /api/health HTTP/1.1\r\n\r\n", "HTTP/1.1 405 MethodNotAllowed", "GET only.\n")]
    [InlineData("GET /etc/passwd HTTP/1.1\r\n\r\n", "HTTP/1.1 404 NotFound", null)]
    [InlineData("\x16\x03\x01 nonsense\r\n\r\n", "HTTP/1.1 400 BadRequest", null)]
    public async Task It_answers_what_it_knows(string request, string status, string? body)
    {
        var answer = await AskAsync(Encoding.ASCII.GetBytes(request));
        Assert.StartsWith(status + "\r\n", answer, StringComparison.Ordinal);
        if (body is not null)
            Assert.EndsWith("\r\n\r\n" + body, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_head_without_end_is_cut_off()
    {
        var answer = await AskAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nX: " + new string('x', 10_000)));
        Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 400 ", StringComparison.Ordinal), answer);
    }

    [Fact]
    public async Task More_connections_than_it_holds_wait_for_their_turn()
    {
        var cancel = TestContext.Current.CancellationToken;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var http = new LocalHttp(0, _ => new LocalAnswer(200, "text/plain", "well"), TimeProvider.System);
        var running = http.RunAsync(end.Token);
        var silent = new List<TcpClient>();
        for (var i = 0; i < 16; i++)
        {
            var client = new TcpClient("127.0.0.1", http.Port);
            silent.Add(client);
        }

        using var seventeenth = new TcpClient("127.0.0.1", http.Port);
        await seventeenth.GetStream().WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray(), cancel);
        var reading = seventeenth.GetStream().ReadAsync(new byte[100], cancel).AsTask();
        silent[3].Dispose();
        Assert.True(await reading.WaitAsync(TimeSpan.FromSeconds(60), cancel) > 0);
        silent.ForEach(client => client.Dispose());
        await end.CancelAsync();
        await running;
    }

    private static async Task<string> AskAsync(byte[] request)
    {
        var cancel = TestContext.Current.CancellationToken;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var http = new LocalHttp(0, path => path == "/api/health" ? new LocalAnswer(200, "text/plain", "well") : null, TimeProvider.System);
        var running = http.RunAsync(end.Token);
        using var client = new TcpClient("127.0.0.1", http.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(request, cancel);
        using var answer = new MemoryStream();
        try
        {
            await stream.CopyToAsync(answer, cancel);
        }
        catch (IOException)
        {
            // Cut off with unread bytes: a reset.
        }

        await end.CancelAsync();
        await running;
        return Encoding.ASCII.GetString(answer.ToArray());
    }
}
