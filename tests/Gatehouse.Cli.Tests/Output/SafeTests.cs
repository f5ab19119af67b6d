using Gatehouse.Cli.Output;

namespace Gatehouse.Cli.Tests.Output;

public sealed class SafeTests
{
    [Theory]
    [InlineData("plain ünïcode 漢字", "plain ünïcode 漢字")]
    [InlineData("a\u001b[31mb", "a\\u001B[31mb")]
    [InlineData("a\nb\tc", "a\\u000Ab\\u0009c")]
    [InlineData("abc\u202Edef", "abc\\u202Edef")]
    [InlineData("bell\u0007 c1\u009b", "bell\\u0007 c1\\u009B")]
    [InlineData(null, "")]
    public void Line_LeavesNothingForATerminalToObey(string? text, string expected) => Assert.Equal(expected, Safe.Line(text));

    [Fact]
    public void Text_KeepsLines() => Assert.Equal("a\nb\\u001B", Safe.Text("a\nb\u001b"));
}
