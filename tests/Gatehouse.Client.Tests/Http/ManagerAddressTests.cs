namespace Gatehouse.Client.Tests;

public sealed class ManagerAddressTests
{
    [Theory]
    [InlineData("https://h:8443", "https://h:8443/api/x/a%2Fb?accountId=a%26b")]
    [InlineData("https://h:8443/", "https://h:8443/api/x/a%2Fb?accountId=a%26b")]
    [InlineData("https://h/gw//", "https://h/gw/api/x/a%2Fb?accountId=a%26b")]
    [InlineData(" http://h ", "http://h/api/x/a%2Fb?accountId=a%26b")]
    public void Slashes_and_paths_are_tolerated_and_values_escaped(string text, string expected)
    {
        Assert.True(ManagerAddress.TryParse(text, out var address, out _));
        Assert.Equal(expected, address.At("/api/x/{id}", [("id", "a/b")], [("accountId", "a&b")]).AbsoluteUri);
    }

    [Theory]
    [InlineData("h:8443")]
    [InlineData("ftp://h")]
    [InlineData("https://")]
    [InlineData("https://u:p@h")]
    [InlineData("https://h?x=1")]
    [InlineData("")]
    public void What_is_no_address_is_refused(string text)
    {
        Assert.False(ManagerAddress.TryParse(text, out _, out var problem));
        Assert.StartsWith("must ", problem, StringComparison.Ordinal);
    }
}
