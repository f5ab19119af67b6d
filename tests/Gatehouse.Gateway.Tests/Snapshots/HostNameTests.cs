namespace Gatehouse.Gateway.Tests.Snapshots;

public sealed class HostNameTests
{
    [Theory]
    [InlineData("Customer1.Agent.Test", "customer1.agent.test")]
    [InlineData("customer1.agent.test.", "customer1.agent.test")]
    [InlineData("customer1.agent.test:8443", "customer1.agent.test")]
    [InlineData("[::1]:8443", "[::1]")]
    [InlineData("", null)]
    [InlineData(null, null)]
    [InlineData(".", ".")]
    [InlineData("a..", null)]
    [InlineData("...", null)]
    [InlineData(":8443", null)]
    [InlineData("a:b", null)]
    [InlineData("a:123456", null)]
    [InlineData("a:65535", "a")]
    [InlineData("a:65536", null)]
    [InlineData("a:0", null)]
    [InlineData("a:80:90", null)]
    [InlineData("[::1", null)]
    [InlineData("user@host", null)]
    [InlineData("host/path", null)]
    [InlineData("h\u00f6st.test", null)]
    [InlineData("customer1.agent.test\0", null)]
    [InlineData("customer1%2eagent.test", null)]
    public void Normalize_gives_one_spelling_or_none(string? sent, string? expected) => Assert.Equal(expected, HostName.Normalize(sent));

    [Fact]
    public void Normalize_takes_names_of_253_and_not_of_254()
    {
        Assert.NotNull(HostName.Normalize(new string('a', 253)));
        Assert.Null(HostName.Normalize(new string('a', 254)));
    }

    [Theory]
    [InlineData("manager-grpc-c.agent.test", "c.agent.test")]
    [InlineData("events-grpc-c.agent.test", "c.agent.test")]
    [InlineData("api-manager-grpc-c.agent.test", "c.agent.test")]
    [InlineData("manager-grpc-", "manager-grpc-")]
    [InlineData("c.agent.test", "c.agent.test")]
    public void Service_prefixes_come_off_once(string name, string expected) => Assert.Equal(expected, HostName.WithoutServicePrefix(name));
}
