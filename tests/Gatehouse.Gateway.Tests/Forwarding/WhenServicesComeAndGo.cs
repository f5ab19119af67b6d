using Gatehouse.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Gatehouse.Gateway.Tests.Forwarding;

/// <summary>Connections to a service that end while they are kept, and services that are away for a while. Our own forwarder.</summary>
public sealed class WhenServicesComeAndGo(RecipePki pki)
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    [Theory]
    [InlineData("GET", 200)]
    [InlineData("DELETE", 200)]
    [InlineData("POST", 502)]
    [InlineData("PATCH", 502)]
    public async Task A_kept_connection_that_ends_under_a_request_is_tried_again_only_where_that_is_safe(string method, int status)
    {
        var connections = 0;
        await using var service = RawService.Start(async connection =>
        {
            var isFirst = Interlocked.Increment(ref connections) == 1;
            await connection.ReadHeadAsync();
            await connection.SendAsync(Ok);
            // The first one reads the second request, and goes without a word: nobody can know what it did.
            if (await connection.ReadHeadAsync() is { Length: > 0 } && !isFirst)
                await connection.SendAsync(Ok);
        });
        await using var listener = await ForwardingListener.StartAsync(service.Address, pki.Ca);
        await using var client = await AgentClient.ConnectAsync(listener, pki.Client);
        await RequestAsync(client, "GET", 200);
        await RequestAsync(client, method, status);
        Assert.Equal(status == 200 ? 2 : 1, service.Accepted);
        Assert.Empty(service.Failures);
    }

    [Fact]
    public async Task An_answer_that_had_begun_is_never_asked_for_again()
    {
        var requests = 0;
        await using var service = RawService.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync(Interlocked.Increment(ref requests) == 1 ? Ok : "HTTP/1.1 20");
            if (requests == 1 && await connection.ReadHeadAsync() is { Length: > 0 })
            {
                Interlocked.Increment(ref requests);
                await connection.SendAsync("HTTP/1.1 2");
            }
        });
        await using var listener = await ForwardingListener.StartAsync(service.Address, pki.Ca);
        await using var client = await AgentClient.ConnectAsync(listener, pki.Client);
        await RequestAsync(client, "GET", 200);
        await RequestAsync(client, "GET", 502);
        Assert.Equal(2, requests);
    }

    [Fact]
    public async Task A_new_connection_that_ends_without_an_answer_is_not_tried_again()
    {
        await using var service = RawService.Start(async connection => await connection.ReadHeadAsync());
        await using var listener = await ForwardingListener.StartAsync(service.Address, pki.Ca);
        await using var client = await AgentClient.ConnectAsync(listener, pki.Client);
        await RequestAsync(client, "GET", 502);
        Assert.Equal(1, service.Accepted);
    }

    [Theory]
    [InlineData(Ok + "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstale")]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstale")]
    [InlineData("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nstale")]
    public async Task Bytes_that_nobody_asked_for_are_nobodys_answer(string answer)
    {
        var connections = 0;
        await using var service = RawService.Start(async connection =>
        {
            var reply = Interlocked.Increment(ref connections) == 1 ? answer : Ok;
            while (await connection.ReadHeadAsync() is { Length: > 0 })
                await connection.SendAsync(reply);
        });
        await using var listener = await ForwardingListener.StartAsync(service.Address, pki.Ca);
        await using var client = await AgentClient.ConnectAsync(listener, pki.Client);
        await client.GetAsync();
        await WhenServicesAnswer.ReadBodyAsync(client, await client.ReadHeadAsync());
        await RequestAsync(client, "GET", 200);
        Assert.Equal(2, service.Accepted);
    }

    [Fact]
    public async Task Bytes_that_come_later_are_nobodys_answer_either()
    {
        var connections = 0;
        var late = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var service = RawService.Start(async connection =>
        {
            var isFirst = Interlocked.Increment(ref connections) == 1;
            await connection.ReadHeadAsync();
            await connection.SendAsync(Ok);
            if (!isFirst)
                return;
            await late.Task.WaitAsync(RawService.Limit);
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstale");
            // The gateway hears of them, and ends the connection by itself.
            await connection.EndAsync();
            ended.TrySetResult();
        });
        await using var listener = await ForwardingListener.StartAsync(service.Address, pki.Ca);
        await using var client = await AgentClient.ConnectAsync(listener, pki.Client);
        await RequestAsync(client, "GET", 200);
        late.SetResult();
        await ended.Task.WaitAsync(RawService.Limit, TestContext.Current.CancellationToken);
        await RequestAsync(client, "GET", 200);
        Assert.Equal(2, service.Accepted);
    }

    // The shared hosts' owner is empty: there each request may be another account's.
    [Theory, InlineData("acc1", "acc2", true), InlineData("acc1", "acc2", false), InlineData("", "", true), InlineData("", "", false)]
    public async Task What_comes_after_one_accounts_answer_is_not_anothers_even_at_once(string one, string other, bool inLoop)
    {
        var late = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var service = RawService.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync(Ok);
            await late.Task.WaitAsync(RawService.Limit);
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstale");
            await connection.ArrivedAsync();
            sent.TrySetResult();
            await connection.EndAsync();
        });
        using var pool = new UpstreamPool(service.Address, maxConnections: 0, TimeProvider.System, inLoop);
        var connection = await pool.ConnectAsync(one, TestContext.Current.CancellationToken);
        await connection.SendAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
        while (connection.Unread.Length < Ok.Length)
            Assert.True(await connection.ReceiveAsync());
        connection.Consume(connection.Unread.Length);
        pool.Return(connection);

        late.SetResult();
        await sent.Task.WaitAsync(RawService.Limit, TestContext.Current.CancellationToken);
        Assert.Null(pool.TryTakeIdle(other));
    }

    [Fact]
    public async Task An_account_gets_a_connection_that_it_used_itself()
    {
        await using var service = RawService.Answering(Ok);
        using var pool = new UpstreamPool(service.Address, maxConnections: 0, TimeProvider.System, inLoop: true);
        var first = await pool.ConnectAsync("acc1", TestContext.Current.CancellationToken);
        var second = await pool.ConnectAsync("acc2", TestContext.Current.CancellationToken);
        pool.Return(first);
        pool.Return(second);
        Assert.Same(first, pool.TryTakeIdle("acc1"));
        Assert.Same(second, pool.TryTakeIdle("acc1"));
        Assert.Null(pool.TryTakeIdle("acc1"));
    }

    [Fact]
    public async Task While_it_is_away_clients_are_told_and_when_it_is_back_they_are_served_on_the_same_connection()
    {
        var port = FreePorts.Next();
        var service = RawService.Answering(Ok, port);
        await using var listener = await ForwardingListener.StartAsync(service.Address, pki.Ca);
        await using var client = await AgentClient.ConnectAsync(listener, pki.Client);
        await RequestAsync(client, "GET", 200);
        await service.DisposeAsync();
        await RequestAsync(client, "GET", 502);
        await RequestAsync(client, "POST", 502);
        await using var again = RawService.Start(async connection =>
        {
            while (await connection.ReadHeadAsync() is { Length: > 0 })
                await connection.SendAsync(Ok);
        }, port);
        await RequestAsync(client, "POST", 200);
    }

    [Fact]
    public async Task Restarts_under_load_cost_requests_only_while_nobody_listens()
    {
        var port = FreePorts.Next();
        var service = RawService.Answering(Ok, port);
        await using var listener = await ForwardingListener.StartAsync(service.Address, pki.Ca);
        using var over = new CancellationTokenSource();
        var statuses = new System.Collections.Concurrent.ConcurrentDictionary<int, int>();
        var clients = Enumerable.Range(0, 8).Select(async _ =>
        {
            await using var client = await AgentClient.ConnectAsync(listener, pki.Client);
            while (!over.IsCancellationRequested)
            {
                await client.GetAsync();
                var head = await client.ReadHeadAsync();
                await WhenServicesAnswer.ReadBodyAsync(client, head);
                statuses.AddOrUpdate(int.Parse(head[9..12], System.Globalization.CultureInfo.InvariantCulture), 1, (_, n) => n + 1);
            }
        }).ToList();
        for (var i = 0; i < 5; i++)
        {
            var before = statuses.GetValueOrDefault(200);
            await Eventually.TrueAsync("requests are served", () => Task.FromResult(statuses.GetValueOrDefault(200) > before + 50));
            await service.DisposeAsync();
            service = RawService.Start(async connection =>
            {
                while (await connection.ReadHeadAsync() is { Length: > 0 })
                    await connection.SendAsync(Ok);
            }, port);
        }
        await over.CancelAsync();
        await Task.WhenAll(clients).WaitAsync(RawService.Limit, TestContext.Current.CancellationToken);
        await service.DisposeAsync();
        Assert.Equal([200, 502], statuses.Keys.Union([502]).Order());
        Assert.Empty(listener.Errors);
    }

    [Fact]
    public async Task As_many_connections_as_are_allowed_and_no_more()
    {
        var hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var service = RawService.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await hold.Task.WaitAsync(RawService.Limit);
            await connection.SendAsync(Ok);
        });
        var pool = new UpstreamPool(service.Address, maxConnections: 2, TimeProvider.System, inLoop: true);
        using (pool)
        {
            var first = await pool.ConnectAsync("acc1", TestContext.Current.CancellationToken);
            await pool.ConnectAsync("acc1", TestContext.Current.CancellationToken);
            Assert.Equal(ForwardFailure.Busy, (await Assert.ThrowsAsync<UpstreamException>(async () => await pool.ConnectAsync("acc1", TestContext.Current.CancellationToken))).Failure);
            pool.Drop(first);
            await pool.ConnectAsync("acc1", TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Silence_has_a_limit_and_so_has_idleness()
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var service = RawService.Start(async connection =>
        {
            if (await connection.ReadHeadAsync() is { Length: 0 })
                ended.TrySetResult();
        });
        var time = new FakeTimeProvider();
        using var pool = new UpstreamPool(service.Address, maxConnections: 0, time, inLoop: true);
        var silent = await pool.ConnectAsync("acc1", TestContext.Current.CancellationToken);
        pool.Return(await pool.ConnectAsync("acc1", TestContext.Current.CancellationToken));
        var receiving = silent.ReceiveAsync().AsTask();

        Advance(time, 49);
        Assert.Equal(1, pool.Idle);
        Advance(time, 1);
        Assert.Equal(0, pool.Idle);
        await ended.Task.WaitAsync(RawService.Limit, TestContext.Current.CancellationToken);
        Assert.Null(pool.TryTakeIdle("acc1"));

        Advance(time, 249);
        Assert.False(receiving.IsCompleted);
        Advance(time, 1);
        var failure = await Assert.ThrowsAsync<UpstreamException>(() => receiving.WaitAsync(RawService.Limit, TestContext.Current.CancellationToken));
        Assert.Equal(ForwardFailure.TimedOut, failure.Failure);
    }

    [Fact]
    public async Task A_connection_is_not_kept_for_ever_however_busy()
    {
        await using var service = RawService.Answering(Ok);
        var time = new FakeTimeProvider();
        using var pool = new UpstreamPool(service.Address, maxConnections: 0, time, inLoop: true);
        pool.Return(await pool.ConnectAsync("acc1", TestContext.Current.CancellationToken));
        for (var i = 0; i < 599; i += 1)
        {
            Advance(time, 1);
            pool.Return(pool.TryTakeIdle("acc1")!);
        }
        Advance(time, 1);
        pool.Return(pool.TryTakeIdle("acc1")!);
        Assert.Equal(0, pool.Idle);
    }

    private static void Advance(FakeTimeProvider time, int seconds)
    {
        for (var i = 0; i < seconds; i++)
            time.Advance(TimeSpan.FromSeconds(1));
    }

    private static async Task RequestAsync(AgentClient client, string method, int status)
    {
        await client.SendAsync($"{method} /log-service/x HTTP/1.1\r\nHost: customer1.agent.test\r\n\r\n");
        var head = await client.ReadHeadAsync();
        Assert.StartsWith($"HTTP/1.1 {status} ", head, StringComparison.Ordinal);
        await WhenServicesAnswer.ReadBodyAsync(client, head);
    }
}
