using System.Text;
using Gatehouse.LogService.Streams;

namespace Gatehouse.LogService.Tests.Streams;

public sealed class LineKeeperTests
{
    [Theory]
    [InlineData("aa\nbb\ncc\n", 9, 9, "aa\nbb\ncc\n")]
    [InlineData("aa\nbb\ncc\n", 6, 9, "aa\nbb\n")]
    [InlineData("aa\nbb\ncc\n", 9, 8, "bb\ncc\n")]
    [InlineData("aa\nbb\ncc\n", 9, 6, "bb\ncc\n")]
    [InlineData("aa\nbb\ncc\n", 9, 5, "cc\n")]
    [InlineData("aa\nbb\ncc\n", 9, 0, "")]
    [InlineData("aa\nbb", 5, 9, "aa\nbb\n")]
    [InlineData("aaaaa", 5, 3, "")]
    [InlineData("", 0, 9, "")]
    public async Task What_was_there_before_is_taken_over_as_whole_lines_the_newest_when_there_is_little_room(string before, int bytes, int room, string expected)
    {
        using var to = new MemoryStream();
        await LineKeeper.CopyAsync(new MemoryStream(Encoding.UTF8.GetBytes(before)), bytes, room, to, default);
        Assert.Equal(expected, Encoding.UTF8.GetString(to.ToArray()));
    }

    [Fact]
    public async Task Lines_are_whole_wherever_they_are_cut_while_they_are_read()
    {
        var text = string.Concat(Enumerable.Range(0, 40_000).Select(i => $"line {i}\n"));
        foreach (var room in new[] { 1, 1_000, 65_535, 65_536, 65_537, 200_000, text.Length - 1 })
        {
            using var to = new MemoryStream();
            await LineKeeper.CopyAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)), text.Length, room, to, default);
            var kept = Encoding.UTF8.GetString(to.ToArray());
            Assert.InRange(kept.Length, Math.Max(0, room - 11), room);
            Assert.EndsWith("\n" + kept, text, StringComparison.Ordinal);
        }
    }
}
