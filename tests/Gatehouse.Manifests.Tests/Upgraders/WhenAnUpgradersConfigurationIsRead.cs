using Gatehouse.Manifests.Upgraders;

namespace Gatehouse.Manifests.Tests.Upgraders;

public sealed class WhenAnUpgradersConfigurationIsRead
{
    private const string Least = "workloadName: build-farm\ndelegateConfig:\n  accountId: acme\n  managerHost: https://customer1.agent.example.io\n";

    [Fact]
    public void Every_key_of_the_documentation_is_taken()
    {
        var reading = UpgraderSettings.Read("""
            # As Helm writes it.
            mode: Delegate
            dryRun: true
            workloadName: build-farm
            namespace: delegates
            containerName: agent
            clientCertificateFilePath: "/etc/mtls/client.crt"
            clientCertificateKeyFilePath: '/etc/mtls/client.key'
            registryMirror: registry.example.io:5000/mirror/
            delegateConfig:
              accountId: 12345
              managerHost: customer1.agent.example.io
            proxyScheme: https
            proxyHost: proxy.example.io
            proxyPort: 3128
            proxyUser: "007"
            proxyPassword: "p#w"
            """);
        Assert.Empty(reading.Problems);
        Assert.Empty(reading.Warnings);
        Assert.Equal(
            new UpgraderSettings
            {
                DryRun = true,
                WorkloadName = "build-farm",
                Namespace = "delegates",
                ContainerName = "agent",
                ClientCertificateFilePath = "/etc/mtls/client.crt",
                ClientCertificateKeyFilePath = "/etc/mtls/client.key",
                RegistryMirror = "registry.example.io:5000/mirror",
                AccountId = "12345",
                ManagerHost = "https://customer1.agent.example.io",
                ProxyScheme = "https",
                ProxyHost = "proxy.example.io",
                ProxyPort = 3128,
                ProxyUser = "007",
                ProxyPassword = "p#w",
            }, reading.Settings);
    }

    [Fact]
    public void What_is_left_out_has_defaults()
    {
        var settings = UpgraderSettings.Read(Least + "dryRun:\nnamespace: \"\"\n").Settings!;
        Assert.Equal((false, null, "delegate", null, null, "http", 8080), (settings.DryRun, settings.Namespace, settings.ContainerName, settings.ClientCertificateFilePath, settings.ProxyHost, settings.ProxyScheme, settings.ProxyPort));
    }

    [Fact]
    public void Keys_that_are_not_known_are_named_and_their_values_never()
    {
        var reading = UpgraderSettings.Read("proxyPasword: hunter2\n" + Least + "  managerPort: hunter2\n");
        Assert.NotNull(reading.Settings);
        Assert.Equal(["'proxyPasword' is not a key that the upgrader knows; it was left out of account.", "'managerPort' in 'delegateConfig' is not a key that the upgrader knows; it was left out of account."], reading.Warnings);
    }

    [Fact]
    public void A_slip_of_indentation_is_told_and_does_no_harm()
    {
        var reading = UpgraderSettings.Read("workloadName: build-farm\naccountId: acme\ndelegateConfig:\n  managerHost: https://a.example.io\n  clientCertificateFilePath: a.crt\n  clientCertificateKeyFilePath: a.key\n");
        Assert.Equal(("acme", "a.crt", "a.key"), (reading.Settings!.AccountId, reading.Settings.ClientCertificateFilePath, reading.Settings.ClientCertificateKeyFilePath));
        Assert.Equal(
            [
                "'clientCertificateFilePath' stands in 'delegateConfig' and belongs beside 'mode'.", "'clientCertificateKeyFilePath' stands in 'delegateConfig' and belongs beside 'mode'.",
                "'accountId' stands beside 'mode' and belongs in 'delegateConfig'.",
            ], reading.Warnings);
    }

    [Theory]
    [InlineData("mode: Pod", "'mode' is 'Pod': Delegate is legal.")]
    [InlineData("dryRun: maybe", "'dryRun' is 'maybe': true and false are legal.")]
    [InlineData("namespace: De legates", "'namespace' is 'De legates': lower-case letters, digits and '-' are legal")]
    [InlineData("namespace: ../secrets", "'namespace' is '../secrets'")]
    [InlineData("containerName: [delegate]", "'containerName' has more than one value")]
    [InlineData("proxyPort: 0", "'proxyPort' is '0': 1 to 65535 is legal.")]
    [InlineData("proxyScheme: socks5", "'proxyScheme' is 'socks5': http and https are legal.")]
    [InlineData("proxyHost: http://me:hunter2@proxy", "'proxyHost' is not a host name or address")]
    [InlineData("registryMirror: https://registry.example.io", "'registryMirror' is 'https://registry.example.io'")]
    [InlineData("clientCertificateFilePath: a.crt", "'clientCertificateFilePath' is set and 'clientCertificateKeyFilePath' is not")]
    [InlineData("clientCertificateKeyFilePath: a.key", "'clientCertificateKeyFilePath' is set and 'clientCertificateFilePath' is not")]
    public void Wrong_values_are_named_with_what_is_legal(string line, string problem)
    {
        var reading = UpgraderSettings.Read(Least + line + "\n");
        Assert.Null(reading.Settings);
        Assert.StartsWith(problem, Assert.Single(reading.Problems), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", reading.Problems[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("workloadName", "PUT_YOUR_DELEGATE_NAME", "the placeholder of a sample was not replaced")]
    [InlineData("workloadName", "Build_Farm", "lower-case letters, digits and '-' are legal")]
    [InlineData("accountId", "a/b", "1 to 64 letters, digits, '_' and '-' are legal")]
    [InlineData("managerHost", "<host>", "the placeholder of a sample was not replaced")]
    [InlineData("managerHost", "ftp://a.example.io", "is not an address such as https://")]
    [InlineData("managerHost", "https://me:hunter2@a.example.io", "is not an address such as https://")]
    public void Names_and_addresses_are_checked_before_they_are_part_of_a_path(string key, string value, string problem)
    {
        var text = string.Join('\n', Least.Split('\n').Select(line => line.TrimStart().StartsWith(key + ":", StringComparison.Ordinal) ? line[..line.IndexOf(':', StringComparison.Ordinal)] + $": \"{value}\"" : line));
        var found = Assert.Single(UpgraderSettings.Read(text).Problems);
        Assert.Contains(problem, found, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("- mode: Delegate")]
    [InlineData("mode: Delegate\n---\nmode: Delegate")]
    [InlineData("mode: Delegate\nmode: Delegate")]
    [InlineData("mode: {")]
    [InlineData("delegateConfig: acme")]
    public void What_is_no_document_of_keys_is_a_sentence_and_not_a_crash(string text)
    {
        var reading = UpgraderSettings.Read(text);
        Assert.Null(reading.Settings);
        Assert.NotEmpty(reading.Problems);
    }
}
