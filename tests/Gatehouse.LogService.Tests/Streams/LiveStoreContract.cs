using System.Net;
using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.LogService.Streams;
using Gatehouse.LogService.Tests.Harness;
using Gatehouse.Testing;

namespace Gatehouse.LogService.Tests.Streams;

/// <summary>Sheet §4 and §8: what clients do to streams, and what must outlast it, whatever store the lines are in.</summary>
public abstract class LiveStoreContract
{
    internal const string Key = "accountId:acc1/level0:step one+x";

    /// <summary>A log service on the store that is tested, empty.</summary>
    internal abstract Task<LogHost> StartAsync(LogSettings? settings = null);

    [Fact]
    public async Task Closed_with_a_snapshot_it_is_a_blob()
    {
        await using var host = await StartAsync();
        await host.OpenAsync(Key);
        await host.WriteAsync(Key, "a", "b");
        Assert.Null(await host.BlobAsync(Key));
        await host.MustAsync("DELETE", "/stream", Key, query: "&snapshot=true");
        Assert.Equal(LogHost.Lines("a", "b"), await host.BlobAsync(Key));
        Assert.Equal(HttpStatusCode.BadRequest, (await host.CallAsync("PUT", "/stream", Key, $"[{LogHost.Line("c")}]")).Status);
    }

    [Fact]
    public async Task Closed_without_one_it_is_kept_when_nobody_uploaded_it()
    {
        await using var host = await StartAsync();
        await host.OpenAsync(Key);
        await host.WriteAsync(Key, "a");
        await host.MustAsync("DELETE", "/stream", Key);
        Assert.Equal(LogHost.Lines("a"), await host.BlobAsync(Key));

        await host.OpenAsync("uploaded");
        await host.WriteAsync("uploaded", "a");
        await host.MustAsync("POST", "/blob", "uploaded", "history");
        await host.MustAsync("DELETE", "/stream", "uploaded");
        Assert.Equal("history", await host.BlobAsync("uploaded"));
    }

    [Fact]
    public async Task Closing_again_is_fine_and_closing_what_never_was_is_404()
    {
        await using var host = await StartAsync();
        await host.OpenAsync(Key);
        for (var i = 0; i < 2; i++)
            await host.MustAsync("DELETE", "/stream", Key, query: "&snapshot=true");
        Assert.Equal(HttpStatusCode.NotFound, (await host.CallAsync("DELETE", "/stream", "never", query: "&snapshot=true")).Status);
        await host.MustAsync("DELETE", "/stream", "no such prefix", query: "&snapshot=true&prefix=true");
    }

    [Fact]
    public async Task Opened_again_it_is_empty()
    {
        await using var host = await StartAsync();
        await host.OpenAsync(Key);
        await host.WriteAsync(Key, "old");
        await host.OpenAsync(Key);
        await host.WriteAsync(Key, "new");
        await host.MustAsync("DELETE", "/stream", Key, query: "&snapshot=true");
        Assert.Equal(LogHost.Lines("new"), await host.BlobAsync(Key));
    }

    [Fact]
    public async Task A_body_that_was_consumed_replaces_nothing()
    {
        await using var host = await StartAsync();
        await host.MustAsync("POST", "/blob", Key, "whole");
        await host.MustAsync("POST", "/blob", Key, "");
        Assert.Equal("whole", await host.BlobAsync(Key));

        await host.OpenAsync("live");
        await host.WriteAsync("live", "a");
        await host.MustAsync("POST", "/blob", "live", "");
        Assert.Equal(LogHost.Lines("a"), await host.BlobAsync("live"));
        await host.OpenAsync("live");
        await host.MustAsync("DELETE", "/stream", "live", query: "&snapshot=true");
        Assert.Equal(LogHost.Lines("a"), await host.BlobAsync("live"));
    }

    [Fact]
    public async Task Closed_by_prefix_as_plain_text_and_by_list()
    {
        await using var host = await StartAsync();
        foreach (var key in new[] { "run/1", "run/10", "run/2", "a", "b" })
        {
            await host.OpenAsync(key);
            await host.WriteAsync(key, key);
        }
        await host.MustAsync("DELETE", "/stream", "run/1", query: "&snapshot=true&prefix=true");
        Assert.Equal(["a", "b", "run/2"], await host.OpenKeysAsync());
        await host.MustAsync("DELETE", "/stream", "", query: "&keyList=a,b");
        Assert.Equal(["run/2"], await host.OpenKeysAsync());
        foreach (var key in new[] { "run/1", "run/10", "a", "b" })
            Assert.Equal(LogHost.Lines(key), await host.BlobAsync(key));
        // Of several, one unknown: then none goes.
        Assert.Equal(HttpStatusCode.NotFound, (await host.CallAsync("DELETE", "/stream", "", query: "&keyList=run/2,never")).Status);
        await host.WriteAsync("run/2", "still open");
    }

    [Fact]
    public async Task Closed_by_prefix_by_the_thousand()
    {
        await using var host = await StartAsync();
        await Parallel.ForAsync(0, 2_000, async (i, _) =>
        {
            await host.OpenAsync($"run/{i}");
            await host.WriteAsync($"run/{i}", $"{i}");
        });
        await host.MustAsync("DELETE", "/stream", "run/", query: "&snapshot=true&prefix=true");
        Assert.Empty(await host.OpenKeysAsync());
        for (var i = 0; i < 2_000; i += 97)
            Assert.Equal(LogHost.Lines($"{i}"), await host.BlobAsync($"run/{i}"));
    }

    [Fact]
    public async Task The_newest_lines_are_kept()
    {
        await using var host = await StartAsync();
        await host.OpenAsync(Key);
        for (var i = 0; i < 60; i++)
            await host.WriteAsync(Key, [.. Enumerable.Range(i * 100, 100).Select(n => $"{n}")]);
        await host.MustAsync("DELETE", "/stream", Key, query: "&snapshot=true");
        var lines = (await host.BlobAsync(Key))!.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.InRange(lines.Length, 5_000, 5_100);
        Assert.Equal(LogHost.Line("5999"), lines[^1]);
    }

    [Fact]
    public async Task Opened_again_while_it_is_closed_it_stays_open()
    {
        await using var host = await StartAsync();
        var streams = host.Get<ILiveStore>();
        var id = new StreamId("acc1", Key);
        await host.OpenAsync(Key);
        await host.WriteAsync(Key, "old");
        Assert.NotNull(await streams.LinesAsync(id, seal: true, default));
        await host.OpenAsync(Key);
        await host.WriteAsync(Key, "new");
        await streams.RemoveAsync(id);
        Assert.Equal([Key], await host.OpenKeysAsync());
        await host.MustAsync("DELETE", "/stream", Key, query: "&snapshot=true");
        Assert.Equal(LogHost.Lines("new"), await host.BlobAsync(Key));
    }

    [Fact]
    public async Task What_is_open_is_told_with_its_lines_readers_and_time_left()
    {
        await using var host = await StartAsync();
        await host.OpenAsync(Key);
        await host.WriteAsync(Key, "a", "b");
        await host.OpenAsync("short", "&timeout_seconds=90");
        await host.OpenAsync("too long", "&timeout_seconds=100000");
        await host.MustAsync("POST", "/stream", "another's", account: "acc2");
        using var tail = await OpenTail.StartAsync(host, Key);
        await tail.ReadToAsync(": ping\n" + TailContract.Events("a", "b"));
        host.Time.Advance(TimeSpan.FromSeconds(29));
        var (status, body) = await host.CallAsync("GET", "/stream/info", "");
        Assert.Equal(HttpStatusCode.OK, status);
        using var told = JsonDocument.Parse(body);
        Assert.Equal(
            [Key + """{"size":2,"subscribers":1,"ttl":"4h59m31s"}""", """short{"size":0,"subscribers":0,"ttl":"1m1s"}""", """too long{"size":0,"subscribers":0,"ttl":"23h59m31s"}"""],
            told.RootElement.GetProperty("streams").EnumerateObject().Select(one => one.Name + JsonSerializer.Serialize(one.Value)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Many_writers_at_once_and_each_line_once()
    {
        await using var host = await StartAsync();
        await host.OpenAsync(Key);
        await Parallel.ForAsync(0, 200, async (i, _) => await host.WriteAsync(Key, $"{i} a", $"{i} b"));
        await host.MustAsync("DELETE", "/stream", Key, query: "&snapshot=true");
        var lines = (await host.BlobAsync(Key))!.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("out").GetString()!.TrimEnd()).ToList();
        // What was sent together stays together.
        Assert.All(lines.Chunk(2), pair => Assert.Equal(pair[0][..^1] + "b", pair[1]));
        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"{i} a").Order(StringComparer.Ordinal), lines.Where(line => line.EndsWith('a')).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Accounts_are_apart()
    {
        await using var host = await StartAsync();
        await host.OpenAsync(Key);
        await host.MustAsync("POST", "/stream", Key, account: "acc}2");
        await host.MustAsync("PUT", "/stream", Key, $"[{LogHost.Line("other")}]", account: "acc}2");
        await host.MustAsync("DELETE", "/stream", "", query: "&snapshot=true&prefix=true", account: "acc}2");
        Assert.Equal([Key], await host.OpenKeysAsync());
        await host.WriteAsync(Key, "mine");
        await host.MustAsync("DELETE", "/stream", Key, query: "&snapshot=true");
        Assert.Equal(LogHost.Lines("mine"), await host.BlobAsync(Key));
    }

    [Fact]
    public async Task Of_an_account_that_ended_a_new_one_of_its_id_sees_nothing()
    {
        await using var host = await StartAsync();
        foreach (var key in new[] { Key, "b" })
        {
            await host.OpenAsync(key);
            await host.WriteAsync(key, "old");
        }
        await host.MustAsync("POST", "/stream", Key, account: "acc2");
        using var tail = await OpenTail.StartAsync(host, Key);
        await tail.ReadToAsync(": ping\n" + TailContract.Events("old"));
        await host.Get<IAccountData>().DeleteAsync("acc1", default);
        await tail.ReadToAsync(TailContract.End);
        Assert.Empty(await host.OpenKeysAsync());
        Assert.Equal(HttpStatusCode.NotFound, (await host.CallAsync("DELETE", "/stream", Key, query: "&snapshot=true")).Status);
        Assert.Null(await host.BlobAsync(Key));
        await host.OpenAsync(Key);
        await host.WriteAsync(Key, "new");
        await host.MustAsync("DELETE", "/stream", Key, query: "&snapshot=true");
        Assert.Equal(LogHost.Lines("new"), await host.BlobAsync(Key));
        await host.MustAsync("PUT", "/stream", Key, $"[{LogHost.Line("another's stays")}]", account: "acc2");
    }

    [Theory, InlineData("-1"), InlineData("x"), InlineData("1.5")]
    public async Task A_bad_lifetime_is_400(string seconds)
    {
        await using var host = await StartAsync();
        Assert.Equal(HttpStatusCode.BadRequest, (await host.CallAsync("POST", "/stream", Key, query: $"&timeout_seconds={seconds}")).Status);
    }

    [Fact]
    public async Task Left_open_beyond_its_lifetime_it_is_kept()
    {
        await using var host = await StartAsync();
        await host.OpenAsync(Key, "&timeout_seconds=60");
        await host.WriteAsync(Key, "a");
        await Eventually.TrueAsync("the stream to be closed", async () =>
        {
            host.Time.Advance(TimeSpan.FromSeconds(11));
            return (await host.OpenKeysAsync()).Length == 0;
        });
        Assert.Equal(LogHost.Lines("a"), await host.BlobAsync(Key));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Opened_again_and_not_closed_with_a_snapshot_its_lines_come_after_the_earlier_ones(bool isLeftOpen)
    {
        await using var host = await StartAsync();
        await host.OpenAsync(Key);
        await host.WriteAsync(Key, "a");
        await host.MustAsync("DELETE", "/stream", Key, query: "&snapshot=true");
        foreach (var line in new[] { "b", "c" })
        {
            await host.OpenAsync(Key, "&timeout_seconds=60");
            await host.WriteAsync(Key, line);
            if (isLeftOpen)
            {
                host.Time.Advance(TimeSpan.FromSeconds(60));
                await host.Get<StreamCloser>().CloseExpiredAsync(default);
            }
            else
            {
                await host.MustAsync("DELETE", "/stream", Key);
            }
            Assert.Empty(await host.OpenKeysAsync());
        }
        Assert.Equal(LogHost.Lines("a", "b", "c"), await host.BlobAsync(Key));
    }

    [Fact]
    public async Task What_was_uploaded_before_it_was_opened_again_is_kept_with_its_lines()
    {
        await using var host = await StartAsync();
        await host.MustAsync("POST", "/blob", Key, "no line break");
        await host.OpenAsync(Key);
        await host.WriteAsync(Key, "a");
        // A body that was consumed is no upload.
        await host.MustAsync("POST", "/blob", Key, "");
        await host.MustAsync("DELETE", "/stream", Key);
        Assert.Equal("no line break\n" + LogHost.Lines("a"), await host.BlobAsync(Key));
    }

    [Fact]
    public async Task What_came_after_a_consumed_body_is_kept_and_nothing_twice()
    {
        await using var host = await StartAsync();
        await host.OpenAsync(Key);
        await host.WriteAsync(Key, "a");
        await host.MustAsync("POST", "/blob", Key, "");
        await host.WriteAsync(Key, "b");
        await host.MustAsync("DELETE", "/stream", Key);
        Assert.Equal(LogHost.Lines("a", "b"), await host.BlobAsync(Key));
    }

    [Fact]
    public async Task An_upload_that_was_deleted_is_no_reason_to_let_lines_go()
    {
        await using var host = await StartAsync();
        await host.OpenAsync(Key);
        await host.WriteAsync(Key, "a");
        await host.MustAsync("POST", "/blob", Key, "history");
        await host.MustAsync("DELETE", "/blob", Key);
        await host.MustAsync("DELETE", "/stream", Key);
        Assert.Equal(LogHost.Lines("a"), await host.BlobAsync(Key));
    }

    [Fact]
    public async Task A_close_that_failed_half_way_and_is_repeated_keeps_each_line_once()
    {
        await using var host = await StartAsync();
        await host.MustAsync("POST", "/blob", Key, LogHost.Lines("earlier"));
        await host.OpenAsync(Key);
        await host.WriteAsync(Key, "a");
        // As when one of several cannot be kept: this one is, and none goes.
        var (streams, id) = (host.Get<ILiveStore>(), new StreamId("acc1", Key));
        await host.Get<LineKeeper>().KeepAsync(id, (await streams.LinesAsync(id, seal: true, default))!, snapshot: false, default);
        await streams.UnsealAsync(id);
        Assert.Equal(LogHost.Lines("earlier", "a"), await host.BlobAsync(Key));
        await host.WriteAsync(Key, "b");
        await host.MustAsync("DELETE", "/stream", Key);
        Assert.Equal(LogHost.Lines("earlier", "a", "b"), await host.BlobAsync(Key));
    }

    [Fact]
    public async Task A_writer_that_counts_is_never_doubled_and_told_what_is_missing()
    {
        await using var host = await StartAsync();
        await host.OpenAsync(Key);
        await SendAsync(0, "a", "b");
        await SendAsync(0, "a", "b");
        await SendAsync(1, "b", "c");
        var (status, body) = await host.CallAsync("PUT", "/stream", Key, $"[{LogHost.Line("e")}]", "&firstLine=4");
        Assert.Equal((HttpStatusCode.Conflict, 3), (status, JsonDocument.Parse(body).RootElement.GetProperty("next_line").GetInt32()));
        await SendAsync(3, "d", "e");
        await host.MustAsync("DELETE", "/stream", Key, query: "&snapshot=true");
        Assert.Equal(LogHost.Lines("a", "b", "c", "d", "e"), await host.BlobAsync(Key));

        Task SendAsync(int first, params string[] texts) =>
            host.MustAsync("PUT", "/stream", Key, "[" + string.Join(',', texts.Select(LogHost.Line)) + "]", $"&firstLine={first}");
    }

    [Fact]
    public async Task A_writer_that_counts_closes_only_what_is_whole()
    {
        await using var host = await StartAsync();
        await host.OpenAsync(Key);
        await host.MustAsync("PUT", "/stream", Key, $"[{LogHost.Line("a")}]", "&firstLine=0");
        var (status, body) = await host.CallAsync("DELETE", "/stream", Key, query: "&snapshot=true&firstLine=2");
        Assert.Equal((HttpStatusCode.Conflict, 1), (status, JsonDocument.Parse(body).RootElement.GetProperty("next_line").GetInt32()));
        Assert.Equal([Key], await host.OpenKeysAsync());
        await host.MustAsync("PUT", "/stream", Key, $"[{LogHost.Line("b")}]", "&firstLine=1");
        await host.MustAsync("DELETE", "/stream", Key, query: "&snapshot=true&firstLine=2");
        await host.MustAsync("DELETE", "/stream", Key, query: "&snapshot=true&firstLine=2");
        Assert.Equal(LogHost.Lines("a", "b"), await host.BlobAsync(Key));
    }

    [Fact]
    public async Task One_accounts_lines_do_not_grow_without_end()
    {
        await using var host = await StartAsync(new LogSettings { MaxStreamsPerAccount = 2, MaxLiveBytesPerAccount = 100_000 });
        await host.OpenAsync("a");
        await host.OpenAsync("b");
        Assert.Equal(HttpStatusCode.TooManyRequests, (await host.CallAsync("POST", "/stream", "c")).Status);
        for (var i = 0; i < 100; i++)
            await host.WriteAsync("a", [.. Enumerable.Repeat(new string('x', 100), 64)]);
        await host.MustAsync("DELETE", "/stream", "a", query: "&snapshot=true");
        Assert.InRange((await host.BlobAsync("a"))!.Length, 50_000, 120_000);
        await host.WriteAsync("b", "the other is not harmed");
    }
}
