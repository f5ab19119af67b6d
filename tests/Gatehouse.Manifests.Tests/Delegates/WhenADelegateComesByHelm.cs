using System.Text.Json.Nodes;
using Gatehouse.Manifests.Delegates;
using Gatehouse.Manifests.Mtls;
using Gatehouse.Manifests.Tests.Support;

namespace Gatehouse.Manifests.Tests.Delegates;

/// <summary>Helm itself is in no registry that the tests install from: values are read by PyYAML and compared with the names and kinds of the chart's own values (1.0.32).</summary>
public sealed class WhenADelegateComesByHelm
{
    private static readonly HelmSetup s_setup = new()
    {
        Delegate = new DelegateSetup { Endpoint = MtlsEndpoint.Parse("https://customer1.agent.example.io/"), AccountId = "acme", Name = "helm-delegate", Image = "harness/delegate:26.02.88404" },
        SecretName = "client-certificate",
    };

    /// <summary>Of the chart's values, those that are set here.</summary>
    private static readonly Dictionary<string, string[]> s_chart = new()
    {
        ["delegateName"] = [],
        ["accountId"] = [],
        ["delegateToken"] = [],
        ["existingDelegateToken"] = [],
        ["managerEndpoint"] = [],
        ["delegateDockerImage"] = [],
        ["tags"] = [],
        ["custom_envs"] = [],
        ["mTLS"] = ["secretName"],
        ["upgrader"] = ["enabled", "existingUpgraderToken"],
        ["delegateCustomCa"] = ["secretName"],
        ["upgraderCustomCa"] = ["secretName"],
    };

    [Fact]
    public void A_name_that_no_secret_can_have_is_named()
    {
        foreach (var setup in (HelmSetup[])[s_setup with { SecretName = "Pair" }, s_setup with { TokenSecret = "Pair" }, s_setup with { UpgraderTokenSecret = "Pair" }, s_setup with { ServerCaSecret = "Pair" }])
        {
            Assert.Contains("'Pair' cannot be the name of a Secret", Assert.Throws<ManifestException>(setup.Values).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Only_values_that_the_chart_has_are_set()
    {
        var full = s_setup with { TokenSecret = "token", UpgraderTokenSecret = "upgrader-token", ServerCaSecret = "roots", Delegate = s_setup.Delegate with { Tags = "linux" } };
        foreach (var setup in (HelmSetup[])[s_setup, full, full with { Delegate = full.Delegate with { Keys = SecretKeys.Tls } }])
        {
            var values = await ReadAsync(setup);
            foreach (var (key, value) in values)
            {
                Assert.True(s_chart.TryGetValue(key, out var inner), key);
                if (value is JsonObject map)
                {
                    Assert.Empty(map.Select(one => one.Key).Except(inner));
                }
                else if (key != "custom_envs")
                {
                    Assert.Equal(System.Text.Json.JsonValueKind.String, value!.GetValueKind());
                }
            }
        }
    }

    [Fact]
    public async Task The_chart_is_told_what_it_derives_and_what_it_leaves_out()
    {
        var values = await ReadAsync(s_setup with { TokenSecret = "token" });
        Assert.Equal("client-certificate", values["mTLS"]!["secretName"]!.ToString());
        // A slash at its end would give '//log-service/'.
        Assert.Equal("https://customer1.agent.example.io", values["managerEndpoint"]!.ToString());
        Assert.Equal("token", values["existingDelegateToken"]!.ToString());
        Assert.Equal(
            ["TI_SERVICE_URL=https://customer1.agent.example.io/ti-service/", "GRPC_AUTHORITY_MODIFICATION_DISABLED=true"],
            values["custom_envs"]!.AsArray().Select(one => $"{one!["name"]}={one["value"]}"));
        Assert.All(values["custom_envs"]!.AsArray(), one => Assert.Equal(System.Text.Json.JsonValueKind.String, one!["value"]!.GetValueKind()));
    }

    [Fact]
    public async Task Other_names_in_the_secret_go_to_the_delegate_and_the_upgrader_which_cannot_be_told_is_off()
    {
        var values = await ReadAsync(s_setup with { Delegate = s_setup.Delegate with { Keys = SecretKeys.Tls } });
        Assert.Contains("DELEGATE_CLIENT_CERTIFICATE_PATH=/etc/mtls/tls.crt", values["custom_envs"]!.AsArray().Select(one => $"{one!["name"]}={one["value"]}"));
        Assert.False((bool)values["upgrader"]!["enabled"]!);
    }

    [Fact]
    public void A_legacy_image_is_refused_and_what_is_missing_is_named()
    {
        Assert.True(Assert.Throws<ManifestException>(() => (s_setup with { Delegate = s_setup.Delegate with { Image = "harness/delegate:latest" } }).Values()).IsRefusal);
        var rendered = (s_setup with { Delegate = new DelegateSetup { Name = "d" } }).Values();
        Assert.Equal(["--endpoint", "--account", "--image", "--token-secret"], rendered.Missing.Select(one => one.Option));
        Assert.All(rendered.Missing, one => Assert.Contains(one.Text, rendered.Text, StringComparison.Ordinal));
    }

    private static async Task<JsonObject> ReadAsync(HelmSetup setup) => (await Witness.PyYamlAsync(setup.Values().Text))[0]!.AsObject();
}
