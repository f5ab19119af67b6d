using System.Text.Json.Nodes;
using Gatehouse.Manifests.Delegates;
using Gatehouse.Manifests.Mtls;
using Gatehouse.Manifests.Tests.Support;

namespace Gatehouse.Manifests.Tests.Charts;

/// <summary>From what the command prints to what was rendered of it: the same file.</summary>
public sealed class WhenOurChartIsGivenValues
{
    private static readonly ValuesSchema s_schema = new(ChartFiles.Read(Path.Combine(ChartFiles.Chart, "values.schema.json")));

    private static readonly HelmSetup s_strict = new()
    {
        Chart = HelmChart.GatehouseDelegate,
        Delegate = new DelegateSetup { Endpoint = MtlsEndpoint.Parse("https://customer1.agent.example.io"), AccountId = "acme", Name = "helm-delegate", Image = "harness/delegate:26.02.88404" },
        SecretName = "client-certificate",
        TokenSecret = "delegate-token",
    };

    private static readonly HelmSetup s_ownImages = s_strict with
    {
        UpgraderTokenSecret = "upgrader-token",
        UpgraderImage = "registry.example.io/gatehouse/upgrader:1.0",
        Delegate = s_strict.Delegate with
        {
            Image = "registry.example.io/gatehouse/delegate:1.0",
            AllowedImages = ["registry.example.io/gatehouse/*"],
            Variables = [new("HTTPS_PROXY", "http://proxy.example.io:3128"), new("NO_PROXY", ".example.internal")],
        },
    };

    [Fact]
    public void The_command_prints_the_files_that_were_rendered()
    {
        Assert.Equal(ChartFiles.Values("strict"), s_strict.Values().Text);
        Assert.Equal(ChartFiles.Values("upgrader"), (s_strict with
        {
            UpgraderTokenSecret = "upgrader-token",
            ServerCaSecret = "server-roots",
            Delegate = s_strict.Delegate with { Tags = "linux,build", Variables = [new("DELEGATE_TASK_CAPACITY", "4")] },
        }).Values().Text);
        Assert.Equal(ChartFiles.Values("own-images"), s_ownImages.Values().Text);
        Assert.Equal(ChartFiles.Values("tls-names"), (s_strict with
        {
            UpgraderTokenSecret = "upgrader-token",
            SecretName = "delegate-tls",
            Delegate = s_strict.Delegate with { Keys = SecretKeys.Tls, Endpoint = MtlsEndpoint.Parse("https://customer1.agent.example.io:8443") },
        }).Values().Text);
    }

    [Fact]
    public async Task The_schema_has_every_key_of_the_values_and_takes_every_file_that_was_rendered()
    {
        var read = await ReadAsync([
            ChartFiles.Read(Path.Combine(ChartFiles.Chart, "values.yaml")), .. ChartFiles.Names.Select(name => ChartFiles.Values(name)),
            (s_strict with { Delegate = s_strict.Delegate with { OverrideServiceUrls = true } }).Values().Text]);

        // 'resources' is Kubernetes' own, 'global' Helm's.
        Assert.Equal(s_schema.Keys.Where(key => key != "global").Order(StringComparer.Ordinal), KeysOf(read[0].AsObject(), "").Order(StringComparer.Ordinal));
        Assert.All(read.Skip(1), values => Assert.Empty(s_schema.Problems(values)));
        Assert.Equal(["accountId", "managerEndpoint", "existingDelegateToken", "delegateDockerImage"], s_schema.Problems(read[0]).Select(problem => problem[..problem.IndexOf(':', StringComparison.Ordinal)]));
    }

    [Fact]
    public async Task What_would_not_work_is_refused()
    {
        var values = ChartFiles.Values("strict");
        string[] wrong =
        [
            values + "delegateToken: abc\n",
            values.Replace("https:", "http:", StringComparison.Ordinal),
            values.Replace("example.io\n", "example.io/\n", StringComparison.Ordinal),
            values.Replace("accountId: acme\n", "", StringComparison.Ordinal),
            values.Replace("  secretName: client-certificate", "  secretname: client-certificate", StringComparison.Ordinal),
            values + "custom_envs: [{name: DELEGATE_TOKEN, value: abc}]\n",
            values + "custom_envs: [{name: A, value: 1}]\n",
            values + "custom_envs: [{name: PROXY_PASSWORD, value: abc}]\n",
            values + "upgrader: {custom_envs: [{name: UPGRADER_TOKEN, value: abc}]}\n",
            values + "upgrader: {proxy: http://proxy.example.io}\n",
            values + "addCapabilities: CHOWN\n",
            values + "replicas: \"1\"\n",
            (s_strict with { TokenSecret = null }).Values().Text,
            (s_ownImages with { UpgraderImage = null }).Values().Text,
            (s_strict with { Delegate = s_strict.Delegate with { Endpoint = null } }).Values().Text,
            (s_strict with { Delegate = s_strict.Delegate with { Image = null } }).Values().Text,
        ];

        Assert.All(await ReadAsync(wrong), read => Assert.NotEmpty(s_schema.Problems(read)));
    }

    [Fact]
    public void What_is_missing_is_named()
    {
        var rendered = (s_strict with { TokenSecret = null, Delegate = new DelegateSetup { Name = "d" } }).Values();
        Assert.Equal(["--endpoint", "--account", "--image", "--token-secret"], rendered.Missing.Select(one => one.Option));
        Assert.All(rendered.Missing, one => Assert.Contains(one.Text, rendered.Text, StringComparison.Ordinal));
        // The chart's default image knows no --allow-image.
        Assert.Equal("--upgrader-image", Assert.Single((s_ownImages with { UpgraderImage = null }).Values().Missing).Option);
    }

    [Fact]
    public void An_upgraders_image_that_nothing_would_take_is_refused()
    {
        Assert.Throws<ManifestException>(() => (s_ownImages with { UpgraderTokenSecret = null }).Values());
        Assert.Throws<ManifestException>(() => (s_ownImages with { Chart = HelmChart.HarnessDelegateNg }).Values());
    }

    private static async Task<List<JsonNode>> ReadAsync(IReadOnlyList<string> texts) => [.. (await Witness.PyYamlAllAsync(texts)).Select(documents => documents![0]!)];

    private static IEnumerable<string> KeysOf(JsonObject values, string prefix) => values.SelectMany(one =>
        one.Value is JsonObject { Count: > 0 } inner && one.Key is not ("requests" or "limits") ? KeysOf(inner, $"{prefix}{one.Key}.") : [prefix + one.Key]);
}
