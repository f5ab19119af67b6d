using System.Text;
using Gatehouse.LogService.Streams;
using Gatehouse.LogService.Streams.Memory;

namespace Gatehouse.LogService.Tests.Streams;

public sealed class MemoryBudgetTests
{
    private static readonly string s_long = new('x', 150_000);

    [Fact]
    public void However_long_its_lines_and_many_its_streams_an_account_stays_within_its_memory()
    {
        const int limit = 1_000_000, streams = 40;
        var all = new MemoryBudget(10 * limit);
        var account = new MemoryBudget(limit, all);
        for (var i = 0; i < streams; i++)
        {
            var stream = NewStream(i);
            for (var n = 0; n < 5; n++)
                Assert.True(stream.Append(Lines(s_long, "short", s_long), null, account).Result.Found);
        }
        Assert.InRange(account.Used, 1, limit + (streams * LogLimits.LeastStreamBytes));
        Assert.Equal(all.Used, account.Used);
    }

    [Fact]
    public void One_account_cannot_make_anothers_lines_go()
    {
        var all = new MemoryBudget(1_000_000);
        var (greedy, modest) = (new MemoryBudget(10_000_000, all), new MemoryBudget(10_000_000, all));
        var theirs = NewStream(1);
        for (var i = 0; i < 1000; i++)
            theirs.Append(Lines("a line of a modest account"), null, modest);
        var ours = NewStream(2);
        for (var i = 0; i < 50; i++)
            ours.Append(Lines(s_long), null, greedy);
        theirs.Append(Lines("the last"), null, modest);
        Assert.Equal(1001, theirs.Lines);
        Assert.InRange(greedy.Used, 1, 1_000_000);
    }

    [Fact]
    public void Lines_are_dropped_in_small_pieces()
    {
        var pieces = Lines([.. Enumerable.Repeat(new string('y', 20_000), 10), s_long, "z"]).Pieces(LogLimits.ChunkLines, LogLimits.ChunkBytes).ToList();
        Assert.Equal(12, pieces.Sum(piece => piece.Count));
        Assert.Equal([3, 3, 3, 1, 1, 1], pieces.Select(piece => piece.Count));
        Assert.All(pieces, piece => Assert.Equal(piece.Count, piece.Ndjson.Span.Count((byte)'\n')));
    }

    private static LiveStream NewStream(int i) => new(new StreamId("acc1", $"stream{i}"), DateTimeOffset.MaxValue);

    private static LineBatch Lines(params string[] texts) => new(Encoding.UTF8.GetBytes(string.Concat(texts.Select(text => text + "\n"))), texts.Length);
}
