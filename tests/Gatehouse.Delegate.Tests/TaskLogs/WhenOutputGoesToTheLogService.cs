using System.Text;
using Gatehouse.Client;
using Gatehouse.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gatehouse.Delegate.Tests;

public sealed class WhenOutputGoesToTheLogService
{
    private const string Key = "accountId:acme/taskId:t1";
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Each_line_is_there_once_whatever_befalls_the_requests(int seed)
    {
        var random = new Random(seed);
        await using var service = await FakeLogService.StartAsync();
        service.Next = () =>
        {
            lock (random)
                return random.Next(3) == 0 ? (Mishap)random.Next(1, 6) : Mishap.None;
        };
        using var it = new Streaming(service, new QuickTime(20));
        var expected = new List<string>();
        for (var i = 0; i < 400; i++)
        {
            var line = $"line {i} {new string('x', random.Next(200))}\n";
            expected.Add(line);
            var request = service.NextRequest;
            it.Spool.Append(Encoding.UTF8.GetBytes(line));
            // Now and then the writer is let come by: in the end there were many writes, not one.
            if (i % 50 == 0)
                await request.WaitAsync(s_limit, TestContext.Current.CancellationToken);
        }

        it.Spool.Append("no line feed"u8);
        expected.Add("no line feed");
        it.Spool.Complete();
        await it.Work.WaitAsync(s_limit, TestContext.Current.CancellationToken);
        Assert.Equal(expected, service.Blob(Key));
        Assert.Empty(service.Stream(Key));
    }

    [Fact]
    public async Task What_comes_within_a_tenth_of_a_second_is_one_write()
    {
        var gather = TimeSpan.FromMilliseconds(100);
        await using var service = await FakeLogService.StartAsync();
        var time = new HandTime();
        using var it = new Streaming(service, time);
        it.Spool.Append("first\n"u8);
        for (var batch = 1; batch <= 3; batch++)
        {
            await Eventually.TrueAsync("the writer to collect", () => Task.FromResult(time.Waits(gather)));
            for (var i = 0; i < 10; i++)
                it.Spool.Append("more\n"u8);
            time.Elapse(gather);
            await Eventually.TrueAsync("all lines", () => Task.FromResult(service.Stream(Key).Count == 1 + (batch * 10)));
        }

        // The end is not waited for.
        await Eventually.TrueAsync("the writer to collect", () => Task.FromResult(time.Waits(gather)));
        it.Spool.Append("last\n"u8);
        it.Spool.Complete();
        await it.Work.WaitAsync(s_limit, TestContext.Current.CancellationToken);
        Assert.Equal(32, service.Blob(Key)!.Count);
        Assert.Equal([1, 10, 10, 10, 1], service.Requests.Where(request => request.StartsWith("PUT ", StringComparison.Ordinal)).Select(write => write.Split("\"out\"").Length - 1));
    }

    [Fact]
    public async Task A_line_is_sent_when_it_is_whole_and_long_ones_go_on_in_the_next()
    {
        await using var service = await FakeLogService.StartAsync();
        using var it = new Streaming(service, TimeProvider.System);
        it.Spool.Append("one\ntw"u8);
        await Eventually.TrueAsync("one line", () => Task.FromResult(service.Stream(Key) is ["one\n"]));
        it.Spool.Append("o\n"u8);
        await Eventually.TrueAsync("two lines", () => Task.FromResult(service.Stream(Key) is ["one\n", "two\n"]));
        var text = string.Concat(Enumerable.Repeat("aé€𝄞", 10_000));
        it.Spool.Append(Encoding.UTF8.GetBytes(text));
        it.Spool.Complete();
        await it.Work.WaitAsync(s_limit, TestContext.Current.CancellationToken);
        var blob = service.Blob(Key)!;
        Assert.Equal("one\ntwo\n" + text, string.Concat(blob));
        Assert.All(blob, line => Assert.InRange(Encoding.UTF8.GetByteCount(line), 1, LineCutter.MaxLineBytes));
    }

    [Fact]
    public async Task Lines_carry_the_time_they_appeared_at_however_late_they_are_sent()
    {
        await using var service = await FakeLogService.StartAsync();
        await service.StopListeningAsync();
        var clock = new QuickTime(20) { Now = new DateTimeOffset(2026, 11, 30, 8, 0, 0, TimeSpan.Zero) };
        using var it = new Streaming(service, new QuickTime(20), clock);
        it.Spool.Append("early\n"u8);
        clock.Now += TimeSpan.FromMinutes(5);
        it.Spool.Append("late\n"u8);
        it.Spool.Complete();
        clock.Now += TimeSpan.FromMinutes(5);
        await service.StartListeningAsync();
        await it.Work.WaitAsync(s_limit, TestContext.Current.CancellationToken);
        var write = Assert.Single(service.Requests, request => request.Contains("early", StringComparison.Ordinal));
        Assert.Contains("\"out\":\"early\\n\",\"time\":\"2026-11-30T08:00:00", write, StringComparison.Ordinal);
        Assert.Contains("\"out\":\"late\\n\",\"time\":\"2026-11-30T08:05:00", write, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_will_never_take_it_is_not_asked_for_ever()
    {
        await using var service = await FakeLogService.StartAsync();
        service.Refusal = (404, "no such route");
        using var it = new Streaming(service, TimeProvider.System);
        var refused = await Assert.ThrowsAsync<RequestRefusedException>(() => it.Work.WaitAsync(s_limit, TestContext.Current.CancellationToken));
        Assert.Equal("no such route", refused.Message);
        Assert.Single(service.Requests);
    }

    [Fact]
    public async Task While_the_service_is_away_what_waits_for_it_is_in_the_spool_alone()
    {
        await using var service = await FakeLogService.StartAsync();
        var isAway = true;
        service.Next = () => service.Requests.Count > 1 && Volatile.Read(ref isAway) ? Mishap.Overloaded : Mishap.None;
        using var it = new Streaming(service, new QuickTime(20));
        it.Spool.Append("first\n"u8);
        it.Spool.Complete();
        await Eventually.TrueAsync("a write that failed", () => Task.FromResult(service.Requests.Count > 1));
        it.Overwrite("other\n"u8);
        // The one that is under way may have been read before; the one after it was not.
        var asked = service.Requests.Count;
        await Eventually.TrueAsync("two more", () => Task.FromResult(service.Requests.Count >= asked + 2));
        Volatile.Write(ref isAway, false);
        await it.Work.WaitAsync(s_limit, TestContext.Current.CancellationToken);
        Assert.Equal(["other\n"], service.Blob(Key));
    }

    private sealed class Streaming : IDisposable
    {
        private readonly TemporaryDirectory _folder = new();
        private readonly LogServiceClient _client;
        private readonly DelegateClient _manager;

        public Streaming(FakeLogService service, TimeProvider time, TimeProvider? arrivals = null)
        {
            Spool = new OutputSpool(_folder.File("output"), arrivals ?? time);
            _client = new LogServiceClient(new AgentHttp(new AgentHttpOptions()), service.Address, "acme", "test", time);
            Assert.True(ManagerAddress.TryParse("http://localhost:1", out var nobody, out _));
            Assert.True(DelegateToken.TryParse(FakeManager.Token, out var token));
            _manager = new DelegateClient(new AgentHttp(new AgentHttpOptions()), nobody, new DelegateCredential(token, "acme", "box", "", time), "acme", "test", time);
            Work = new TaskLog(
                _client, new LogToken(_manager, "d1", "token"), Key, TimeSpan.FromMinutes(10), Spool,
                new LogServiceNotice(service.Address, time, NullLogger.Instance), new RetryPace(new Random(1)), time).RunAsync(CancellationToken.None);
        }

        public OutputSpool Spool { get; }

        public Task Work { get; }

        public void Overwrite(ReadOnlySpan<byte> bytes)
        {
            using var file = new FileStream(_folder.File("output"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            file.Write(bytes);
        }

        public void Dispose()
        {
            _client.Dispose();
            _manager.Dispose();
            Spool.Dispose();
            _folder.Dispose();
        }
    }
}
