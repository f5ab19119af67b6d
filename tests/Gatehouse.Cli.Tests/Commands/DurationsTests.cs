using Gatehouse.Cli.Commands;

namespace Gatehouse.Cli.Tests.Commands;

public sealed class DurationsTests
{
    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("90s", 90_000)]
    [InlineData("10m", 600_000)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("2d", 172_800_000)]
    public void Reads(string text, long milliseconds)
    {
        Assert.True(Durations.TryParse(text, out var span));
        Assert.Equal(milliseconds, span.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("m")]
    [InlineData("-5m")]
    [InlineData("1.5h")]
    [InlineData("0s")]
    [InlineData("10 m")]
    [InlineData("999999999999d")]
    [InlineData("10m\n")]
    public void Refuses(string text) => Assert.False(Durations.TryParse(text, out _));
}
