using Gatehouse.LogService.Journal;
using Gatehouse.LogService.Streams;
using Gatehouse.LogService.Tests.Harness;

namespace Gatehouse.LogService.Tests.Streams.Memory;

/// <summary>Streams in memory, and the journal behind them.</summary>
public sealed class MemoryStreamsTests : LiveStoreContract
{
    internal override Task<LogHost> StartAsync(LogSettings? settings = null) => LogHost.StartAsync(settings: settings);

    [Fact]
    public async Task Started_again_it_goes_on_where_it_was()
    {
        await using var first = await LogHost.StartAsync();
        await first.OpenAsync(Key);
        await first.WriteAsync(Key, "a");
        await first.MustAsync("PUT", "/stream", Key, $"[{LogHost.Line("b")}]", "&firstLine=0");
        await first.StopAsync();
        await using var second = await LogHost.StartAsync(first.Data, first.Time);
        Assert.Equal([Key], await second.OpenKeysAsync());
        await second.MustAsync("PUT", "/stream", Key, $"[{LogHost.Line("b")},{LogHost.Line("c")}]", "&firstLine=0");
        await second.MustAsync("DELETE", "/stream", Key, query: "&snapshot=true");
        Assert.Equal(LogHost.Lines("a", "b", "c"), await second.BlobAsync(Key));
        Assert.Empty(Directory.GetFiles(Path.Combine(second.Data, "logs", "live")));
    }

    [Fact]
    public async Task Killed_after_the_blob_was_written_it_keeps_each_line_once()
    {
        await using var first = await LogHost.StartAsync();
        foreach (var key in new[] { Key, "uploaded" })
        {
            await first.MustAsync("POST", "/blob", key, LogHost.Lines("earlier"));
            await first.OpenAsync(key);
            await first.WriteAsync(key, "a");
        }
        first.Get<StreamJournal>().WriteDue();
        await first.MustAsync("POST", "/blob", "uploaded", "history");
        var streams = first.Get<ILiveStore>();
        var id = new StreamId("acc1", Key);
        await first.Get<LineKeeper>().KeepAsync(id, (await streams.LinesAsync(id, seal: true, default))!, snapshot: false, default);
        Assert.Equal(LogHost.Lines("earlier", "a"), await first.BlobAsync(Key));
        // Time stands still, so no pass has written since: what is on disk now is what a killed process would leave.
        var left = Directory.GetFiles(Path.Combine(first.Data, "logs", "live")).ToDictionary(file => file, File.ReadAllBytes);
        await first.StopAsync();
        foreach (var (file, bytes) in left)
            await File.WriteAllBytesAsync(file, bytes);
        await using var second = await LogHost.StartAsync(first.Data, first.Time);
        await second.WriteAsync(Key, "b");
        await second.MustAsync("DELETE", "/stream", "", query: $"&keyList={Uri.EscapeDataString(Key)},uploaded");
        Assert.Equal(LogHost.Lines("earlier", "a", "b"), await second.BlobAsync(Key));
        Assert.Equal("history", await second.BlobAsync("uploaded"));
    }

    [Fact]
    public async Task A_line_that_was_torn_off_is_not_taken_for_one()
    {
        await using var first = await LogHost.StartAsync();
        await first.OpenAsync(Key);
        await first.WriteAsync(Key, "a");
        await first.StopAsync();
        var file = Assert.Single(Directory.GetFiles(Path.Combine(first.Data, "logs", "live")));
        await File.AppendAllTextAsync(file, "=\n{\"level\":\"in");
        await using var second = await LogHost.StartAsync(first.Data, first.Time);
        await second.WriteAsync(Key, "b");
        second.Get<StreamJournal>().WriteDue();
        await second.StopAsync();
        await using var third = await LogHost.StartAsync(first.Data, first.Time);
        await third.MustAsync("DELETE", "/stream", Key, query: "&snapshot=true");
        Assert.Equal(LogHost.Lines("a", "b"), await third.BlobAsync(Key));
    }
}
