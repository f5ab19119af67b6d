using System.Text.Json;
using Gatehouse.Testing;
using Gatehouse.Upgrader.Tests.Support;

namespace Gatehouse.Upgrader.Tests;

public sealed class WhenTheConfigurationIsWrong
{
    [Fact]
    public async Task Everything_that_is_wrong_is_said_at_once_and_nothing_is_asked()
    {
        await using var pod = await UpgraderPod.StartAsync();
        pod.Config.AddRange(["mode: Pod", "clientCertificateFilePath: /etc/mtls/client.crt", "proxyPassword: hunter2", "delegateConfig:", "  accountId: <account>"]);
        pod.Variables["UPGRADER_TOKEN"] = "not-a-token";
        pod.Variables.Remove("KUBERNETES_SERVICE_HOST");
        File.Delete(Path.Combine(pod.Cluster.ServiceAccount, "token"));
        var run = await pod.RunAsync();
        Assert.Equal((2, "wrong_configuration"), (run.ExitCode, run.Line));
        Assert.All(
            [
                "'mode' is 'Pod': Delegate is legal.", "'workloadName' is not set", "'clientCertificateFilePath' is set and 'clientCertificateKeyFilePath' is not",
                "'accountId' is '<account>': the placeholder of a sample was not replaced.", "'managerHost' in 'delegateConfig' is not set", "UPGRADER_TOKEN is not a delegate token",
                "KUBERNETES_SERVICE_HOST is not set", "token cannot be read",
            ], sentence => Assert.Contains(sentence, run.Error, StringComparison.Ordinal));
        Assert.DoesNotContain("not-a-token", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", run.Error, StringComparison.Ordinal);
        Assert.Empty(pod.Cluster.Conversation);

        run = await pod.RunAsync("--output", "json");
        using var json = JsonDocument.Parse(run.Line);
        Assert.Equal("wrong_configuration", json.RootElement.GetProperty("result").GetString());
        Assert.Equal(8, json.RootElement.GetProperty("problems").GetArrayLength());
    }

    [Fact]
    public async Task The_command_line_starts_it_and_ends_with_its_code()
    {
        // artifacts/bin/<project>/<configuration>/
        var own = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var program = Path.Combine(own.Parent!.Parent!.FullName, "Gatehouse.Cli", own.Name, "Gatehouse.Cli.dll");
        var result = await CommandLine.RunAsync("dotnet", [program, "upgrader", "run", "--config", "/nowhere/config.yaml"]);
        Assert.Equal((2, "wrong_configuration"), (result.ExitCode, result.Output.Trim()));
        Assert.Contains("/nowhere/config.yaml cannot be read", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Outside_of_a_pod_one_sentence_says_so()
    {
        var reader = new RunSettingsReader(new Arguments { Config = "/nowhere/config.yaml", ServiceAccount = "/nowhere/serviceaccount" }, _ => null);
        Assert.Null(reader.Read(TimeProvider.System));
        Assert.Equal(["/nowhere/config.yaml", "UPGRADER_TOKEN", "This"], reader.Problems.Select(one => one.Split(' ')[0]));
    }

    [Fact]
    public void A_folder_in_the_files_place_is_called_one()
    {
        using var directory = new TemporaryDirectory();
        var reader = new RunSettingsReader(new Arguments { Config = directory.Path, ServiceAccount = "/nowhere/serviceaccount" }, _ => null);
        Assert.Null(reader.Read(TimeProvider.System));
        Assert.StartsWith($"{directory.Path} is a folder, and must be the file.", reader.Problems[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("proxyHost: proxy.example.io", "http://proxy.example.io:8080", null)]
    [InlineData("proxyHost: proxy.example.io\nproxyScheme: https\nproxyUser: me\nproxyPassword: s3cr3t", "https://proxy.example.io", "me s3cr3t")]
    [InlineData("", "http://from-environment:3128", "u p")]
    public void The_configurations_proxy_comes_before_the_environments(string lines, string address, string? user)
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory.File("config.yaml"), $"workloadName: a\n{lines}\ndelegateConfig:\n  accountId: acme\n  managerHost: https://customer1.agent.example.io\n");
        var service = TestServiceAccount.In(directory.Path);
        var variables = new Dictionary<string, string>
        {
            ["UPGRADER_TOKEN"] = new string('a', 32),
            ["HTTPS_PROXY"] = "u:p@from-environment:3128",
            ["NO_PROXY"] = "other.example.io",
            ["KUBERNETES_SERVICE_HOST"] = "fd00::1",
        };
        var reader = new RunSettingsReader(new Arguments { Config = directory.File("config.yaml"), ServiceAccount = service }, name => variables.GetValueOrDefault(name));
        var settings = reader.Read(TimeProvider.System);
        Assert.Empty(reader.Problems);
        Assert.Equal(address, settings!.Proxy!.Address);
        var credentials = settings.Proxy.Credentials as System.Net.NetworkCredential;
        Assert.Equal(user, credentials is null ? null : $"{credentials.UserName} {credentials.Password}");
        Assert.True(settings.Proxy.IsBypassed(new Uri("https://other.example.io")));
        Assert.Equal("https://[fd00::1]/", settings.Cluster.Address.AbsoluteUri);
        Assert.Equal("delegates", settings.Namespace);
    }

    [Theory]
    [InlineData("build-farm-upgrader-29412360-x7k2p", "build-farm-upgrader")]
    [InlineData("a-1764525600-abcde", "a")]
    [InlineData("toolbox", null)]
    [InlineData("build-farm-7d9f8b6c5d-x7k2p", null)]
    [InlineData(null, null)]
    public void The_own_cronjob_is_told_from_the_pods_name(string? pod, string? expected)
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory.File("config.yaml"), "workloadName: a\ndelegateConfig:\n  accountId: acme\n  managerHost: customer1.agent.example.io\n");
        var variables = new Dictionary<string, string?> { ["UPGRADER_TOKEN"] = new string('a', 32), ["KUBERNETES_SERVICE_HOST"] = "10.0.0.1", ["HOSTNAME"] = pod };
        var reader = new RunSettingsReader(
            new Arguments { Config = directory.File("config.yaml"), ServiceAccount = TestServiceAccount.In(directory.Path) }, name => variables.GetValueOrDefault(name));
        Assert.Equal(expected, reader.Read(TimeProvider.System)!.CronJob);
    }

    [Theory]
    [InlineData("--nonsense", "'--nonsense' is not an option")]
    [InlineData("--config", "--config needs a value")]
    [InlineData("--output yaml", "--output is 'yaml'")]
    [InlineData("--token abc", "'--token' is not an option")]
    public void Words_that_are_no_options_are_named(string words, string sentence)
    {
        var (arguments, wrong) = Arguments.Parse(words.Split(' '));
        Assert.Null(arguments);
        Assert.Contains(sentence, wrong, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "harness/delegate:1", "harness/delegate:1")]
    [InlineData("mirror.io", "harness/delegate:1", "mirror.io/harness/delegate:1")]
    [InlineData("mirror.io/hub", "docker.io/harness/delegate:1", "mirror.io/hub/harness/delegate:1")]
    [InlineData("mirror.io", "localhost:5000/delegate:1", "mirror.io/delegate:1")]
    [InlineData("mirror.io", "mirror.io/harness/delegate:1", "mirror.io/harness/delegate:1")]
    public void A_mirror_takes_the_registrys_place(string? mirror, string image, string expected) => Assert.Equal(expected, new RegistryMirror(mirror).Here(image));
}
