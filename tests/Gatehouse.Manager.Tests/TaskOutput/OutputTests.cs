using System.Net;
using System.Text;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Manager.TaskOutput;
using Gatehouse.Manager.Tests.Harness;
using Gatehouse.Manager.Tests.Tasks;

namespace Gatehouse.Manager.Tests.TaskOutput;

public sealed class OutputTests
{
    [Fact]
    public async Task Followers_see_output_as_it_appears_until_the_task_ends()
    {
        await using var host = await ManagerHost.StartAsync();
        var (worker, id) = await RunningAsync(host);
        await worker.WriteAsync(id, 0, "one ");
        using var early = await FollowAsync(host, id, 0);
        using var late = await FollowAsync(host, id, 2);
        await using var one = await early.Content.ReadAsStreamAsync();
        await using var two = await late.Content.ReadAsStreamAsync();
        Assert.Equal("one ", await ReadAsync(one, 4));
        Assert.Equal("e ", await ReadAsync(two, 2));
        await worker.WriteAsync(id, 4, "zwei→");
        Assert.Equal("zwei→", await ReadAsync(one, 7));
        Assert.Equal("zwei→", await ReadAsync(two, 7));
        using var answered = await worker.RespondAsync(id, "OK");
        Assert.Equal(0, await one.ReadAsync(new byte[1]));
        Assert.Equal(0, await two.ReadAsync(new byte[1]));
        Assert.Equal(11, (await host.TaskAsync("acme", id)).OutputBytes);
    }

    [Fact]
    public async Task Chunks_sent_twice_are_cut_and_gaps_are_not_written()
    {
        await using var host = await ManagerHost.StartAsync();
        var (worker, id) = await RunningAsync(host);
        Assert.Equal(new TaskOutputReceipt(0, false), await worker.WriteAsync(id, 3, "gap"));
        Assert.Equal(3, (await worker.WriteAsync(id, 0, "abc")).NextOffset);
        Assert.Equal(3, (await worker.WriteAsync(id, 0, "abc")).NextOffset);
        Assert.Equal(5, (await worker.WriteAsync(id, 1, "bcde")).NextOffset);
        Assert.Equal(5, (await worker.WriteAsync(id, 1, "bc")).NextOffset);
        Assert.Equal(5, (await worker.WriteAsync(id, 5, "")).NextOffset);
        using var answered = await worker.RespondAsync(id, "OK");
        Assert.Equal(6, (await worker.WriteAsync(id, 5, "f")).NextOffset); // Late, but it was its task.
        using var all = await FollowAsync(host, id, 0);
        Assert.Equal("abcdef", await all.Content.ReadAsStringAsync());
        host.Time.Advance(TimeSpan.FromMinutes(6));
        using var tooLate = await worker.SendAsync(HttpMethod.Post, $"/api/agent/gatehouse/tasks/{id}/output", new ByteArrayContent([1]), $"&delegateId={worker.Id}&offset=6");
        await tooLate.IsProtocolErrorAsync(HttpStatusCode.NotFound, ProtocolErrorCode.ResourceNotFound);
    }

    [Fact]
    public async Task Only_the_assignee_writes()
    {
        await using var host = await ManagerHost.StartAsync();
        var (worker, id) = await RunningAsync(host);
        foreach (var (task, writer, query, status) in new[]
        {
            (id, "other", "&offset=0", HttpStatusCode.Forbidden), ("0123", worker.Id, "&offset=0", HttpStatusCode.NotFound),
            (id, worker.Id, "", HttpStatusCode.BadRequest), (id, worker.Id, "&offset=-1", HttpStatusCode.BadRequest),
        })
        {
            using var response = await worker.SendAsync(HttpMethod.Post, $"/api/agent/gatehouse/tasks/{task}/output", new ByteArrayContent([1]), $"&delegateId={writer}{query}");
            Assert.Equal(status, response.StatusCode);
        }
        using var big = await worker.SendAsync(HttpMethod.Post, $"/api/agent/gatehouse/tasks/{id}/output", new ByteArrayContent(new byte[Limits.MaxTaskOutputChunkBytes + 1]), $"&delegateId={worker.Id}&offset=0");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, big.StatusCode);
        using var unknown = await host.Operator.GetAsync(new Uri("/api/v1/accounts/acme/tasks/0123/output", UriKind.Relative));
        await unknown.IsProblemAsync(HttpStatusCode.NotFound, "task_not_found");
        Assert.Equal(0, (await host.TaskAsync("acme", id)).OutputBytes);
    }

    [Fact]
    public async Task What_lies_beyond_the_limit_is_dropped_and_said_so()
    {
        await using var host = await ManagerHost.StartAsync();
        var store = host.Get<OutputStore>();
        var chunk = new byte[Limits.MaxTaskOutputChunkBytes];
        var offset = 0L;
        while (offset < Limits.MaxTaskOutputBytes - chunk.Length)
            offset = (await store.AppendAsync("0123ab", offset, chunk, default)).NextOffset;
        Assert.False((await store.AppendAsync("0123ab", offset, chunk.AsMemory(1), default)).Truncated);
        var beyond = await store.AppendAsync("0123ab", offset + chunk.Length - 1, chunk, default);
        Assert.Equal((offset + (2 * chunk.Length) - 1, true), (beyond.NextOffset, beyond.Truncated));
        Assert.Equal(Limits.MaxTaskOutputBytes, store.LengthOf("0123ab"));
        var more = await store.AppendAsync("0123ab", beyond.NextOffset, chunk, default);
        Assert.Equal((beyond.NextOffset + chunk.Length, true), (more.NextOffset, more.Truncated)); // Goes on being dropped, not asked for again.
        var file = Path.Combine(host.Data, "task-output", "ab", "0123ab.log");
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task A_follower_that_goes_is_no_error_and_one_that_stays_does_not_keep_the_server()
    {
        await using var host = await ManagerHost.StartAsync();
        var (worker, id) = await RunningAsync(host);
        await worker.WriteAsync(id, 0, "text");
        using (var gone = await FollowAsync(host, id, 0))
            Assert.Equal("text", await ReadAsync(await gone.Content.ReadAsStreamAsync(), 4));
        await worker.WriteAsync(id, 4, "more");
        using var stays = await FollowAsync(host, id, 0);
        await using var body = await stays.Content.ReadAsStreamAsync();
        Assert.Equal("textmore", await ReadAsync(body, 8));
        var stopping = host.StopAsync();
        Assert.Same(stopping, await Task.WhenAny(stopping, Task.Delay(TimeSpan.FromSeconds(10))));
        await Assert.ThrowsAnyAsync<IOException>(async () => await body.ReadExactlyAsync(new byte[1])); // Cut: not the output's end.
    }

    private static async Task<(TestDelegate Worker, string Task)> RunningAsync(ManagerHost host)
    {
        await host.CreateAccountAsync("acme");
        var worker = await TestDelegate.RegisteredAsync(host, "acme", await host.CreateTokenAsync("acme"));
        var task = await host.RunAsync("acme", TaskLifeTests.Shell());
        using var acquired = await worker.AcquireAsync(task.Id);
        return (worker, task.Id);
    }

    private static Task<HttpResponseMessage> FollowAsync(ManagerHost host, string id, long from) =>
        host.Operator.GetAsync(new Uri($"/api/v1/accounts/acme/tasks/{id}/output?from={from}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);

    private static async Task<string> ReadAsync(Stream stream, int bytes)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var buffer = new byte[bytes];
        await stream.ReadExactlyAsync(buffer, patience.Token);
        return Encoding.UTF8.GetString(buffer);
    }
}
