using System.Net;
using Gatehouse.LogService.Blobs;
using Gatehouse.LogService.Journal;
using Gatehouse.LogService.Streams;
using Gatehouse.LogService.Tests.Harness;
using Gatehouse.Testing;

namespace Gatehouse.LogService.Tests.Blobs.Files;

public sealed class WhenThereIsNoRoom
{
    private const int MiB = 1024 * 1024;
    private static readonly string s_half = new('x', MiB / 2);

    [Fact]
    public async Task One_account_fills_its_own_share_and_no_more()
    {
        await using var host = await LogHost.StartAsync(settings: new LogSettings { BlobQuota = MiB });
        await host.MustAsync("POST", "/blob", "a", s_half);
        await host.MustAsync("POST", "/blob", "b", s_half);
        var (status, body) = await host.CallAsync("POST", "/blob", "c", s_half);
        Assert.Equal(HttpStatusCode.TooManyRequests, status);
        Assert.Contains("blobs.accountQuotaMiB", body, StringComparison.Ordinal);
        Assert.Null(await host.BlobAsync("c"));
        Assert.Contains(host.Logs, line => line.Contains("account acc1", StringComparison.Ordinal) && line.Contains("retentionDays", StringComparison.Ordinal));
        await host.MustAsync("POST", "/blob", "c", s_half, account: "acc2");

        // What is replaced or deleted counts no more, also after a restart.
        await host.MustAsync("DELETE", "/blob", "a");
        await host.MustAsync("POST", "/blob", "b", "short");
        await host.MustAsync("POST", "/blob", "c", s_half);
        await host.MustAsync("DELETE", "/blob", "c");
        await host.StopAsync();
        await using var again = await LogHost.StartAsync(host.Data, host.Time, new LogSettings { BlobQuota = MiB });
        await again.MustAsync("POST", "/blob", "d", s_half);
        await again.MustAsync("POST", "/blob", "e", s_half[100..]);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await again.CallAsync("POST", "/blob", "f", s_half)).Status);
    }

    [Fact]
    public async Task No_number_of_uploads_at_once_gets_past_it()
    {
        await using var host = await LogHost.StartAsync(settings: new LogSettings { BlobQuota = MiB });
        var all = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => host.CallAsync("POST", "/blob", $"k{i}", s_half)));
        Assert.InRange(all.Count(one => one.Status == HttpStatusCode.NoContent), 1, 2);
        Assert.InRange((await host.Get<IBlobStore>().ListAsync("acc1", "", 100, default)).Sum(blob => blob.Size), 1, MiB);

        // The same blob deleted by several at once is given back once.
        foreach (var _ in Enumerable.Range(0, 3))
        {
            await Task.WhenAll(Enumerable.Range(0, 12).SelectMany(i => Enumerable.Range(0, 3).Select(_ => host.CallAsync("DELETE", "/blob", $"k{i}"))));
            await Task.WhenAll(Enumerable.Range(0, 12).Select(i => host.CallAsync("POST", "/blob", $"k{i}", s_half)));
            Assert.InRange((await host.Get<IBlobStore>().ListAsync("acc1", "", 100, default)).Sum(blob => blob.Size), 1, MiB);
        }
    }

    [Fact]
    public async Task A_disk_that_is_almost_full_takes_no_logs_until_there_is_room()
    {
        var free = 0L;
        await using var host = await LogHost.StartAsync(settings: new LogSettings { FreeSpace = () => free });
        await host.OpenAsync("k");
        await host.WriteAsync("k", "a");
        var (status, body) = await host.CallAsync("POST", "/blob", "b", "text");
        Assert.Equal(HttpStatusCode.InsufficientStorage, status);
        Assert.Contains("disk is almost full", body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.InsufficientStorage, (await host.CallAsync("DELETE", "/stream", "k", query: "&snapshot=true")).Status);
        free = MiB;
        await host.WriteAsync("k", "b");
        await host.MustAsync("DELETE", "/stream", "k", query: "&snapshot=true");
        Assert.Equal(LogHost.Lines("a", "b"), await host.BlobAsync("k"));
    }

    [Fact]
    public async Task A_stream_that_nobody_closed_goes_when_its_accounts_room_is_used_up()
    {
        await using var host = await LogHost.StartAsync(settings: new LogSettings { BlobQuota = MiB });
        await host.MustAsync("POST", "/blob", "a", new string('x', MiB));
        await host.OpenAsync("k", "&timeout_seconds=60");
        await host.WriteAsync("k", "a");
        host.Time.Advance(TimeSpan.FromSeconds(60));
        await host.Get<StreamCloser>().CloseExpiredAsync(CancellationToken.None);
        Assert.Empty(await host.OpenKeysAsync());
        Assert.Null(await host.BlobAsync("k"));
    }

    [Fact]
    public async Task Live_lines_that_cannot_be_journalled_wait_once_and_are_tried_more_and_more_seldom()
    {
        await using var host = await LogHost.StartAsync();
        var journal = host.Get<StreamJournal>();
        var folder = Path.Combine(host.Data, "logs", "live");
        await host.OpenAsync("k");
        journal.WriteDue();
        Directory.Delete(folder, recursive: true);
        for (var i = 0; i < 200; i++)
        {
            await host.WriteAsync("k", $"line {i}");
            host.Time.Advance(TimeSpan.FromMilliseconds(50));
            Assert.InRange(journal.Waiting, 0, 1);
        }
        await Eventually.TrueAsync("the journal to fail", () =>
        {
            host.Time.Advance(TimeSpan.FromSeconds(10));
            return Task.FromResult(journal.Failure is not null);
        });
        Assert.Single(host.Logs, line => line.Contains("Live log lines cannot be written", StringComparison.Ordinal));
        Directory.CreateDirectory(folder);
        await Eventually.TrueAsync("the journal to be well again", () =>
        {
            host.Time.Advance(TimeSpan.FromSeconds(10));
            return Task.FromResult(journal.Failure is null && journal.Waiting == 0);
        });
        await host.StopAsync();
        await using var again = await LogHost.StartAsync(host.Data, host.Time);
        await again.MustAsync("DELETE", "/stream", "k", query: "&snapshot=true");
        Assert.Equal(LogHost.Lines([.. Enumerable.Range(0, 200).Select(i => $"line {i}")]), await again.BlobAsync("k"));
    }
}
