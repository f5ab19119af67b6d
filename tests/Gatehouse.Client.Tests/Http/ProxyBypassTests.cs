namespace Gatehouse.Client.Tests;

public sealed class ProxyBypassTests
{
    [Theory]
    [InlineData("", "https://example.io", false)]
    [InlineData("", "https://localhost:1", true)]
    [InlineData("", "https://customer1.agent.localhost:1", true)]
    [InlineData("", "https://127.0.0.5", true)]
    [InlineData("", "https://[::1]:1", true)]
    [InlineData("*", "https://example.io", true)]
    [InlineData("example.io", "https://example.io", true)]
    [InlineData("example.io", "https://a.b.EXAMPLE.io", true)]
    [InlineData("example.io", "https://notexample.io", false)]
    [InlineData(".example.io", "https://a.example.io", true)]
    [InlineData("*.example.io", "https://a.example.io", true)]
    [InlineData("other, example.io:8443", "https://example.io:8443", true)]
    [InlineData("example.io:8443", "https://example.io", false)]
    [InlineData("10.0.0.0/8", "https://10.20.30.40", true)]
    [InlineData("10.0.0.0/8", "https://11.20.30.40", false)]
    [InlineData("10.0.0.0/8", "https://ten.example", false)]
    [InlineData("192.168.1.1", "https://192.168.1.1", true)]
    [InlineData("fd00::/8", "https://[fd00::1]", true)]
    public void It_spares_whom_the_list_names(string list, string destination, bool spared) =>
        Assert.Equal(spared, new ProxyBypass(list).Matches(new Uri(destination)));
}
