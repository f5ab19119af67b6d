using System.Text;

namespace Gatehouse.Gateway.Tests.Forwarding;

public sealed class ResponseHeadTests
{
    [Fact]
    public void Answers_are_read_as_they_are_meant()
    {
        var head = Read("HTTP/1.1 200 OK\r\nContent-Length: 12\r\nX-A:  one \t\r\nx-b:\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n");
        Assert.Equal((200, null, 12L, false, true), (head.Status, head.Reason, head.ContentLength, head.IsChunked, head.KeepsAlive));
        Assert.Equal(["X-A=one", "x-b=", "Set-Cookie=a=1", "Set-Cookie=b=2"], Forwarded(head));
    }

    [Theory]
    [InlineData("HTTP/1.1 200\r\n\r\n", 200, null, true)]
    [InlineData("HTTP/1.1 200 \r\n\r\n", 200, null, true)]
    [InlineData("HTTP/1.1 299 Fine by me\r\n\r\n", 299, "Fine by me", true)]
    [InlineData("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n", 200, null, false)]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: keep-alive , Close\r\n\r\n", 200, null, false)]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: x\r\nconnection:close\r\n\r\n", 200, null, false)]
    public void Status_lines_and_the_connections_fate_are_read(string text, int status, string? reason, bool keepsAlive)
    {
        var head = Read(text);
        Assert.Equal((status, reason, keepsAlive), (head.Status, head.Reason, head.KeepsAlive));
    }

    [Fact]
    public void What_belongs_to_one_connection_is_not_passed_on()
    {
        var head = Read("HTTP/1.1 200 OK\r\nKeep-Alive: timeout=5\r\nUpgrade: h2c\r\nX-Private: 1\r\nTrailer: x\r\nProxy-Authenticate: Basic\r\nConnection: x-private, Keep-Alive\r\nX-Public: 2\r\nTransfer-Encoding: Chunked\r\n\r\n");
        Assert.True(head.IsChunked);
        Assert.Equal(["X-Public=2"], Forwarded(head));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 0x5\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5 5\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775808\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, identity\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: \vchunked\r\n\r\n")]
    [InlineData("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n Content-Length: 5\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nX: a\r\n\tb\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nX: a\nContent-Length: 5\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nX: a\rContent-Length: 5\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nX: a\u007fb\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nX\0: a\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n: a\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nno colon\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nX Y: a\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\nX: a\r\n\r\n")]
    [InlineData("HTTP/1.1 200 O\0K\r\n\r\n")]
    [InlineData("HTTP/1.1  200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 2000 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 20 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 099 OK\r\n\r\n")]
    [InlineData("HTTP/1.2 200 OK\r\n\r\n")]
    [InlineData("HTTP/2.0 200 OK\r\n\r\n")]
    [InlineData("http/1.1 200 OK\r\n\r\n")]
    [InlineData("ICY 200 OK\r\n\r\n")]
    [InlineData("\r\n\r\n")]
    [InlineData(" HTTP/1.1 200 OK\r\n\r\n")]
    public void What_could_be_read_in_two_ways_is_refused(string text) =>
        Assert.Equal(ForwardFailure.BadAnswer, Assert.Throws<UpstreamException>(() => Read(text)).Failure);

    [Fact]
    public void Lines_have_a_limit()
    {
        Read($"HTTP/1.1 200 OK\r\n{string.Concat(Enumerable.Repeat("X: a\r\n", ResponseHead.MaxLines))}\r\n");
        Assert.Throws<UpstreamException>(() => Read($"HTTP/1.1 200 OK\r\n{string.Concat(Enumerable.Repeat("X: a\r\n", ResponseHead.MaxLines + 1))}\r\n"));
    }

    [Fact]
    public void What_is_remembered_of_one_answer_is_never_taken_for_the_next()
    {
        var long1 = new string('a', 5000);
        string[] heads =
        [
            "HTTP/1.1 200 OK\r\nX: a\r\nContent-Length: 5\r\nConnection: y\r\nY: b\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX: a\r\nContent-Length: 5\r\nConnection: x\r\nY: b\r\n\r\n",
            "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\nX: a\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX: ab\r\nContent-Length: 6\r\n\r\n",
            $"HTTP/1.1 200 OK\r\nX: {long1}\r\nContent-Length: 7\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX: ab\r\nContent-Length: 6\r\n\r\n",
            "HTTP/1.0 200 OK\r\n\r\n",
        ];
        var kept = new ResponseHead();
        foreach (var text in heads.Concat(heads.Reverse()).Concat(heads).Concat(heads.SelectMany(h => new[] { h, h })))
        {
            kept.Read(Encoding.Latin1.GetBytes(text));
            var fresh = Read(text);
            Assert.Equal((fresh.Status, fresh.Reason, fresh.ContentLength, fresh.IsChunked, fresh.KeepsAlive), (kept.Status, kept.Reason, kept.ContentLength, kept.IsChunked, kept.KeepsAlive));
            Assert.Equal(Forwarded(fresh), Forwarded(kept));
        }
    }

    private static ResponseHead Read(string text)
    {
        var head = new ResponseHead();
        head.Read(Encoding.Latin1.GetBytes(text));
        return head;
    }

    private static IEnumerable<string> Forwarded(ResponseHead head) => head.Lines.Where(head.IsForwarded).Select(line => $"{line.Name}={line.Value}");
}
