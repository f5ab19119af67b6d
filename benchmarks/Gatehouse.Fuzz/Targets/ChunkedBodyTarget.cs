using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Gatehouse.Gateway;

namespace Gatehouse.Fuzz.Targets;

/// <summary>
/// A service's body in the chunked coding. Wherever it is cut it comes out the same; a plain second reader that has all of it finds the same
/// body and the same end, or neither finds one. Input: a byte that says where to cut, and the body.
/// </summary>
internal sealed partial class ChunkedBodyTarget : IFuzzTarget
{
    public string Name => "chunked-body";

    public IEnumerable<byte[]> Seeds =>
        new[]
        {
            "\u00015\r\nhello\r\n0\r\n\r\n", "\u0002A;name=value\r\n0123456789\r\n1 \r\nx\r\n000\r\nTrailer: x\r\n\r\nHTTP/1.1 200 OK\r\n", "\u0000fffffffffffffff\r\nabc", "\u00050\r\n\r\n",
            "\u00071;" + new string('e', 256) + "\r\nx\r\n0\r\n\r\n",
        }.Select(Encoding.Latin1.GetBytes);

    public IReadOnlyList<byte[]> Words { get; } =
        [.. new[] { "\r\n", "\r", "\n", "0\r\n", "0\r\n\r\n", "1\r\nx\r\n", ";", " ", "\t", ":", "f", "A", "0x", "-1", "000000000000000", "Trailer: x\r\n", new string('a', 200) }.Select(Encoding.Latin1.GetBytes)];

    public void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
            return;
        var body = input[1..];
        var whole = Decode(body, body.Length);
        FuzzFindingException.UnlessEqual(whole, Decode(body, 1 + (input[0] % 16)), "Cut");
        FuzzFindingException.UnlessEqual(whole, Decode(body, 1), "Cut into single bytes");
        var plain = Plainly(Encoding.Latin1.GetString(body));
        FuzzFindingException.UnlessEqual(plain is not null, whole.Outcome == "done", "Is done");
        if (plain is { } read)
            FuzzFindingException.UnlessEqual((read.Data, read.Length), (whole.Data, whole.Consumed), "Body and its length");
    }

    private static (string Outcome, string Data, int Consumed) Decode(ReadOnlySpan<byte> body, int piece)
    {
        var decoder = new ChunkedDecoder();
        var data = new StringBuilder();
        var consumed = 0;
        try
        {
            while (consumed < body.Length && !decoder.IsDone)
            {
                data.Append(Encoding.Latin1.GetString(decoder.Next(body.Slice(consumed, Math.Min(piece, body.Length - consumed)), out var taken)));
                consumed += taken;
            }
        }
        catch (UpstreamException)
        {
            // How far it got is not for the client: it is cut.
            return ("broken", "", 0);
        }
        return decoder.IsDone ? ("done", data.ToString(), consumed) : ("more", data.ToString(), consumed);
    }

    // RFC 9112 §7.1 by patterns, with the decoder's limits; null when it is not there whole, or broken.
    private static (string Data, int Length)? Plainly(string text)
    {
        var data = new StringBuilder();
        for (var at = 0; ;)
        {
            var size = SizeLine().Match(text, at);
            if (!size.Success)
                return null;
            at += size.Length;
            var length = long.Parse(size.Groups["size"].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (length == 0)
            {
                var trailers = Trailers().Match(text, at);
                return trailers.Success && trailers.Groups["text"].Captures.Sum(capture => capture.Length) <= 8 * 1024 ? (data.ToString(), at + trailers.Length) : null;
            }
            if (length > text.Length - at - 2 || text.Substring(at + (int)length, 2) != "\r\n")
                return null;
            data.Append(text, at, (int)length);
            at += (int)length + 2;
        }
    }

    [GeneratedRegex(@"\G(?<size>[0-9A-Fa-f]{1,15})(?:[; \t][\t\x20-\x7e\x80-\xff]{0,256})?\r\n", RegexOptions.CultureInvariant)]
    private static partial Regex SizeLine();

    [GeneratedRegex(@"\G(?:(?![ \t:])(?<text>[\t\x20-\x7e\x80-\xff]+)\r\n)*\r\n", RegexOptions.CultureInvariant)]
    private static partial Regex Trailers();
}
