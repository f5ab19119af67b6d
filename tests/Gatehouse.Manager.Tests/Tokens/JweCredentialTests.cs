using System.Text;
using Gatehouse.Manager.Tests.Harness;
using Gatehouse.Manager.Tokens;
using Jose;

namespace Gatehouse.Manager.Tests.Tokens;

public sealed class JweCredentialTests
{
    private static readonly byte[] s_key = Enumerable.Range(1, 16).Select(i => (byte)i).ToArray();
    private static readonly DateTimeOffset s_now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    private static string Good => TestCredential.Make(Convert.ToHexString(s_key), "acme", s_now);

    [Fact]
    public void Opens_what_an_independent_library_made()
    {
        var claims = JweCredential.TryParse(Good)!.TryOpen(s_key)!;
        Assert.Equal(("acme", s_now.AddMinutes(30), s_now, s_now), (claims.Subject, claims.ExpiresAt, claims.IssuedAt, claims.NotBefore));
    }

    [Fact]
    public void Every_flipped_character_makes_it_worthless()
    {
        var good = Good;
        for (var i = 0; i < good.Length; i++)
        {
            if (good[i] == '.' || IsLastOfSegment(good, i))
                continue; // The last character of a segment may hold bits that count for nothing.
            var bad = good.ToCharArray();
            bad[i] = bad[i] == 'A' ? 'B' : 'A';
            Assert.Null(JweCredential.TryParse(new string(bad))?.TryOpen(s_key));
        }
    }

    [Fact]
    public void Another_key_does_not_open_it()
    {
        Assert.Null(JweCredential.TryParse(Good)!.TryOpen(new byte[16]));
        Assert.Null(JweCredential.TryParse(Good)!.TryOpen(new byte[15]));
        Assert.Null(JweCredential.TryParse(Good)!.TryOpen(new byte[32]));
    }

    [Fact]
    public void Other_algorithms_are_none_of_ours()
    {
        var claims = new Dictionary<string, object> { ["exp"] = 4_000_000_000 };
        Assert.Null(JweCredential.TryParse(JWT.Encode(claims, new byte[32], JweAlgorithm.DIR, JweEncryption.A256GCM)));
        Assert.Null(JweCredential.TryParse(JWT.Encode(claims, new byte[32], JweAlgorithm.DIR, JweEncryption.A128CBC_HS256)));
        Assert.Null(JweCredential.TryParse(JWT.Encode(claims, new byte[16], JweAlgorithm.A128KW, JweEncryption.A128GCM)));
        Assert.Null(JweCredential.TryParse(JWT.Encode(claims, s_key, JweAlgorithm.DIR, JweEncryption.A128GCM, JweCompression.DEF)));
        Assert.Null(JweCredential.TryParse(JWT.Encode(claims, s_key, JwsAlgorithm.HS256)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("....")]
    [InlineData("a.b.c.d.e.f")]
    [InlineData("é.....")]
    public void Other_text_is_not_of_the_form(string text) => Assert.Null(JweCredential.TryParse(text));

    [Theory]
    [InlineData("""{"sub":"acme"}""")]
    [InlineData("""{"exp":"tomorrow"}""")]
    [InlineData("""{"exp":-1}""")]
    [InlineData("""{"exp":1e300}""")]
    [InlineData("""{"exp":4000000000,"sub":7}""")]
    [InlineData("""[]""")]
    [InlineData("""nonsense""")]
    public void Claims_have_their_kinds(string json) => Assert.Null(CredentialClaims.TryRead(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void Fractions_and_absent_claims_are_fine()
    {
        var claims = CredentialClaims.TryRead("""{"exp":1790000000.5,"aud":["x"]}"""u8.ToArray())!;
        Assert.Equal((null, null, 1_790_000_000_500), (claims.Subject, claims.IssuedAt, claims.ExpiresAt.ToUnixTimeMilliseconds()));
    }

    private static bool IsLastOfSegment(string text, int i) => i + 1 == text.Length || text[i + 1] == '.';
}
