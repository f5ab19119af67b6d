using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Gatehouse.Gateway;

namespace Gatehouse.Fuzz.Targets;

/// <summary>
/// The head of a service's answer. A plain second reader sees the same message or none, and a head that was read on the same connection
/// before, whose lines are reused, changes nothing. Input: two heads one after the other, or one.
/// </summary>
internal sealed partial class ServiceHeadTarget : IFuzzTarget
{
    public string Name => "service-head";

    public IEnumerable<byte[]> Seeds =>
        new[]
        {
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nServer: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 6\r\nServer: x\r\n\r\n",
            "HTTP/1.1 404 Nothing\r\nTransfer-Encoding: chunked\r\nConnection: close, x-a\r\nX-A: 1\r\n\r\n",
            "HTTP/1.0 204\r\n\r\nHTTP/1.1 999 \r\nA:\t b \t\r\nA:c\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        }.Select(Encoding.Latin1.GetBytes);

    public IReadOnlyList<byte[]> Words { get; } =
        [.. new[] { "HTTP/1.1 ", "HTTP/1.0 ", "200", "\r\n", "\r\n\r\n", "\r", "\n", " ", "\t", ":", ",", "Content-Length: ", "content-length:", "Transfer-Encoding: chunked", "Connection: ", "close", "keep-alive", "00", "+1", "9223372036854775808", "\0", "\u00e9" }.Select(Encoding.Latin1.GetBytes)];

    public void Run(ReadOnlySpan<byte> input)
    {
        var kept = new ResponseHead();
        while (input.IndexOf("\r\n\r\n"u8) is var end and >= 0)
        {
            var head = input[..(end + 4)];
            input = input[head.Length..];
            var plain = Plainly(Encoding.Latin1.GetString(head));
            FuzzFindingException.UnlessEqual(plain, Read(new ResponseHead(), head), "Read");
            FuzzFindingException.UnlessEqual(plain, Read(kept, head), "Read after another");
            // The connection ends with an answer that is none.
            if (plain is null)
                return;
        }
    }

    private static string? Read(ResponseHead head, ReadOnlySpan<byte> bytes)
    {
        try
        {
            head.Read(bytes);
        }
        catch (UpstreamException)
        {
            return null;
        }
        return Show(head.Status, head.ContentLength, head.IsChunked, head.KeepsAlive, head.Lines.Select(line => (line.Name, line.Value)));
    }

    // RFC 9112 by patterns; null where it is no answer, or one that could be read in two ways.
    private static string? Plainly(string text)
    {
        var lines = text[..^4].Split("\r\n");
        var status = StatusLine().Match(lines[0]);
        var headers = lines.Skip(1).Select(line => HeaderLine().Match(line)).ToList();
        if (!status.Success || headers.Count > ResponseHead.MaxLines || headers.Exists(header => !header.Success))
            return null;
        var fields = headers.ConvertAll(header => (Name: header.Groups["name"].Value, Value: header.Groups["value"].Value));
        var lengths = Of("Content-Length");
        var codings = Of("Transfer-Encoding");
        var isHttp11 = status.Groups["minor"].Value == "1";
        long? length = null;
        if (lengths.Count > 0)
        {
            if (lengths.Count > 1 || codings.Count > 0 || lengths[0].Length == 0 || !lengths[0].All(char.IsAsciiDigit) || !long.TryParse(lengths[0], CultureInfo.InvariantCulture, out var read))
                return null;
            length = read;
        }
        if (codings.Count > 1 || (codings.Count == 1 && (!isHttp11 || !codings[0].Equals("chunked", StringComparison.OrdinalIgnoreCase))))
            return null;
        var closes = Of("Connection").Exists(value => value.Split(',').Any(token => token.Trim(' ', '\t').Equals("close", StringComparison.OrdinalIgnoreCase)));
        return Show(int.Parse(status.Groups["code"].Value, CultureInfo.InvariantCulture), length, codings.Count == 1, isHttp11 && !closes, fields);

        List<string> Of(string name) => [.. fields.Where(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(field => field.Value)];
    }

    private static string Show(int status, long? length, bool isChunked, bool keepsAlive, IEnumerable<(string Name, string Value)> fields) =>
        string.Create(CultureInfo.InvariantCulture, $"{status} length {length} chunked {isChunked} kept {keepsAlive} ") + string.Join('|', fields.Select(field => field.Name + "=" + field.Value));

    [GeneratedRegex(@"\AHTTP/1\.(?<minor>[01]) (?<code>[1-9][0-9]{2})(?: [^\x00-\x08\x0a-\x1f\x7f]*)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex StatusLine();

    [GeneratedRegex(@"\A(?<name>[!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(?<value>(?:[^\x00-\x1f\x7f ](?:[^\x00-\x08\x0a-\x1f\x7f]*[^\x00-\x1f\x7f ])?)?)[ \t]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex HeaderLine();
}
