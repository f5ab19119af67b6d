using Gatehouse.Cli.Output;

namespace Gatehouse.Cli.Tests.Output;

public sealed class WordsTests
{
    [Fact]
    public void When_IsUtcWithZone() => Assert.Equal("2026-01-02 01:04:05 UTC", Words.When(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2))));

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(16 * 1024 * 1024, "16.0 MiB")]
    public void Size_HasAUnit(long bytes, string expected) => Assert.Equal(expected, Words.Size(bytes));

    [Theory]
    [InlineData(0.85, "850 ms")]
    [InlineData(4.2, "4.2 s")]
    [InlineData(600, "10 min")]
    [InlineData(90, "1 min 30 s")]
    [InlineData(7200, "2 h")]
    [InlineData(9000, "2 h 30 min")]
    public void Span_IsForPeople(double seconds, string expected) => Assert.Equal(expected, Words.Span(TimeSpan.FromSeconds(seconds)));
}
