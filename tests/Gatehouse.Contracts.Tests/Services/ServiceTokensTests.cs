using System.Security.Cryptography;
using System.Text;

namespace Gatehouse.Contracts.Tests.Services;

public sealed class ServiceTokensTests
{
    /// <summary>The test vector of the log and TI sheet §2, in the two forms it travels in.</summary>
    private const string Account = "kmpySmUISimoRrJL6NL73w";
    private const string Secret = "secret";
    private const string Padded = "dzWUAGttcHlTbVVJU2ltb1JySkw2Tkw3M3cyTA9sJibUMqpnlLnQaccVvI5SPi0OKATgYQSin2XGfw==";
    private const string Unpadded = "dzWUAGttcHlTbVVJU2ltb1JySkw2Tkw3M3cyTA9sJibUMqpnlLnQaccVvI5SPi0OKATgYQSin2XGfw";
    private static readonly DateTimeOffset s_expiry = DateTimeOffset.FromUnixTimeSeconds(2_000_000_000);
    private static readonly DateTimeOffset s_before = s_expiry.AddSeconds(-1);

    [Fact]
    public void Minted_as_the_vector_says_without_padding() => Assert.Equal(Unpadded, ServiceTokens.Mint(Secret, Account, s_expiry));

    [Theory, InlineData(Padded), InlineData(Unpadded)]
    public void Both_forms_are_read(string token) => Assert.Equal(new ServiceToken(Account, s_expiry), ServiceTokens.Read(Secret, token, s_before));

    [Fact]
    public void Over_at_its_expiry() => Assert.Null(ServiceTokens.Read(Secret, Unpadded, s_expiry));

    [Fact]
    public void Another_secret_reads_nothing() => Assert.Null(ServiceTokens.Read("secret2", Unpadded, s_before));

    [Fact]
    public void Every_flipped_bit_is_noticed()
    {
        var bytes = Convert.FromBase64String(Padded.Replace('-', '+').Replace('_', '/'));
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(ServiceTokens.Read(Secret, Text(bytes), s_before));
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("=")]
    [InlineData("dzWU")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9.e30.AAAA")]
    [InlineData("dzWUAGttcHlTbVVJU2ltb1JySkw2Tkw3M3cyTA9sJibUMqpnlLnQaccVvI5SPi0OKATgYQSin2XGf+/")]
    public void What_is_no_token_is_refused(string? text) => Assert.Null(ServiceTokens.Read(Secret, text, s_before));

    [Fact]
    public void Sizes_are_bounded()
    {
        var longest = new string('a', 1024 - 4 - 32);
        Assert.Equal(longest, ServiceTokens.Read(Secret, ServiceTokens.Mint(Secret, longest, s_expiry), s_before)!.Value.AccountId);
        Assert.Throws<ArgumentException>(() => ServiceTokens.Mint(Secret, longest + "a", s_expiry));
        Assert.Null(ServiceTokens.Read(Secret, Sealed(new string('a', 1100)), s_before));
        Assert.Null(ServiceTokens.Read(Secret, Sealed(""), s_before));
        Assert.Null(ServiceTokens.Read(Secret, new string('A', 1_000_000), s_before));
    }

    [Fact]
    public void The_expiry_ends_in_2106()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ServiceTokens.Mint(Secret, Account, DateTimeOffset.FromUnixTimeSeconds(1L << 32)));
        Assert.NotNull(ServiceTokens.Read(Secret, ServiceTokens.Mint(Secret, Account, DateTimeOffset.FromUnixTimeSeconds(uint.MaxValue)), s_before));
    }

    /// <summary>A token by the platform's own primitives, whatever its size.</summary>
    private static string Sealed(string account)
    {
        byte[] data = [0x77, 0x35, 0x94, 0x00, .. Encoding.UTF8.GetBytes(account)];
        return Text([.. data, .. HMACSHA256.HashData(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), data), data)]);
    }

    private static string Text(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
