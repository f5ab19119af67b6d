using System.Text;
using System.Text.Json;
using CsCheck;
using Gatehouse.TestIntelligence.Protocol;
using Gatehouse.TestIntelligence.SkipLists;
using Gatehouse.Testing;

namespace Gatehouse.TestIntelligence.Tests.Protocol;

public sealed class JsonTokensTests
{
    private static readonly Gen<object?> s_leaf = Gen.OneOf<object?>(
        Gen.String.Select(text => (object?)text), Gen.Long.Select(number => (object?)number), Gen.Double[-1e9, 1e9].Select(number => (object?)number), Gen.Bool.Select(flag => (object?)flag), Gen.Const((object?)null));

    private static readonly Gen<object?> s_json = Gen.Recursive<object?>((depth, inner) => depth > 4
        ? s_leaf
        : Gen.OneOf<object?>(s_leaf, inner.Array[0, 4].Select(items => (object?)items), Gen.Select(Gen.String[0, 8], inner).Array[0, 4].Select(pairs => (object?)pairs.DistinctBy(pair => pair.Item1).ToDictionary(pair => pair.Item1, pair => pair.Item2))));

    /// <summary>However the bytes arrive, the tokens are those of the whole.</summary>
    [Fact]
    public void Tokens_are_the_same_however_small_the_pieces() => Gen.Select(s_json, Gen.Int[1, 40], Gen.Int[1, 7]).Fixed().Sample((value, buffer, piece) =>
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(value);
        var whole = new Utf8JsonReader(json);
        var pieces = new JsonTokens(new Trickle(json, piece), 64, buffer);
        while (whole.Read())
        {
            Assert.True(pieces.Read());
            Assert.Equal((whole.TokenType, whole.CurrentDepth), (pieces.TokenType, pieces.CurrentDepth));
            if (whole.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                Assert.Equal(whole.GetString(), pieces.GetString());
            else
                Assert.Equal(Encoding.UTF8.GetString(whole.ValueSpan), Encoding.UTF8.GetString(pieces.ValueSpan));
        }
        Assert.False(pieces.Read());
    });

    [Fact]
    public void A_value_is_skipped_or_copied_as_a_whole() => Gen.Select(s_json, Gen.Int[1, 40]).Fixed().Sample((value, buffer) =>
    {
        var tokens = new JsonTokens(new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(new { first = value, second = value, last = 7 })), 64, buffer);
        tokens.Read();
        tokens.Read();
        tokens.Skip();
        tokens.Read();
        Assert.True(tokens.ValueTextEquals("second"u8));
        tokens.Read();
        using var copy = new MemoryStream();
        using (var writer = new Utf8JsonWriter(copy))
            tokens.CopyTo(writer, 1024 * 1024);
        Assert.True(JsonElement.DeepEquals(JsonSerializer.SerializeToElement(value), JsonDocument.Parse(copy.ToArray()).RootElement));
        Assert.True(tokens.Read() && tokens.ValueTextEquals("last"u8));
    });

    [Fact]
    public void A_text_without_end_and_a_document_that_breaks_off_are_refused()
    {
        Assert.Throws<InvalidDataException>(() => ReadAll(Encoding.UTF8.GetBytes("[\"" + new string('x', 2 * JsonTokens.MaxToken))));
        Assert.ThrowsAny<JsonException>(() => ReadAll("{\"a\":[1,"u8.ToArray()));
        Assert.ThrowsAny<JsonException>(() => ReadAll("{} {}"u8.ToArray()));
        Assert.ThrowsAny<JsonException>(() => ReadAll(Encoding.UTF8.GetBytes(new string('[', 100))));

        static void ReadAll(byte[] json)
        {
            var tokens = new JsonTokens(new MemoryStream(json), 64);
            while (tokens.Read())
            {
            }
        }
    }

    /// <summary>Whatever a runner sends as chains: read, or refused with one of the errors that become a 4xx.</summary>
    [Fact]
    public void Chains_that_are_changed_are_read_or_refused_and_nothing_else_happens()
    {
        var whole = """
            {"identifier":{"_id":"0","extraInfo":{"os":"linux","n":[1,2.50,"\u0041"]}},"tests":[{"path":"a_test.rb","indicativeChains":[{"source_paths":["a.rb","b.rb"]},{"source_paths":null}]}],
             "chains":[{"path":"a_test.rb","testChecksum":"18446744073709551615","checksum":"7","state":"SUCCESS","expireAt":"0001"}],"pathToTestNumMap":{},"totalTests":1,"previousFailures":["b_test.rb"]}
            """u8.ToArray();
        var upload = SkipUpload.Read(new MemoryStream(whole));
        Assert.Equal((1, "\"n\":[1,2.50,\"A\"],\"os\":\"linux\""), (upload.Tests.Count, upload.Context));
        Assert.Equal(SkipUpload.ContextOf(JsonDocument.Parse("""{ "n" : [ 1, 2.50, "A" ], "os":"l\u0069nux" }""").RootElement), upload.Context);
        var refused = 0;
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.OneOf(Gen.Byte, Gen.Int[0, 9].Select(i => "{}[]\",:0\\ "u8[i]))).Array[1, 4].Fixed().Sample(changes =>
        {
            var bytes = whole.ToArray();
            foreach (var (at, value) in changes)
                bytes[at] = value;
            try
            {
                SkipUpload.Read(new MemoryStream(bytes, 0, 1 + changes[0].Item1));
                SkipUpload.Read(new MemoryStream(bytes));
            }
            catch (Exception e) when (e is InvalidDataException or JsonException or InputException)
            {
                Interlocked.Increment(ref refused);
            }
        }, iter: 20_000);
        Assert.True(refused > 1000);
    }

    /// <summary>Gives a few bytes at a time, as unpacking does.</summary>
    private sealed class Trickle(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, piece));
    }
}
