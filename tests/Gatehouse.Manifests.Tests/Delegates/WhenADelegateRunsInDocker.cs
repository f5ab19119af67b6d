using CsCheck;
using Gatehouse.Manifests.Delegates;
using Gatehouse.Manifests.Mtls;
using Gatehouse.Manifests.Tests.Support;
using Gatehouse.Manifests.Text;
using Gatehouse.Testing;

namespace Gatehouse.Manifests.Tests.Delegates;

public sealed class WhenADelegateRunsInDocker
{
    /// <summary>What shells, CSV, compose and YAML make something else of.</summary>
    private static readonly string[] s_worst =
        ["", "'; rm -rf / #", "$(id)", "`id`", "${HOME}", "a\\", "-e", "--", "~", "!!", "é😀", "a,b\"c", " lead", "trail ", "#", "- x", "a: b", "\r\n", "%s%n", "null", "0x1F", "1e3", "on"];

    private static readonly Gen<string> s_hostile = Gen.OneOf(
        Gen.Char["'\"\\$`!#&|;<>(){}[]*?~ \t\n\r=,:%@-+azé\u2028\u0001\u007f"].Array[0, 12].Select(characters => new string(characters)),
        Gen.Int[0, s_worst.Length - 1].Select(i => s_worst[i]));

    private static readonly DockerSetup s_setup = new()
    {
        Delegate = new DelegateSetup { Endpoint = MtlsEndpoint.Parse("https://customer1.agent.example.io"), AccountId = "acme", Name = "docker-delegate", Image = "harness/delegate:26.02.88404" },
        Folder = "/srv/pair",
        TokenFile = "/srv/token",
    };

    [Fact]
    public async Task Any_shell_takes_any_value_for_what_it_is()
    {
        var values = s_hostile.Array[400].Single();
        var script = string.Concat(values.Select(value => $"printf '%s\\0' {ShellWord.Of(value)}\n"));
        foreach (var shell in (string[])["sh", "bash"])
        {
            var result = await CommandLine.RunAsync(shell, ["-s"], script);
            Assert.True(result.ExitCode == 0, result.Error);
            Assert.Equal(values, result.Output.Split('\0')[..^1]);
        }
    }

    [Fact]
    public async Task The_command_gives_docker_exactly_these_arguments()
    {
        using var folder = new TemporaryDirectory();
        var strange = Path.Combine(folder.Path, "it's $HOME, a \"folder\"");
        Directory.CreateDirectory(strange);
        File.WriteAllText(Path.Combine(strange, "token"), "0123456789abcdef\n");
        var setup = s_setup with
        {
            Folder = strange,
            TokenFile = Path.Combine(strange, "token"),
            ServerCaFolder = "/srv/roots",
            Delegate = s_setup.Delegate with { AccountId = "a'c$(me)", Tags = "linux,big one", Variables = [new("INIT_SCRIPT", "echo `id`\necho \"$X\""), new("NEXT_GEN", "false")] },
        };
        var rendered = setup.Command();
        Assert.Empty(rendered.Missing);
        const string Docker = "docker() { printf '%s\\0' \"$@\"; printf '%s' \"$DELEGATE_TOKEN\"; }\n";
        var result = await CommandLine.RunAsync("sh", ["-s"], Docker + rendered.Text);
        Assert.True(result.ExitCode == 0, result.Error);
        var csv = strange.Replace("\"", "\"\"", StringComparison.Ordinal);
        Assert.Equal(
            [
                "run", "-d", "--cpus=1", "--memory=2g", "-u", "root", "--mount", $"type=bind,\"source={csv}\",target=/etc/mtls,readonly",
                "--mount", "type=bind,source=/srv/roots,target=/opt/harness-delegate/ca-bundle,readonly",
                "-e", "DELEGATE_NAME=docker-delegate", "-e", "DELEGATE_TYPE=DOCKER", "-e", "ACCOUNT_ID=a'c$(me)",
                "-e", "DELEGATE_CLIENT_CERTIFICATE_PATH=/etc/mtls/client.crt", "-e", "DELEGATE_CLIENT_CERTIFICATE_KEY_PATH=/etc/mtls/client.key",
                "-e", "MANAGER_HOST_AND_PORT=https://customer1.agent.example.io", "-e", "LOG_STREAMING_SERVICE_URL=https://customer1.agent.example.io/log-service/",
                "-e", "TI_SERVICE_URL=https://customer1.agent.example.io/ti-service/", "-e", "GRPC_AUTHORITY_MODIFICATION_DISABLED=true", "-e", "DELEGATE_TAGS=linux,big one",
                "-e", "INIT_SCRIPT=echo `id`\necho \"$X\"", "-e", "NEXT_GEN=false", "-e", "DELEGATE_TOKEN", "harness/delegate:26.02.88404",
                // The token comes by the environment, where process lists do not show it.
                "0123456789abcdef",
            ],
            result.Output.Split('\0'));
        Assert.DoesNotContain("0123456789abcdef", rendered.Text, StringComparison.Ordinal);
    }

    /// <summary>The public page's command has every one of these.</summary>
    [Fact]
    public void Nothing_of_the_pages_command_is_left_out()
    {
        var text = s_setup.Command().Text;
        foreach (var part in (string[])["docker run -d", "--cpus=1", "--memory=2g", "-u root", "DELEGATE_NAME=docker-delegate", "NEXT_GEN=true", "DELEGATE_TYPE=DOCKER", "ACCOUNT_ID=acme",
            "DELEGATE_CLIENT_CERTIFICATE_PATH=/etc/mtls/client.crt", "DELEGATE_CLIENT_CERTIFICATE_KEY_PATH=/etc/mtls/client.key", "-e DELEGATE_TOKEN",
            "LOG_STREAMING_SERVICE_URL=https://customer1.agent.example.io/log-service/", "MANAGER_HOST_AND_PORT=https://customer1.agent.example.io \\"])
        {
            Assert.Contains(part, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_is_missing_is_a_placeholder_and_named()
    {
        var rendered = new DockerSetup { Delegate = new DelegateSetup { Name = "d" } }.Command();
        Assert.Equal(["--endpoint", "--account", "--image", "--certs", "--token-file"], rendered.Missing.Select(one => one.Option));
        Assert.All(rendered.Missing, one => Assert.Contains(one.Text, rendered.Text, StringComparison.Ordinal));
        var compose = new DockerSetup { Delegate = new DelegateSetup { Name = "d" } }.Compose();
        Assert.All(compose.Missing, one => Assert.Contains(one.Text, compose.Text, StringComparison.Ordinal));
    }

    [Fact]
    public void A_legacy_image_is_refused()
    {
        var legacy = s_setup with { Delegate = s_setup.Delegate with { Image = "harness/delegate:latest" } };
        Assert.True(Assert.Throws<ManifestException>(() => legacy.Command()).IsRefusal);
        Assert.True(Assert.Throws<ManifestException>(() => legacy.Compose()).IsRefusal);
        Assert.NotEmpty((legacy with { Delegate = legacy.Delegate with { AllowedImages = ["harness/*:latest"] } }).Command().Text);
    }

    [Fact]
    public async Task Docker_compose_reads_what_was_meant()
    {
        using var folder = new TemporaryDirectory();
        // Control characters are nothing that YAML writers of others carry over.
        var values = s_hostile.Where(value => !value.Any(char.IsControl) && !value.Contains('\u2028', StringComparison.Ordinal)).Array[60].Single();
        var setup = s_setup with
        {
            Folder = Path.Combine(folder.Path, "a $b"),
            Delegate = s_setup.Delegate with { Variables = [.. values.Select((value, i) => new KeyValuePair<string, string>($"V{i}", value))] },
        };
        // Without it, Compose 2 makes a missing folder; Debian's Compose 1, the witness, does not know it.
        const string NoFolderIsMade = "        bind:\n          create_host_path: false\n";
        Assert.Contains(NoFolderIsMade, setup.Compose().Text, StringComparison.Ordinal);
        File.WriteAllText(folder.File("compose.yaml"), setup.Compose().Text.Replace(NoFolderIsMade, "", StringComparison.Ordinal));
        var result = await CommandLine.RunAsync(
            "docker-compose", ["-f", folder.File("compose.yaml"), "config"], "", environment: new Dictionary<string, string> { ["DELEGATE_TOKEN"] = "the-token", ["HOME"] = folder.Path });
        Assert.True(result.ExitCode == 0, result.All);

        var service = (await Witness.PyYamlAsync(result.Output))[0]!["services"]!["delegate"]!;
        var environment = service["environment"]!.AsObject().ToDictionary(one => one.Key, one => one.Value?.ToString().Replace("$$", "$", StringComparison.Ordinal) ?? "");
        Assert.Equal("the-token", environment["DELEGATE_TOKEN"]);
        Assert.Equal("https://customer1.agent.example.io/ti-service/", environment["TI_SERVICE_URL"]);
        Assert.Equal(values, values.Select((_, i) => environment[$"V{i}"]));
        var volume = service["volumes"]![0]!;
        Assert.Equal(("bind", "/etc/mtls", true), (volume["type"]!.ToString(), volume["target"]!.ToString(), (bool)volume["read_only"]!));
        Assert.EndsWith("/a $b", volume["source"]!.ToString().Replace("$$", "$", StringComparison.Ordinal), StringComparison.Ordinal);

        // Without the token it says so, and does not start a delegate that cannot join.
        var without = await CommandLine.RunAsync("docker-compose", ["-f", folder.File("compose.yaml"), "config"], "", environment: new Dictionary<string, string> { ["HOME"] = folder.Path });
        Assert.NotEqual(0, without.ExitCode);
        Assert.Contains("Put the delegate token into this variable", without.All, StringComparison.Ordinal);
    }
}
