using Gatehouse.Contracts;
using Gatehouse.Manifests.Mtls;
using Gatehouse.Manifests.Tests.Support;

namespace Gatehouse.Manifests.Tests.Mtls;

public sealed class WhenAManifestIsNotTaken
{
    [Theory]
    [InlineData("harness/delegate:latest", "has the tag 'latest'")]
    [InlineData("harness/delegate", "has no tag, which means 'latest'")]
    [InlineData("registry.example.io:5000/harness/delegate", "has no tag, which means 'latest'")]
    [InlineData("harness/delegate:yy.mm.verno", "has the tag 'yy.mm.verno'")]
    [InlineData("harness/delegate:26.13.88404", "has the tag '26.13.88404'")]
    [InlineData("harness/delegate:26.02.884", "has the tag '26.02.884'")]
    [InlineData("harness/delegate:26.2.88404", "has the tag '26.2.88404'")]
    [InlineData("harness/delegate@sha256:0123", "is named by its digest alone")]
    public void A_legacy_image_is_refused_with_the_reason_and_the_way_out(string image, string reason)
    {
        var manifest = Samples.Read("page.yaml").Replace("harness/delegate:26.02.88404", image, StringComparison.Ordinal);
        var e = Assert.Throws<ManifestException>(() => MtlsManifest.Enable(manifest, Samples.Options));
        Assert.True(e.IsRefusal);
        Assert.Contains($"Container 'delegate' of Deployment 'build-farm': The image '{image}' {reason}", e.Message, StringComparison.Ordinal);
        Assert.Contains("--allow-image", e.Message, StringComparison.Ordinal);

        Assert.NotEmpty(MtlsManifest.Enable(manifest, Samples.Options with { AllowedImages = ["other/*", image.Split(':', '@')[0] + "*"] }).Changes);
    }

    [Theory]
    [InlineData("harness/delegate:26.02.88404.minimal")]
    [InlineData("harness/delegate:26.02.88404-fips")]
    [InlineData("harness/delegate:26.02.88404.minimal-fips")]
    [InlineData("localhost:5000/delegate:23.03.78314@sha256:0123")]
    public void Additions_to_the_tag_are_taken(string image) => Assert.Null(ImageReference.Parse(image).Refusal([]));

    [Theory]
    [InlineData("http://customer1.agent.example.io", "begins with http")]
    [InlineData("customer1.agent.example.io", "is not an address")]
    [InlineData("https://", "is not an address")]
    [InlineData("https://customer1.agent.example.io?x=1", "has a user, a query or a fragment")]
    [InlineData("https://user@customer1.agent.example.io", "has a user")]
    [InlineData("https://customer1.agent.example.io//log-service/", "two slashes in a row")]
    [InlineData("https://<subdomain>.agent.example.io", "is not an address")]
    public void An_endpoint_that_cannot_be_one_is_named(string endpoint, string reason) =>
        Assert.Contains(reason, Assert.Throws<ManifestException>(() => MtlsEndpoint.Parse(endpoint)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("Bad_Name; rm -rf")]
    [InlineData("")]
    [InlineData("pair-")]
    [InlineData("a..b")]
    [InlineData("pair\n")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890")]
    public void A_name_that_no_secret_can_have_is_named(string name)
    {
        var e = Assert.Throws<ManifestException>(() => MtlsManifest.Enable(Samples.Read("page.yaml"), Samples.Options with { SecretName = name }));
        Assert.Contains($"'{name}' cannot be the name of a Secret", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("2.client--certificate.x")]
    public void A_name_that_a_secret_can_have_is_taken(string name) =>
        Assert.Contains($"secretName: {name}\n", MtlsManifest.Enable(Samples.Read("page.yaml"), Samples.Options with { SecretName = name }).Text, StringComparison.Ordinal);

    [Fact]
    public void An_endpoint_may_have_port_path_and_a_slash_at_its_end()
    {
        var endpoint = MtlsEndpoint.Parse("https://Customer1.agent.example.io:8443/gateway/");
        Assert.Equal("https://customer1.agent.example.io:8443/gateway", endpoint.Manager);
        Assert.Equal("https://customer1.agent.example.io:8443/gateway/log-service/", endpoint.LogService);
        Assert.Equal("https://customer1.agent.example.io:8443", endpoint.ManagerHost);
    }

    [Theory]
    [InlineData("", "no document has a 'kind'")]
    [InlineData("a: 1\n", "no document has a 'kind'")]
    [InlineData("kind: Service\n", "No delegate was found")]
    [InlineData("a: {{ .Values.a }}\n", "helm template")]
    [InlineData("a: 1\na: 2\n", "the key 'a' is there twice")]
    [InlineData("a: *b\n", "the anchor of '*b' is missing")]
    [InlineData("a: &a [*a]\n", "the anchor of '*a' is missing")]
    [InlineData("a: 'b\n", "cannot be read as YAML")]
    [InlineData("? [a]\n: b\n", "a key is not text")]
    public void What_is_no_manifest_is_named(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<ManifestException>(() => MtlsManifest.Enable(text, Samples.Options)).Message, StringComparison.Ordinal);

    [Fact]
    public void Aliases_that_multiply_are_bounded()
    {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + string.Concat(Enumerable.Range(1, 9).Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));
        Assert.Contains("multiply", Assert.Throws<ManifestException>(() => MtlsManifest.Enable(text, Samples.Options)).Message, StringComparison.Ordinal);
        var deep = string.Concat(Enumerable.Repeat("[", 5000)) + string.Concat(Enumerable.Repeat("]", 5000));
        Assert.Contains("nesting", Assert.Throws<ManifestException>(() => MtlsManifest.Enable(deep, Samples.Options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mount_point_that_is_taken_is_named()
    {
        var text = Samples.Read("own-names.yaml").Replace("mountPath: /tmp\n", "mountPath: /etc/mtls/\n", StringComparison.Ordinal);
        Assert.Contains("/etc/mtls in the container 'runner'", Assert.Throws<ManifestException>(() => MtlsManifest.Enable(text, Samples.Options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_configuration_whose_places_cannot_be_told_is_named()
    {
        var text = Samples.Read("page.yaml").Replace("config.yaml: |", "config.yaml: >", StringComparison.Ordinal);
        // Folding makes one line of it, which is no configuration any more: it is not taken for one.
        Assert.DoesNotContain(MtlsManifest.Enable(text, Samples.Options).Changes, change => change.Contains("config.yaml", StringComparison.Ordinal));
        var flow = Samples.Read("page.yaml").Replace("config.yaml: |\n    mode", "config.yaml: >\n    {mode: Delegate, delegateConfig: {managerHost: https://app.example.io}}\n  old: |\n    mode", StringComparison.Ordinal);
        Assert.Contains("Write it as a block, with '|'", Assert.Throws<ManifestException>(() => MtlsManifest.Enable(flow, Samples.Options)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("app.ex\tample.io")]
    [InlineData("app.example.io\\/")]
    [InlineData("app\\u002eexample.io")]
    public void A_configuration_with_escapes_of_its_own_is_named(string host)
    {
        var text = Samples.Read("list.json").Replace("managerHost: https://app.example.io", $"managerHost: https://{host}", StringComparison.Ordinal);
        Assert.Contains("escapes that could not be given back", Assert.Throws<ManifestException>(() => MtlsManifest.Enable(text, Samples.Options)).Message, StringComparison.Ordinal);
    }
}
