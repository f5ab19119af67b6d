using System.Buffers;
using System.Text;

namespace Gatehouse.Delegate.Tests;

public sealed class SecretMaskTests
{
    [Theory]
    [InlineData("my hunter2 is hunter2!", "my ************** is **************!", "hunter2")]
    [InlineData("abcdef", "**************", "abcd", "cdef")]
    [InlineData("ab cd", "ab cd", "ab")]
    [InlineData("abcabc", "****************************", "abc")]
    [InlineData("ababababa.", "**************.", "aba")]
    [InlineData("a key-part and key-", "a ************** and key-", "key-part")]
    [InlineData("xabcdy xbcy", "x**************y x**************", "abcd", "bcy", "bc!", "abcd")]
    [InlineData("first line\n  second\nend", "**************\n  **************\nend", "first line\r\n  second  \n")]
    [InlineData("nothing", "nothing")]
    public void What_is_secret_is_masked_and_the_rest_is_not_changed(string text, string masked, params string[] secrets)
    {
        Assert.Equal(masked, SecretMask.Apply(new SecretPatterns(secrets), text));
        Assert.Equal(masked, InPieces(new SecretPatterns(secrets), text, () => 1));
    }

    [Fact]
    public void Random_secrets_cut_anywhere_never_leak()
    {
        // Few letters, so that secrets overlap, repeat and begin inside of one another all the time.
        var random = new Random(20261130);
        for (var round = 0; round < 4000; round++)
        {
            var secrets = Enumerable.Range(0, random.Next(1, 6)).Select(_ => Letters(random, 1, 9, "abc\n")).ToArray();
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 30)).Select(_ => random.Next(3) == 0 ? secrets[random.Next(secrets.Length)] : Letters(random, 0, 12, "abcd\n")));
            var masked = InPieces(new SecretPatterns(secrets), text, () => random.Next(1, 8));
            Assert.Equal(Slowly(text, secrets), masked);
            Assert.All(Lines(secrets), line => Assert.DoesNotContain(line, masked, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_secret_of_many_bytes_to_a_character_is_masked_when_it_is_cut_inside_of_one()
    {
        Assert.Equal("ä **************€", InPieces(new SecretPatterns(["pässwörter€𝄞"]), "ä pässwörter€𝄞€", () => 1));
    }

    [Fact]
    public void No_more_is_held_back_than_may_become_a_secret()
    {
        var mask = new SecretMask(new SecretPatterns(["secret-value"]));
        var into = new ArrayBufferWriter<byte>();
        mask.Write("a prompt: sec"u8, into);
        Assert.Equal("a prompt: ", Encoding.UTF8.GetString(into.WrittenSpan));
        mask.Write("ond\n"u8, into);
        Assert.Equal("a prompt: second\n", Encoding.UTF8.GetString(into.WrittenSpan));
    }

    [Fact]
    public void It_keeps_up_with_much_output_of_one_endless_secret()
    {
        var mask = new SecretMask(new SecretPatterns([new string('a', 1000)]));
        var into = new ArrayBufferWriter<byte>();
        var piece = Encoding.UTF8.GetBytes(new string('a', 64 * 1024));
        for (var i = 0; i < 100; i++)
            mask.Write(piece, into);
        mask.Flush(into);
        Assert.Equal(SecretPatterns.Mask, Encoding.UTF8.GetString(into.WrittenSpan));
    }

    private static string InPieces(SecretPatterns patterns, string text, Func<int> size)
    {
        var mask = new SecretMask(patterns);
        var into = new ArrayBufferWriter<byte>();
        ReadOnlySpan<byte> rest = Encoding.UTF8.GetBytes(text);
        while (!rest.IsEmpty)
        {
            var piece = rest[..Math.Min(rest.Length, size())];
            mask.Write(piece, into);
            rest = rest[piece.Length..];
        }

        mask.Flush(into);
        return Encoding.UTF8.GetString(into.WrittenSpan);
    }

    /// <summary>All places of all secrets, those that overlap joined.</summary>
    private static string Slowly(string text, string[] secrets)
    {
        var places = new List<(int Start, int End)>();
        foreach (var line in Lines(secrets))
        {
            for (var at = text.IndexOf(line, StringComparison.Ordinal); at >= 0; at = text.IndexOf(line, at + 1, StringComparison.Ordinal))
                places.Add((at, at + line.Length));
        }

        var masked = new StringBuilder();
        var done = 0;
        foreach (var (start, end) in places.Order())
        {
            if (start >= done)
                masked.Append(text, done, start - done).Append(SecretPatterns.Mask);
            done = Math.Max(done, end);
        }

        return masked.Append(text, done, text.Length - done).ToString();
    }

    private static IEnumerable<string> Lines(string[] secrets) => secrets.SelectMany(secret => secret.Split('\n')).Where(line => line.Length >= Contracts.Limits.MinMaskedBytes);

    private static string Letters(Random random, int least, int most, string of) => new([.. Enumerable.Range(0, random.Next(least, most)).Select(_ => of[random.Next(of.Length)])]);
}
