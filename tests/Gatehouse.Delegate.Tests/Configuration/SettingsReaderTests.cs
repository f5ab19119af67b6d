namespace Gatehouse.Delegate.Tests;

public sealed class SettingsReaderTests
{
    private static Dictionary<string, string> Good => new()
    {
        ["ACCOUNT_ID"] = "acme",
        ["DELEGATE_TOKEN"] = FakeManager.Token,
        ["MANAGER_HOST_AND_PORT"] = "https://customer1.agent.example.io:8443/",
    };

    [Fact]
    public void Defaults_are_the_documented_ones()
    {
        var (settings, problems) = SettingsReader.Read(Good, "box");
        Assert.Empty(problems);
        Assert.Equal(
            ("box", "box", "DOCKER", true, 10, 3460, "/opt/harness-delegate/ca-bundle", TimeSpan.FromSeconds(600), "https://customer1.agent.example.io:8443"),
            (settings!.Name, settings.HostName, settings.Type, settings.NextGen, settings.TaskCapacity, settings.HealthPort, settings.CaBundleDirectory, settings.StopGrace, settings.Manager.ToString()));
        Assert.Null(settings.Proxy);
    }

    [Theory]
    [InlineData("ACCOUNT_ID", "", "ACCOUNT_ID is not set")]
    [InlineData("ACCOUNT_ID", "a b", "ACCOUNT_ID is “a b”")]
    [InlineData("DELEGATE_TOKEN", null, "DELEGATE_TOKEN is not set")]
    [InlineData("DELEGATE_TOKEN", "abc", "DELEGATE_TOKEN is not a delegate token")]
    [InlineData("MANAGER_HOST_AND_PORT", "customer1.agent.example.io:8443", "must be an address such as https://")]
    [InlineData("MANAGER_HOST_AND_PORT", "https://user:pass@h", "must not hold a user or password")]
    [InlineData("DELEGATE_CLIENT_CERTIFICATE_PATH", "/a", "DELEGATE_CLIENT_CERTIFICATE_PATH is set and DELEGATE_CLIENT_CERTIFICATE_KEY_PATH is not")]
    [InlineData("DELEGATE_CLIENT_CERTIFICATE_KEY_PATH", "/a", "DELEGATE_CLIENT_CERTIFICATE_KEY_PATH is set and DELEGATE_CLIENT_CERTIFICATE_PATH is not")]
    [InlineData("DELEGATE_TASK_CAPACITY", "many", "DELEGATE_TASK_CAPACITY is “many”: 1 to 1000")]
    [InlineData("DELEGATE_HEALTH_PORT", "65536", "DELEGATE_HEALTH_PORT is “65536”: 0 to 65535")]
    [InlineData("DELEGATE_TYPE", "TOASTER", "DELEGATE_TYPE is “TOASTER”: DOCKER, KUBERNETES")]
    [InlineData("NEXT_GEN", "maybe", "NEXT_GEN is “maybe”")]
    [InlineData("DELEGATE_LOG_FORMAT", "xml", "DELEGATE_LOG_FORMAT is “xml”: text, json")]
    [InlineData("TRUST_ALL_CERTIFICATES", "true", "TRUST_ALL_CERTIFICATES is set")]
    [InlineData("TI_SERVICE_URL", "nope", "TI_SERVICE_URL is “nope”")]
    [InlineData("LOG_STREAMING_SERVICE_URL", "https://user:pass@logs/x", "LOG_STREAMING_SERVICE_URL is “…@logs/x”: it must not hold a user")]
    [InlineData("HTTPS_PROXY", "ftp://user:geheim@p", "HTTPS_PROXY is “…@p”")]
    [InlineData("PROXY_HOST", "http://proxy:3128", "PROXY_HOST is “http://proxy:3128”")]
    public void A_wrong_value_is_one_sentence_with_the_name(string name, string? value, string sentence)
    {
        var environment = Good;
        if (value is null)
            environment.Remove(name);
        else
            environment[name] = value;
        var (settings, problems) = SettingsReader.Read(environment, "box");
        Assert.Null(settings);
        Assert.Contains(sentence, Assert.Single(problems), StringComparison.Ordinal);
        Assert.DoesNotContain("pass", problems[0].Replace("password", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", problems[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_needs_https()
    {
        var environment = Good;
        environment["MANAGER_HOST_AND_PORT"] = "http://manager:8080";
        environment["DELEGATE_CLIENT_CERTIFICATE_PATH"] = "/a";
        environment["DELEGATE_CLIENT_CERTIFICATE_KEY_PATH"] = "/b";
        Assert.Contains("over https only", Assert.Single(SettingsReader.Read(environment, "box").Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void The_proxy_of_its_own_variables_wins_and_spares_whom_it_shall()
    {
        var environment = Good;
        foreach (var (name, value) in new[] { ("PROXY_HOST", "proxy"), ("PROXY_PORT", "3128"), ("PROXY_USER", "us er"), ("PROXY_PASSWORD", "p@ss"), ("NO_PROXY", ".internal,10.0.0.0/8"), ("HTTPS_PROXY", "http://other:1") })
            environment[name] = value;
        var proxy = SettingsReader.Read(environment, "box").Settings!.Proxy!;
        Assert.Equal(new Uri("http://proxy:3128"), proxy.GetProxy(new Uri("https://customer1.agent.example.io")));
        Assert.Null(proxy.GetProxy(new Uri("https://x.internal")));
        Assert.Null(proxy.GetProxy(new Uri("https://10.1.2.3")));
        var credential = proxy.Credentials!.GetCredential(new Uri("http://proxy:3128"), "Basic")!;
        Assert.Equal(("us er", "p@ss"), (credential.UserName, credential.Password));
        environment["PROXY_MANAGER"] = "false";
        Assert.Null(SettingsReader.Read(environment, "box").Settings!.Proxy!.GetProxy(new Uri("https://customer1.agent.example.io:8443")));
    }
}
