using Gatehouse.Manifests.Mtls;
using Gatehouse.Manifests.Tests.Support;

namespace Gatehouse.Manifests.Tests.Mtls;

public sealed class WhenMtlsIsDisabled
{
    private static readonly MtlsEndpoint s_other = MtlsEndpoint.Parse("https://customer2.agent.example.io:8443");

    [Theory, MemberData(nameof(Samples.All), MemberType = typeof(Samples))]
    public void Every_byte_is_as_it_was(string file, string shape)
    {
        var before = Samples.Read(file, shape);
        Assert.Equal(before, MtlsManifest.Disable(MtlsManifest.Enable(before, Samples.Options).Text).Text);
        Assert.Equal(before, MtlsManifest.Disable(MtlsManifest.Enable(before, Samples.Options with { OverrideServiceUrls = true }).Text).Text);
        Assert.Equal(before, MtlsManifest.Disable(MtlsManifest.Enable(before, Samples.Options with { Pair = new ClientPair("c", "k") }).Text).Text);
    }

    [Theory, MemberData(nameof(Samples.All), MemberType = typeof(Samples))]
    public void What_came_before_the_first_endpoint_is_what_comes_back(string file, string shape)
    {
        var before = Samples.Read(file, shape);
        var first = MtlsManifest.Enable(before, Samples.Options with { OverrideServiceUrls = true });
        var second = MtlsManifest.Enable(first.Text, Samples.Options with { Endpoint = s_other });
        var third = MtlsManifest.Enable(second.Text, Samples.Options with { Endpoint = s_other, SecretName = "other", Keys = SecretKeys.Tls });
        Assert.Equal(before, MtlsManifest.Disable(third.Text).Text);
    }

    [Theory, MemberData(nameof(Samples.All), MemberType = typeof(Samples))]
    public void Nothing_happens_where_it_is_off(string file, string shape)
    {
        var change = MtlsManifest.Disable(Samples.Read(file, shape));
        Assert.Empty(change.Changes);
        Assert.Equal(Samples.Read(file, shape), change.Text);
    }

    [Fact]
    public void A_former_address_that_is_not_known_must_be_given()
    {
        // By hand, as the public page says: nothing remembers what was there.
        var enabled = MtlsManifest.Enable(Samples.Read("page.yaml"), Samples.Options).Text;
        var byHand = string.Join('\n', enabled.Split('\n').Where(line => !line.Contains("gatehouse/before-mtls", StringComparison.Ordinal))).Replace("  annotations:\nspec", "spec", StringComparison.Ordinal).Replace("  annotations:\ndata", "data", StringComparison.Ordinal);
        Assert.Contains("--manager", Assert.Throws<ManifestException>(() => MtlsManifest.Disable(byHand)).Message, StringComparison.Ordinal);

        var off = MtlsManifest.Disable(byHand, MtlsEndpoint.Parse("https://app.example.io")).Text;
        var original = Samples.Read("page.yaml").Replace("/log-service/\"\n", "/log-service/\"\n        - name: TI_SERVICE_URL\n          value: https://app.example.io/ti-service/\n", StringComparison.Ordinal);
        Assert.Equal(original, off);
    }

    [Fact]
    public void An_address_that_is_given_goes_before_the_one_that_was_remembered()
    {
        var off = MtlsManifest.Disable(MtlsManifest.Enable(Samples.Read("page.yaml"), Samples.Options).Text, MtlsEndpoint.Parse("https://new.example.io")).Text;
        Assert.Equal(Samples.Read("page.yaml").Replace("https://app.example.io", "https://new.example.io", StringComparison.Ordinal), off);
    }

    [Fact]
    public void A_volume_that_something_else_mounts_stays()
    {
        var enabled = MtlsManifest.Enable(Samples.Read("own-names.yaml"), Samples.Options).Text
            .Replace("-   {name: scratch, mountPath: /tmp}\n", "-   {name: scratch, mountPath: /tmp}\n                        -   {name: client-certificate, mountPath: /pair}\n", StringComparison.Ordinal);
        var off = MtlsManifest.Disable(enabled).Text;
        Assert.Contains("-   {name: client-certificate, mountPath: /pair}\n", off, StringComparison.Ordinal);
        Assert.Contains("                -   name: client-certificate\n                    secret:\n", off, StringComparison.Ordinal);
        Assert.DoesNotContain("/etc/mtls", off, StringComparison.Ordinal);
    }

    [Fact]
    public void An_annotation_that_is_not_ours_any_more_is_named()
    {
        var enabled = MtlsManifest.Enable(Samples.Read("page.yaml"), Samples.Options).Text;
        var broken = enabled.Replace("gatehouse/before-mtls: '{", "gatehouse/before-mtls: '[", StringComparison.Ordinal);
        Assert.Contains("is not what Gatehouse wrote", Assert.Throws<ManifestException>(() => MtlsManifest.Disable(broken)).Message, StringComparison.Ordinal);
        var forged = enabled.Replace("\"value: https://app.example.io\"", "\"value: https://app.example.io\\nname: other\"", StringComparison.Ordinal);
        Assert.Contains("cannot be put back", Assert.Throws<ManifestException>(() => MtlsManifest.Disable(forged)).Message, StringComparison.Ordinal);
    }
}
