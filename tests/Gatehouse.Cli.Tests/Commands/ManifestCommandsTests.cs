using System.Text.Json;
using Gatehouse.Cli.Tests.Support;
using Gatehouse.Testing;
using CommandLine = Gatehouse.Cli.Tests.Support.CommandLine;

namespace Gatehouse.Cli.Tests.Commands;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class ManifestCommandsTests
{
    private const string Endpoint = "https://customer1.agent.example.io";

    private static readonly string s_manifest = File.ReadAllText(Path.Combine(SourceTree.Root, "tests", "Gatehouse.Manifests.Tests", "Corpus", "page.yaml"));

    [Fact]
    public async Task EnableMtls_Stdout_Diff_And_InPlace_SayTheSame()
    {
        using var line = new CommandLine();
        var file = line.WriteFile("delegate.yaml", s_manifest);
        var patched = line.WriteFile("patched.yaml", s_manifest);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);

        var shown = await line.RunAsync("manifest", "enable-mtls", "delegate.yaml", "--endpoint", Endpoint);
        var diff = await line.RunAsync("manifest", "enable-mtls", "delegate.yaml", "--endpoint", Endpoint, "--diff");
        var unchanged = File.ReadAllText(file);
        var written = await line.RunAsync("manifest", "enable-mtls", "delegate.yaml", "--endpoint", Endpoint, "--in-place");
        var patch = await Gatehouse.Testing.CommandLine.RunAsync("patch", [patched], diff.Out);

        Assert.Equal((0, 0, 0, 0), (shown.ExitCode, diff.ExitCode, written.ExitCode, patch.ExitCode));
        Assert.Equal(s_manifest, unchanged);
        Assert.Equal(shown.Out, File.ReadAllText(file));
        Assert.Equal(shown.Out, File.ReadAllText(patched));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(file));
        Assert.Contains("kubectl create secret -n delegates-ng generic client-certificate --from-file client.crt=client.crt --from-file client.key=client.key\n", shown.Error, StringComparison.Ordinal);
        Assert.Contains("Container 'delegate' of Deployment 'build-farm': TI_SERVICE_URL added.\n", written.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EnableMtls_WithSecret_IsReadableByItsOwnerOnly_AndNeverShowsTheKeyElsewhere()
    {
        using var line = new CommandLine();
        line.WriteFile("delegate.yaml", s_manifest);
        await MakePairAsync(line, "ca");
        var key = File.ReadAllText(Path.Combine(line.Folder, "ca/client.key"));

        var ended = await line.RunAsync(
            "manifest", "enable-mtls", "delegate.yaml", "--endpoint", Endpoint, "--with-secret", "--cert", "ca/client.crt", "--key", "ca/client.key", "-o", "out.yaml", "--output", "json");

        var diff = await line.RunAsync(
            "manifest", "enable-mtls", "delegate.yaml", "--endpoint", Endpoint, "--with-secret", "--cert", "ca/client.crt", "--key", "ca/client.key", "--diff");

        Assert.Equal((0, 0), (ended.ExitCode, diff.ExitCode));
        var written = Path.Combine(line.Folder, "out.yaml");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(written));
        var base64 = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(key));
        Assert.Contains($"  client.key: {base64}\n", File.ReadAllText(written), StringComparison.Ordinal);
        Assert.DoesNotContain(base64, ended.Out + ended.Error + diff.Out + diff.Error, StringComparison.Ordinal);
        Assert.Contains("+  client.key: (not shown)\n", diff.Out, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(ended.Out);
        Assert.Equal("out.yaml", json.RootElement.GetProperty("writtenTo").GetString());
        Assert.Empty(json.RootElement.GetProperty("nextSteps").EnumerateArray());
    }

    [Fact]
    public async Task EnableMtls_Verify_AsksTheServersCa_BeforeAnythingIsWritten()
    {
        await using var server = await FakeServer.StartAsync();
        using var line = new CommandLine(server);
        var file = line.WriteFile("delegate.yaml", s_manifest);
        await MakePairAsync(line, "ours");
        await MakePairAsync(line, "other");
        server.On("GET /api/agent/mtls/endpoint", Answer(File.ReadAllText(Path.Combine(line.Folder, "ours/ca.crt"))));

        var other = await line.RunAsync([.. Enable("other")]);
        var afterOther = File.ReadAllText(file);
        var ours = await line.RunAsync([.. Enable("ours")]);

        Assert.Equal((1, s_manifest), (other.ExitCode, afterOther));
        Assert.Contains("would refuse this certificate, certificate_unknown_ca, so nothing was written", other.Error, StringComparison.Ordinal);
        Assert.Equal(0, ours.ExitCode);
        Assert.Contains("accepts this certificate until", ours.Error, StringComparison.Ordinal);
        Assert.NotEqual(s_manifest, File.ReadAllText(file));
        // Only questions: the pair never leaves the machine.
        Assert.All(server.Seen, request => Assert.Equal(("GET", ""), (request.Method, request.Body)));

        static IEnumerable<string> Enable(string folder) =>
            ["manifest", "enable-mtls", "delegate.yaml", "--endpoint", Endpoint, "--in-place", "--verify", "--account", "acme", "--cert", $"{folder}/client.crt", "--key", $"{folder}/client.key"];
    }

    [Theory]
    [InlineData(2, "'nowhere.yaml' does not exist", "nowhere.yaml", "--endpoint", Endpoint)]
    [InlineData(2, "exclude each other", "delegate.yaml", "--endpoint", Endpoint, "--diff", "--in-place")]
    [InlineData(2, "--verify needs the pair", "delegate.yaml", "--endpoint", Endpoint, "--verify", "--account", "acme")]
    [InlineData(1, "has the tag 'latest'", "legacy.yaml", "--endpoint", Endpoint)]
    public async Task EnableMtls_WhatCannotBeDone_IsNamed_AndNothingIsWritten(int exitCode, string expected, params string[] arguments)
    {
        using var line = new CommandLine();
        line.WriteFile("delegate.yaml", s_manifest);
        line.WriteFile("legacy.yaml", s_manifest.Replace("26.02.88404", "latest", StringComparison.Ordinal));

        var ended = await line.RunAsync(["manifest", "enable-mtls", .. arguments]);

        Assert.Equal(exitCode, ended.ExitCode);
        Assert.Contains(expected, ended.Error, StringComparison.Ordinal);
        Assert.Empty(ended.Out);
        Assert.Equal(s_manifest, File.ReadAllText(Path.Combine(line.Folder, "delegate.yaml")));
    }

    [Fact]
    public async Task DisableMtls_PutsEveryByteBack_AndCheckTellsTheDifference()
    {
        using var line = new CommandLine();
        var file = line.WriteFile("delegate.yaml", s_manifest);

        var off = await line.RunAsync("manifest", "check", "delegate.yaml", "--output", "json");
        await line.RunAsync("manifest", "enable-mtls", "delegate.yaml", "--endpoint", Endpoint, "--in-place");
        var on = await line.RunAsync("manifest", "check", "delegate.yaml", "--endpoint", Endpoint);
        var disabled = await line.RunAsync("manifest", "disable-mtls", "delegate.yaml", "--in-place");

        Assert.Equal((1, 0, 0), (off.ExitCode, on.ExitCode, disabled.ExitCode));
        using var json = JsonDocument.Parse(off.Out);
        Assert.Contains("certificate_variable_missing", json.RootElement.EnumerateArray().Select(one => one.GetProperty("code").GetString()));
        Assert.Equal("'delegate.yaml' is ready for mutual TLS.\n", on.Out);
        Assert.Equal(s_manifest, File.ReadAllText(file));
    }

    [Fact]
    public async Task DockerCommand_IsForTheFolderAsAWhole_AndWarnsOfOtherKeysInIt()
    {
        using var line = new CommandLine();
        await MakePairAsync(line, "pair");
        line.WriteFile("token", "0123");

        var ended = await line.RunAsync(
            "docker", "command", "--endpoint", Endpoint, "--account", "acme", "--certs", "pair", "--token-file", "token", "--image", "harness/delegate:26.02.88404");
        var legacy = await line.RunAsync("docker", "compose", "--image", "harness/delegate:latest", "--output", "json");

        Assert.Equal((0, 1), (ended.ExitCode, legacy.ExitCode));
        Assert.Contains($"--mount type=bind,source={line.Folder}/pair,target=/etc/mtls,readonly ", ended.Out, StringComparison.Ordinal);
        Assert.Contains("also has ca.key, which the container would see", ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Left to fill in", ended.Error, StringComparison.Ordinal);
        Assert.Empty(legacy.Out);
    }

    [Fact]
    public async Task HelmValues_Json_NamesWhatIsMissing()
    {
        using var line = new CommandLine();

        var ended = await line.RunAsync("helm", "values", "--endpoint", Endpoint, "--image", "harness/delegate:26.02.88404", "--namespace", "ci", "--output", "json");

        Assert.Equal(0, ended.ExitCode);
        using var json = JsonDocument.Parse(ended.Out);
        Assert.Equal(["--account", "--token-secret"], json.RootElement.GetProperty("missing").EnumerateArray().Select(one => one.GetProperty("option").GetString()));
        Assert.StartsWith("kubectl create secret -n ci generic client-certificate ", json.RootElement.GetProperty("nextSteps")[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task HelmValues_ForOurChart_AreThoseThatHelmRendered()
    {
        using var line = new CommandLine();

        var ended = await line.RunAsync(
            "helm", "values", "--chart", "gatehouse-delegate", "--endpoint", Endpoint, "--account", "acme", "--image", "harness/delegate:26.02.88404", "--token-secret", "delegate-token",
            "--upgrader-token-secret", "upgrader-token", "--server-ca-secret", "server-roots", "--tags", "linux,build", "--env", "DELEGATE_TASK_CAPACITY=4");

        Assert.Equal(0, ended.ExitCode);
        Assert.Equal(File.ReadAllText(Path.Combine(SourceTree.Root, "tests", "Gatehouse.Manifests.Tests", "Charts", "upgrader.values.yaml")), ended.Out);
        Assert.DoesNotContain("Left to fill in", ended.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await line.RunAsync("helm", "values", "--chart", "another")).ExitCode);
    }

    [Fact]
    public async Task HelmValues_WithImagesOfOnesOwn_TellTheUpgrader()
    {
        using var line = new CommandLine();
        string[] words =
        [
            "helm", "values", "--chart", "gatehouse-delegate", "--endpoint", Endpoint, "--account", "acme", "--image", "registry.example.io/gatehouse/delegate:1.0", "--token-secret", "delegate-token",
            "--upgrader-token-secret", "upgrader-token", "--allow-image", "registry.example.io/gatehouse/*", "--env", "HTTPS_PROXY=http://proxy.example.io:3128", "--env", "NO_PROXY=.example.internal",
        ];

        var ended = await line.RunAsync([.. words, "--upgrader-image", "registry.example.io/gatehouse/upgrader:1.0"]);
        var without = await line.RunAsync(words);

        Assert.Equal(File.ReadAllText(Path.Combine(SourceTree.Root, "tests", "Gatehouse.Manifests.Tests", "Charts", "own-images.values.yaml")), ended.Out);
        Assert.Contains("<image of Gatehouse's upgrader> (--upgrader-image)", without.Error, StringComparison.Ordinal);
        Assert.Contains("--upgrader-token-secret", (await line.RunAsync("helm", "values", "--upgrader-image", "a:1")).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DELEGATE_TOKEN", "helm values", "--token-secret")]
    [InlineData("ACCOUNT_SECRET", "helm values", "--token-secret")]
    [InlineData("UPGRADER_TOKEN", "helm values", "--upgrader-token-secret")]
    [InlineData("PROXY_PASSWORD", "helm values", "valueFrom")]
    [InlineData("DELEGATE_TOKEN", "docker command", "--token-file")]
    [InlineData("delegate_token", "docker compose", "--token-file")]
    [InlineData("ACCOUNT_SECRET", "docker compose", "--token-file")]
    [InlineData("UPGRADER_TOKEN", "docker command", "gatehouse helm values")]
    [InlineData("PROXY_PASSWORD", "docker command", "-e PROXY_PASSWORD")]
    public async Task Env_WithASecret_IsRefusedWithTheOptionForIt(string name, string command, string way)
    {
        using var line = new CommandLine();

        var ended = await line.RunAsync([.. command.Split(' '), "--env", $"{name}=leak-4711"]);

        Assert.Equal(2, ended.ExitCode);
        Assert.Contains(way, ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("leak-4711", ended.Out + ended.Error, StringComparison.Ordinal);
    }

    private static async Task MakePairAsync(CommandLine line, string folder)
    {
        await line.RunAsync("certs", "create-ca", "--out", folder, "--key", "ec:p256", "--subject", $"/CN={folder}");
        await line.RunAsync("certs", "create-client", "--ca", $"{folder}/ca.crt", "--ca-key", $"{folder}/ca.key", "--out", folder, "--key", "ec:p256");
    }

    private static string Answer(string ca) => $$"""
        {"metaData":{},"resource":{"uuid":"u","accountId":"acme","fqdn":"customer1.agent.example.io","caCertificates":{{JsonSerializer.Serialize(ca)}},"mode":"LOOSE","domainPrefix":"customer1","generation":1,"createdAt":"2026-01-01T00:00:00Z","updatedAt":"2026-01-01T00:00:00Z"},"responseMessages":[]}
        """;
}
