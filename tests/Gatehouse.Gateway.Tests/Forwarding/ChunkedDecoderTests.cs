using System.Text;

namespace Gatehouse.Gateway.Tests.Forwarding;

public sealed class ChunkedDecoderTests
{
    [Theory]
    [InlineData("0\r\n\r\n", "")]
    [InlineData("5\r\nhello\r\n0\r\n\r\n", "hello")]
    [InlineData("5\r\nhello\r\n00006\r\n world\r\n0\r\n\r\n", "hello world")]
    [InlineData("A;name=value\r\n0123456789\r\n0;x\r\n\r\n", "0123456789")]
    [InlineData("a \r\n0123456789\r\n0\r\n\r\n", "0123456789")]
    [InlineData("1\r\n\n\r\n0\r\n\r\n", "\n")]
    [InlineData("1\r\na\r\n0\r\nTrailer: value\r\nOther: x\r\n\r\n", "a")]
    public void Bodies_come_out_whole_wherever_they_are_cut(string coded, string expected)
    {
        var bytes = Encoding.Latin1.GetBytes(coded + "rest");
        for (var first = 0; first <= bytes.Length; first++)
        {
            for (var second = first; second <= bytes.Length; second++)
                Assert.Equal((expected, true, "rest"), Decode(bytes[..first], bytes[first..second], bytes[second..]));
        }
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData(" 5\r\nhello\r\n")]
    [InlineData("-1\r\n")]
    [InlineData("+5\r\nhello\r\n")]
    [InlineData("0x5\r\nhello\r\n")]
    [InlineData("5\nhello\r\n")]
    [InlineData("5\rhello\r\n")]
    [InlineData("5\r\nhello0\r\n\r\n")]
    [InlineData("5\r\nhello\n0\r\n\r\n")]
    [InlineData("5;a\nb\r\nhello\r\n0\r\n\r\n")]
    [InlineData("5;\0\r\nhello\r\n0\r\n\r\n")]
    [InlineData("1000000000000000\r\n")]
    [InlineData("ffffffffffffffff0\r\n")]
    [InlineData("0\r\n folded: x\r\n\r\n")]
    [InlineData("0\r\na: x\n\r\n\r\n")]
    [InlineData("0\r\n\n")]
    public void What_could_be_read_in_two_ways_is_refused(string coded)
    {
        var bytes = Encoding.Latin1.GetBytes(coded);
        Assert.Equal(ForwardFailure.BadAnswer, Assert.Throws<UpstreamException>(() => Decode(bytes)).Failure);
        Assert.Throws<UpstreamException>(() => Decode([.. bytes.Select(b => new[] { b })]));
    }

    [Fact]
    public void Extensions_and_trailers_have_a_limit()
    {
        Assert.Throws<UpstreamException>(() => Decode(Encoding.Latin1.GetBytes($"5;{new string('a', 300)}\r\nhello\r\n0\r\n\r\n")));
        var trailers = string.Concat(Enumerable.Range(0, 1000).Select(i => $"name{i}: value\r\n"));
        Assert.Throws<UpstreamException>(() => Decode(Encoding.Latin1.GetBytes($"0\r\n{trailers}\r\n")));
    }

    private static (string Body, bool IsDone, string Left) Decode(params byte[][] pieces)
    {
        var decoder = new ChunkedDecoder();
        var body = new StringBuilder();
        var rest = new StringBuilder();
        foreach (var piece in pieces)
        {
            ReadOnlySpan<byte> left = piece;
            while (!left.IsEmpty && !decoder.IsDone)
            {
                body.Append(Encoding.Latin1.GetString(decoder.Next(left, out var consumed)));
                left = left[consumed..];
            }
            rest.Append(Encoding.Latin1.GetString(left));
        }
        return (body.ToString(), decoder.IsDone, rest.ToString());
    }
}
