using System.IO.Pipelines;
using System.Net;
using System.Text;
using Gatehouse.LogService.Streams;
using Gatehouse.LogService.Tests.Harness;
using Gatehouse.Testing;

namespace Gatehouse.LogService.Tests.Streams;

public sealed class WhenReadersDoNotRead
{
    [Fact]
    public async Task One_is_sent_little_however_much_there_is()
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1));
        var events = new EventWriter(pipe.Writer, TimeProvider.System);
        var lines = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(new string('x', 1000) + "\n", 1000)));
        using var leaves = new CancellationTokenSource();
        var sending = events.LinesAsync(lines, leaves.Token);
        Assert.False(sending.IsCompleted);
        Assert.True(pipe.Reader.TryRead(out var sent));
        Assert.InRange(sent.Buffer.Length, 1, 34 * 1024);
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
    }

    [Fact]
    public async Task An_account_has_so_many_at_once()
    {
        await using var host = await LogHost.StartAsync(settings: new LogSettings { MaxTailsPerAccount = 2 });
        await host.OpenAsync("k");
        using var one = await OpenTail.StartAsync(host, "k");
        using (var two = await OpenTail.StartAsync(host, "k"))
        {
            var (status, body) = await host.CallAsync("GET", "/stream", "k");
            Assert.Equal(HttpStatusCode.TooManyRequests, status);
            Assert.Contains("2 open tails", body, StringComparison.Ordinal);
        }
        await Eventually.TrueAsync("the place of who left", async () =>
        {
            try
            {
                using var three = await OpenTail.StartAsync(host, "k");
                return true;
            }
            catch (Exception e) when (e is Xunit.Sdk.XunitException or NullReferenceException)
            {
                return false;
            }
        });
    }

    [Fact]
    public async Task A_writer_that_counts_sends_no_more_at_once_than_is_kept()
    {
        await using var host = await LogHost.StartAsync();
        await host.OpenAsync("k");
        var lines = "[" + string.Join(',', Enumerable.Repeat("{}", LogLimits.MaxLines + 1)) + "]";
        var (status, body) = await host.CallAsync("PUT", "/stream", "k", lines, "&firstLine=0");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("firstLine", body, StringComparison.Ordinal);
        await host.MustAsync("PUT", "/stream", "k", lines);
        await host.MustAsync("PUT", "/stream", "k", "[{}]", "&firstLine=0");
    }
}
