using System.Text;
using System.Text.Json;
using Jose;
using Microsoft.Extensions.Time.Testing;

namespace Gatehouse.Client.Tests;

public sealed class DelegateCredentialTests
{
    private const string Hex = "00112233445566778899AABBccddeeff";
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData(Hex)]
    [InlineData("  " + Hex + "\n")]
    [InlineData("MDAxMTIyMzM0NDU1NjY3Nzg4OTlBQUJCY2NkZGVlZmY=")]
    public void Both_forms_of_the_token_are_the_same_key_and_a_library_reads_what_we_mint(string text)
    {
        Assert.True(DelegateToken.TryParse(text, out var token));
        var jwe = new DelegateCredential(token, "acme", "box", "https://h:1", _time).Get();
        var segments = jwe.Split('.');
        Assert.Equal(5, segments.Length);
        Assert.Equal("", segments[1]);
        var header = JWT.Headers(jwe);
        Assert.Equal(("dir", "A128GCM"), ((string)header["alg"], (string)header["enc"]));
        using var claims = JsonDocument.Parse(JWT.Decode(jwe, Convert.FromHexString(Hex), JweAlgorithm.DIR, JweEncryption.A128GCM));
        Assert.Equal("acme", claims.RootElement.GetProperty("sub").GetString());
        Assert.Equal("box", claims.RootElement.GetProperty("iss").GetString());
        Assert.Equal("https://h:1", claims.RootElement.GetProperty("aud").GetString());
        Assert.Equal(_time.GetUtcNow().AddMinutes(30).ToUnixTimeSeconds(), claims.RootElement.GetProperty("exp").GetInt64());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("00112233445566778899aabbccddeef")]
    [InlineData("00112233445566778899aabbccddeefg")]
    [InlineData("MDAxMTIyMzM0NDU1NjY3Nzg4OTlhYWJiY2NkZGVlZg==")]
    [InlineData("not a token at all, and rather long, so that nothing that decodes could be meant by it at all")]
    public void What_is_no_token_is_none(string? text) => Assert.False(DelegateToken.TryParse(text, out _));

    [Fact]
    public void It_is_reused_until_five_minutes_before_its_end()
    {
        var credential = Credential();
        var first = credential.Get();
        _time.Advance(TimeSpan.FromMinutes(25) - TimeSpan.FromSeconds(1));
        Assert.Equal(first, credential.Get());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotEqual(first, credential.Get());
    }

    [Theory]
    [InlineData(3600, 3600)]
    [InlineData(-3600, -3600)]
    [InlineData(45, 0)]
    public void A_wrong_clock_is_allowed_for(int aheadSeconds, int taken)
    {
        var credential = Credential();
        var first = credential.Get();
        credential.ObserveManagerClock(_time.GetUtcNow().AddSeconds(aheadSeconds));
        Assert.Equal(TimeSpan.FromSeconds(taken), credential.ManagerClockAhead);
        Assert.Equal(taken == 0, first == credential.Get());
        var payload = JWT.Decode(credential.Get(), Convert.FromHexString(Hex), JweAlgorithm.DIR, JweEncryption.A128GCM);
        using var claims = JsonDocument.Parse(payload);
        Assert.Equal(_time.GetUtcNow().AddSeconds(taken).AddMinutes(30).ToUnixTimeSeconds(), claims.RootElement.GetProperty("exp").GetInt64());
        credential.ObserveManagerClock(_time.GetUtcNow());
        Assert.Equal(TimeSpan.Zero, credential.ManagerClockAhead);
    }

    [Fact]
    public void The_token_has_no_text_form()
    {
        Assert.True(DelegateToken.TryParse(Hex, out var token));
        Assert.DoesNotContain("0011", $"{token} {Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(token))}", StringComparison.Ordinal);
    }

    private DelegateCredential Credential()
    {
        Assert.True(DelegateToken.TryParse(Hex, out var token));
        return new DelegateCredential(token, "acme", "box", "https://h:1", _time);
    }
}
