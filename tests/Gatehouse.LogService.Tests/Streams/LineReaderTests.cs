using System.Text;
using System.Text.Json;
using CsCheck;
using Gatehouse.LogService.Streams;
using Gatehouse.Testing;

namespace Gatehouse.LogService.Tests.Streams;

public sealed class LineReaderTests
{
    private const string Suffix = "... (log line truncated)";

    [Fact]
    public void Values_pass_as_they_were_sent()
    {
        const string Sent = """[{"time":"2026-11-30T08:00:00.123456789+01:00","out":"\u003cb\u003e é \/ \ud83d\ude00 \u001b[31mred\n","level":"info","pos":7,"args":{"a" : "b"}}]""";
        Assert.Equal("""{"level":"info","pos":7,"out":"\u003cb\u003e é \/ \ud83d\ude00 \u001b[31mred\n","time":"2026-11-30T08:00:00.123456789+01:00","args":{"a" : "b"}}""" + "\n", Read(Sent));
    }

    [Fact]
    public void Unknown_fields_go_missing_ones_come_and_names_match_in_any_case() => Assert.Equal(
        """{"level":"","pos":0,"out":"x","time":"0001-01-01T00:00:00Z","args":null}""" + "\n", Read("""[{"OUT":"x","more":{"deep":[1]},"level":null}]"""));

    [Fact]
    public void A_line_is_one_line() => Assert.Equal(
        """{"level":"i","pos":1,"out":"x","time":"t","args":{ "a": "b" }}""" + "\n", Read("[\r\n{\"level\":\n\"i\",\"pos\":\n1,\"out\":\"x\",\"time\":\"t\",\"args\":{\n\"a\":\n\"b\"\n}}\n]"));

    [Fact]
    public void Bytes_that_are_no_text_become_replacement_characters()
    {
        byte[] body = [.. "[{\"out\":\"a"u8, 0xFF, .. "b\"}]"u8];
        Assert.Contains("a\uFFFDb", Encoding.UTF8.GetString(LineReader.Read(body).Ndjson.Span), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[")]
    [InlineData("[]x")]
    [InlineData("[1]")]
    [InlineData("[null]")]
    [InlineData("[[]]")]
    [InlineData("""[{"out":1}]""")]
    [InlineData("""[{"pos":"1"}]""")]
    [InlineData("""[{"pos":1.5}]""")]
    [InlineData("""[{"args":{"a":1}}]""")]
    [InlineData("""[{"args":[]}]""")]
    [InlineData("[{\"out\":\"a\nb\"}]")]
    [InlineData("""[{"x":[[[[[[[[[[]]]]]]]]]]}]""")]
    public void What_is_no_array_of_lines_is_refused(string body) => Assert.ThrowsAny<JsonException>(() => Read(body));

    [Fact]
    public void Of_too_many_lines_the_last_are_kept()
    {
        var batch = LineReader.Read(Encoding.UTF8.GetBytes("[" + string.Join(',', Enumerable.Range(0, 5_010).Select(i => $"{{\"pos\":{i}}}")) + "]"));
        Assert.Equal(5_000, batch.Count);
        Assert.StartsWith("""{"level":"","pos":10,""", Encoding.UTF8.GetString(batch.Ndjson.Span), StringComparison.Ordinal);
    }

    /// <summary>Characters of all lengths, raw and escaped in all ways, around the limit.</summary>
    [Fact]
    public void Long_texts_are_cut_by_bytes_between_characters()
    {
        (string Sent, string Meant)[] forms = [("a", "a"), ("ä", "ä"), ("€", "€"), ("\U0001F600", "\U0001F600"), ("\\n", "\n"), ("\\\\", "\\"), ("\\\"", "\""), ("\\u0041", "A"),
            ("\\u00e4", "ä"), ("\\u20AC", "€"), ("\\ud83d\\ude00", "\U0001F600"), ("\\/", "/")];
        Gen.Select(Gen.Int[25_590, 25_610], Gen.Int[0, forms.Length - 1].Select(i => forms[i]).Array[1, 30], (plain, rest) => (plain, rest)).Fixed().Sample(text =>
        {
            var sent = new string('x', text.plain) + string.Concat(text.rest.Select(one => one.Sent));
            var meant = new string('x', text.plain) + string.Concat(text.rest.Select(one => one.Meant));
            var kept = JsonDocument.Parse(Read($"[{{\"out\":\"{sent}\"}}]")).RootElement.GetProperty("out").GetString()!;
            if (Encoding.UTF8.GetByteCount(meant) <= 25_600)
                return kept == meant;
            var body = kept[..kept.LastIndexOf(Suffix, StringComparison.Ordinal)];
            var next = char.ConvertFromUtf32(char.ConvertToUtf32(meant, body.Length));
            return meant.StartsWith(body, StringComparison.Ordinal)
                && Encoding.UTF8.GetByteCount(body) <= 25_600
                && Encoding.UTF8.GetByteCount(body + next) > 25_600
                && kept.EndsWith('\n') == meant.EndsWith('\n');
        });
    }

    [Fact]
    public void Any_bytes_are_lines_or_an_error() => Gen.Byte.Array[0, 200].Fixed().Sample(Take);

    /// <summary>Bytes are almost never JSON, and do not get far; these nearly always are.</summary>
    [Fact]
    public void Any_lines_are_taken_or_an_error()
    {
        string[] names = ["level", "out", "OUT", "o\\u0075t", "pos", "time", "args", "", "more", "\\ud800", "out\\udc00", "\\u0000"];
        string[] values =
        [
            "\"x\"", "\"\\ud800\"", "\"\\ud83d\\u0041\"", "\"\\u0000\\n\"", "7", "-1e400", "12345678901234567890", "null", "true", "[[]]", "{\"a\":\"b\"}",
            "{\"\\udc00\":\"\\ud800\"}", "{\"a\":1}", "{", "]",
        ];
        Gen.Select(Gen.Int[0, names.Length - 1], Gen.Int[0, values.Length - 1], (name, value) => $"\"{names[name]}\":{values[value]}")
            .Array[0, 6].Array[0, 4].Fixed().Sample(lines => Take(Encoding.UTF8.GetBytes($"[{string.Join(',', lines.Select(line => $"{{{string.Join(',', line)}}}"))}]")));
    }

    private static void Take(byte[] bytes)
    {
        try
        {
            LineReader.Read(bytes);
        }
        catch (JsonException)
        {
            // The one way it may fail.
        }
    }

    [Theory]
    [InlineData("level")]
    [InlineData("time")]
    [InlineData("args")]
    public void Nothing_of_a_line_but_its_text_is_long(string field)
    {
        var value = new string('x', field == "args" ? LogLimits.MaxArgsBytes : LogLimits.MaxWordBytes);
        var body = $"[{{\"{field}\":{(field == "args" ? $"{{\"a\":\"{value}\"}}" : $"\"{value}\"")}}}]";
        Assert.Contains(field, Assert.Throws<JsonException>(() => Read(body)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Millions_of_empty_lines_cost_no_memory()
    {
        var body = Encoding.UTF8.GetBytes("[" + string.Concat(Enumerable.Repeat("{},", 5_000_000)) + "{}]");
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<JsonException>(() => LineReader.Read(body));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024 * 1024);
    }

    private static string Read(string body) => Encoding.UTF8.GetString(LineReader.Read(Encoding.UTF8.GetBytes(body)).Ndjson.Span);
}
