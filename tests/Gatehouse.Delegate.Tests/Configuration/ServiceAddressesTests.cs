namespace Gatehouse.Delegate.Tests;

public sealed class ServiceAddressesTests
{
    [Theory]
    [InlineData("https://customer1.agent.example.io:8443", "https://customer1.agent.example.io:8443/log-service/", "https://customer1.agent.example.io:8443/ti-service/")]
    [InlineData("https://customer1.agent.example.io:8443/", "https://customer1.agent.example.io:8443/log-service/", "https://customer1.agent.example.io:8443/ti-service/")]
    [InlineData("https://h/gratis/", "https://h/gratis/log-service/", "https://h/gratis/ti-service/")]
    public void Without_variables_they_are_beside_the_manager(string manager, string log, string ti)
    {
        var services = Read(manager);
        Assert.Equal((new Uri(log), new Uri(ti), false, false), (services.Log, services.Ti, services.IsLogSet, services.IsTiSet));
    }

    [Theory]
    [InlineData("https://logs.example.io/log-service/")]
    [InlineData(" https://logs.example.io/log-service ")]
    public void What_is_set_wins_and_a_slash_at_its_end_makes_no_difference(string set)
    {
        var services = Read("https://m:8443", ("LOG_STREAMING_SERVICE_URL", set), ("TI_SERVICE_URL", ""));
        Assert.Equal(new Uri("https://logs.example.io/log-service/"), services.Log);
        Assert.Equal((new Uri("https://m:8443/ti-service/"), true, false), (services.Ti, services.IsLogSet, services.IsTiSet));
    }

    [Fact]
    public void A_delegate_with_a_certificate_does_not_go_round_it()
    {
        var environment = Environment("https://m:8443", ("TI_SERVICE_URL", "http://ti"), ("DELEGATE_CLIENT_CERTIFICATE_PATH", "/a"), ("DELEGATE_CLIENT_CERTIFICATE_KEY_PATH", "/b"));
        Assert.StartsWith("TI_SERVICE_URL is http://ti, and a client certificate is set", Assert.Single(SettingsReader.Read(environment, "box").Problems), StringComparison.Ordinal);
    }

    private static ServiceAddresses Read(string manager, params (string Name, string Value)[] variables)
    {
        var (settings, problems) = SettingsReader.Read(Environment(manager, variables), "box");
        Assert.Empty(problems);
        return settings!.Services;
    }

    private static Dictionary<string, string> Environment(string manager, params (string Name, string Value)[] variables)
    {
        var environment = new Dictionary<string, string> { ["ACCOUNT_ID"] = "acme", ["DELEGATE_TOKEN"] = FakeManager.Token, ["MANAGER_HOST_AND_PORT"] = manager };
        foreach (var (name, value) in variables)
            environment[name] = value;
        return environment;
    }
}
