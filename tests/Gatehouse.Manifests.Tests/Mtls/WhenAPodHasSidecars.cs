using Gatehouse.Manifests.Mtls;
using Gatehouse.Manifests.Tests.Support;

namespace Gatehouse.Manifests.Tests.Mtls;

public sealed class WhenAPodHasSidecars
{
    private const string Sidecar = """
              - name: log-shipper
                image: fluent/fluent-bit:2.2
                env:
                - {name: DELEGATE_NAME, value: d}
        """;

    private const string Delegate = """
              - name: delegate
                image: harness/delegate:26.02.88404
                env:
                - {name: MANAGER_HOST_AND_PORT, value: https://app.example.io}
                - {name: DELEGATE_NAME, value: d}
        """;

    [Theory]
    [InlineData("DELEGATE_NAME")]
    [InlineData("DELEGATE_TOKEN")]
    [InlineData("MANAGER_HOST_AND_PORT")]
    public void One_that_has_the_delegates_variables_gets_no_certificate(string variable)
    {
        var sidecar = Sidecar.Replace("DELEGATE_NAME", variable, StringComparison.Ordinal);
        var before = Pod(Delegate, sidecar);
        var change = MtlsManifest.Enable(before, Samples.Options);
        Assert.Contains(sidecar, change.Text, StringComparison.Ordinal);
        Assert.Equal(variable != "DELEGATE_NAME", change.Notes.Any(note => note.Contains("container 'log-shipper'", StringComparison.Ordinal) && note.Contains("--container", StringComparison.Ordinal)));
        Assert.Empty(MtlsManifest.Check(change.Text, new CheckOptions()));
        Assert.Equal(before, MtlsManifest.Disable(change.Text).Text);
    }

    [Fact]
    public void One_that_shares_the_delegates_variables_by_an_anchor_gets_none_either()
    {
        const string Shared = """
                  - name: delegate
                    image: harness/delegate:26.02.88404
                    env: &env
                    - {name: MANAGER_HOST_AND_PORT, value: "https://app.example.io"}
                  - name: sidecar
                    image: busybox
                    env: *env
            """;
        var e = Assert.Throws<ManifestException>(() => MtlsManifest.Enable(Pod(Shared), Samples.Options));
        Assert.Contains("would alter more than it should", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("busybox", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_delegates_of_one_pod_are_all_delegates()
    {
        var text = MtlsManifest.Enable(Pod(Delegate, Delegate.Replace("name: delegate", "name: other", StringComparison.Ordinal)), Samples.Options).Text;
        Assert.Equal(2, text.Split("mountPath: /etc/mtls").Length - 1);
    }

    [Fact]
    public void Where_it_cannot_be_told_which_is_the_delegate_the_way_out_is_named()
    {
        var own = Delegate.Replace("harness/delegate", "registry.example.io/runner", StringComparison.Ordinal);
        var before = Pod(own, Sidecar.Replace("fluent/fluent-bit:2.2", "example/delegate-logs:1", StringComparison.Ordinal));
        var e = Assert.Throws<ManifestException>(() => MtlsManifest.Enable(before, Samples.Options));
        Assert.Contains("Container 'log-shipper'", e.Message, StringComparison.Ordinal);
        Assert.Contains("--container", e.Message, StringComparison.Ordinal);
        Assert.Contains(MtlsManifest.Check(before, new CheckOptions()), one => one.Code == "image_legacy" && one.NextStep.Contains("--container", StringComparison.Ordinal));

        var text = MtlsManifest.Enable(before, Samples.Options with { Container = "delegate" }).Text;
        Assert.Equal(1, text.Split("mountPath: /etc/mtls").Length - 1);
    }

    [Fact]
    public void A_name_alone_is_no_delegate() =>
        Assert.Contains("No delegate was found", Assert.Throws<ManifestException>(() => MtlsManifest.Enable(Pod(Sidecar), Samples.Options)).Message, StringComparison.Ordinal);

    private static string Pod(params string[] containers) => $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: d
        spec:
          template:
            spec:
              containers:

        """.TrimEnd('\n') + "\n" + string.Join("\n", containers) + "\n";
}
