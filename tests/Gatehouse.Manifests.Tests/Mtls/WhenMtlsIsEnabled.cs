using Gatehouse.Manifests.Mtls;
using Gatehouse.Manifests.Tests.Support;

namespace Gatehouse.Manifests.Tests.Mtls;

public sealed class WhenMtlsIsEnabled
{
    private const string Endpoint = "https://customer1.agent.example.io";

    [Theory, MemberData(nameof(Samples.All), MemberType = typeof(Samples))]
    public void Twice_is_once(string file, string shape)
    {
        var once = MtlsManifest.Enable(Samples.Read(file, shape), Samples.Options);
        var twice = MtlsManifest.Enable(once.Text, Samples.Options);
        Assert.NotEmpty(once.Changes);
        Assert.Empty(twice.Changes);
        Assert.Equal(once.Text, twice.Text);
    }

    /// <summary>Line ends, byte order mark and a missing line end at the end make no difference to what is changed, and stay.</summary>
    [Theory, MemberData(nameof(Samples.All), MemberType = typeof(Samples))]
    public void The_shape_of_the_file_stays(string file, string shape)
    {
        var plain = MtlsManifest.Enable(Samples.Read(file), Samples.Options).Text;
        var shaped = MtlsManifest.Enable(Samples.Read(file, shape), Samples.Options).Text;
        Assert.Equal(
            shape switch { "CRLF" => plain.ReplaceLineEndings("\r\n"), "BOM" => "\uFEFF" + plain, "no line end" => plain.TrimEnd('\n'), _ => plain },
            shaped);
    }

    [Theory]
    [InlineData("page.yaml", 3)]
    [InlineData("own-names.yaml", 8)]
    [InlineData("list.yaml", 2)]
    [InlineData("rendered-chart.yaml", 3)]
    [InlineData("bare.yaml", 0)]
    public void Only_the_lines_that_must_change_do(string file, int gone)
    {
        var before = Samples.Read(file).Split('\n');
        var after = MtlsManifest.Enable(Samples.Read(file), Samples.Options).Text.Split('\n');
        var kept = LongestCommonSubsequence(before, after);
        // The rest is in both, in this order: comments, quotes and blank lines with it.
        Assert.Equal(gone, before.Length - kept);
    }

    [Fact]
    public void Comments_and_quotes_in_changed_lines_stay()
    {
        var text = MtlsManifest.Enable(Samples.Read("page.yaml"), Samples.Options).Text;
        Assert.Contains($"          value: {Endpoint}   # the shared host\n", text, StringComparison.Ordinal);
        Assert.Contains($"          value: \"{Endpoint}/log-service/\"\n", text, StringComparison.Ordinal);
        Assert.Contains("echo \"MANAGER_HOST_AND_PORT: https://not-this.example.io\"", text, StringComparison.Ordinal);
        Assert.Contains($"managerHost: '{Endpoint}' # was app2\n", MtlsManifest.Enable(Samples.Read("own-names.yaml"), Samples.Options).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void With_the_flag_the_service_addresses_are_left_alone()
    {
        var text = MtlsManifest.Enable(Samples.Read("page.yaml"), Samples.Options with { OverrideServiceUrls = true }).Text;
        Assert.Contains("value: \"https://app.example.io/log-service/\"\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("TI_SERVICE_URL", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_mode_lets_the_containers_user_read()
    {
        // The sample runs as root, and its upgrader as whoever the image says.
        var page = MtlsManifest.Enable(Samples.Read("page.yaml"), Samples.Options).Text;
        Assert.Contains("      volumes:\n      - name: client-certificate\n        secret:\n          secretName: client-certificate\n          defaultMode: 256 # 0400 in octal\n", page, StringComparison.Ordinal);
        Assert.Contains("                secretName: client-certificate\n                defaultMode: 292 # 0444 in octal\n", page, StringComparison.Ordinal);

        // With fsGroup the group may read whatever the mode says.
        Assert.Contains("defaultMode: 256", MtlsManifest.Enable(Samples.Read("own-names.yaml"), Samples.Options).Text, StringComparison.Ordinal);
        var nonRoot = Samples.Read("page.yaml").Replace("runAsUser: 0", "runAsUser: 1001", StringComparison.Ordinal);
        Assert.DoesNotContain("defaultMode: 256", MtlsManifest.Enable(nonRoot, Samples.Options).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_done_by_the_pages_steps_is_kept_and_its_mode_put_right()
    {
        var options = Samples.Options with { SecretName = "pair" };
        var byHand = MtlsManifest.Enable(Samples.Read("page.yaml"), options).Text.Replace("256 # 0400 in octal", "400", StringComparison.Ordinal);
        var again = MtlsManifest.Enable(byHand, Samples.Options);
        Assert.Equal(["Deployment 'build-farm': the mode of volume 'client-certificate' was 400, a decimal number, which is 0620 in octal; it is 0400 in octal now"], again.Changes);
        Assert.Equal(MtlsManifest.Enable(Samples.Read("page.yaml"), options).Text, again.Text);
    }

    [Theory]
    [InlineData("runAsUser: 1001", "256 # 0400 in octal")]
    [InlineData("runAsUser: 1001", "0600")]
    [InlineData("privileged: false", "256 # 0400 in octal")]
    public void A_mode_that_the_user_cannot_read_with_is_put_right(string user, string mode)
    {
        var enabled = MtlsManifest.Enable(Samples.Read("page.yaml"), Samples.Options).Text;
        var unreadable = enabled.Replace("runAsUser: 0", user, StringComparison.Ordinal).Replace("256 # 0400 in octal", mode, StringComparison.Ordinal);
        Assert.Contains(MtlsManifest.Check(unreadable, new CheckOptions()), one => one.Code.StartsWith("delegate_mode_", StringComparison.Ordinal));
        var again = MtlsManifest.Enable(unreadable, Samples.Options);
        Assert.Contains("with which only root can read its files; it is 0444 in octal now", Assert.Single(again.Changes), StringComparison.Ordinal);
        Assert.Empty(MtlsManifest.Check(again.Text, new CheckOptions()));
    }

    [Fact]
    public void Key_names_and_secret_are_those_asked_for_and_then_those_in_use()
    {
        var tls = MtlsManifest.Enable(Samples.Read("page.yaml"), Samples.Options with { SecretName = "from-cert-manager", Keys = SecretKeys.Tls });
        Assert.Contains("value: /etc/mtls/tls.crt\n", tls.Text, StringComparison.Ordinal);
        Assert.Contains("clientCertificateKeyFilePath: /etc/mtls/tls.key\n", tls.Text, StringComparison.Ordinal);
        Assert.Equal([new MountedSecret("delegates-ng", "from-cert-manager", SecretKeys.Tls, IsInManifest: false)], tls.Secrets);
        Assert.Equal("kubectl create secret -n delegates-ng tls from-cert-manager --cert tls.crt --key tls.key", KubectlCommand.CreateSecret(tls.Secrets[0]));

        Assert.Empty(MtlsManifest.Enable(tls.Text, Samples.Options).Changes);
        var back = MtlsManifest.Enable(tls.Text, Samples.Options with { SecretName = "client-certificate", Keys = SecretKeys.Documented }).Text;
        Assert.Equal(MtlsManifest.Enable(Samples.Read("page.yaml"), Samples.Options).Text, back);
    }

    [Fact]
    public void The_secret_can_be_part_of_the_manifest()
    {
        var pair = new ClientPair("certificate\n", "key\n");
        foreach (var file in (string[])["page.yaml", "list.yaml", "list.json", "bare.yaml"])
        {
            var with = MtlsManifest.Enable(Samples.Read(file), Samples.Options with { Pair = pair });
            Assert.All(with.Secrets, secret => Assert.True(secret.IsInManifest));
            Assert.Contains("Y2VydGlmaWNhdGUK", with.Text, StringComparison.Ordinal);
            Assert.Empty(MtlsManifest.Enable(with.Text, Samples.Options with { Pair = pair }).Changes);
            Assert.Equal(with.Text.Replace("Y2VydGlmaWNhdGUK", "bmV3ZXIK", StringComparison.Ordinal), MtlsManifest.Enable(with.Text, Samples.Options with { Pair = pair with { CertificatePem = "newer\n" } }).Text);
        }
    }

    [Fact]
    public void What_is_secret_can_be_hidden_from_the_difference()
    {
        var before = Samples.Read("list.json");
        var change = MtlsManifest.Enable(before, Samples.Options with { Pair = new ClientPair("certificate", "private key") });
        var difference = Gatehouse.Manifests.Text.UnifiedDiff.Of("list.json", before, change.Text);
        Assert.Contains("0123456789abcdef0123456789abcdef", difference, StringComparison.Ordinal);
        Assert.Contains(Convert.ToBase64String("private key"u8), difference, StringComparison.Ordinal);
        var hidden = change.Hide(difference);
        Assert.DoesNotContain("0123456789abcdef0123456789abcdef", hidden, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String("private key"u8), hidden, StringComparison.Ordinal);
        Assert.Contains("\"client.key\": \"(not shown)\"", hidden, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_that_looks_like_a_secret_is_shown_wherever_it_stands()
    {
        const string Before = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: d}
            spec:
              template:
                spec:
                  initContainers:
                  - name: wait
                    image: busybox
                    env: [{name: WAIT_PASSWORD, value: hidden-one}]
                  containers:
                  - name: delegate
                    image: harness/delegate:26.02.88404
                    env: [{name: HTTPS_PROXY, value: "http://user:hidden-two@proxy:3128"}, {name: A, value: "http:\/\/u:two@proxy"}]
                    envFrom: [{configMapRef: {name: c}}]
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: c}
            data:
              DELEGATE_TOKEN: hidden-three
              proxyPassword: hidden-four
              NO_PROXY: not-hidden
              MANAGER_HOST_AND_PORT: https://app.example.io
            """;
        var change = MtlsManifest.Enable(Before, Samples.Options);
        var shown = change.Hide(Gatehouse.Manifests.Text.UnifiedDiff.Of("d.yaml", "", change.Text));
        Assert.DoesNotContain("hidden-one", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("two@", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden-three", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden-four", shown, StringComparison.Ordinal);
        Assert.Contains("value: \"http://(not shown)@proxy:3128\"", shown, StringComparison.Ordinal);
        Assert.Contains("NO_PROXY: not-hidden", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reference_into_the_same_file_is_followed()
    {
        const string Text = """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: addresses}
            data: {manager: https://app.example.io}
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: d}
            spec:
              template:
                spec:
                  containers:
                  - name: delegate
                    image: harness/delegate:26.02.88404
                    env:
                    - name: MANAGER_HOST_AND_PORT
                      valueFrom: {configMapKeyRef: {name: addresses, key: manager}}
            """;
        var text = MtlsManifest.Enable(Text, Samples.Options).Text;
        Assert.Contains($"data: {{manager: {Endpoint}}}\n", text, StringComparison.Ordinal);
        Assert.Contains("valueFrom: {configMapKeyRef: {name: addresses, key: manager}}\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_alias_in_a_value_is_written_out_and_its_anchor_stays()
    {
        var text = Samples.Read("page.yaml")
            .Replace("value: https://app.example.io   #", "value: *host   #", StringComparison.Ordinal)
            .Replace("value: \"-Xms64M\"", "value: &host https://app.example.io", StringComparison.Ordinal);
        var enabled = MtlsManifest.Enable(text, Samples.Options).Text;
        Assert.Contains($"value: {Endpoint}   #", enabled, StringComparison.Ordinal);
        Assert.Contains("value: &host https://app.example.io\n", enabled, StringComparison.Ordinal);
    }

    [Fact]
    public void What_would_change_another_place_too_is_refused()
    {
        // The value is anchored in the manager's address and used for something else as well.
        var text = Samples.Read("page.yaml")
            .Replace("value: https://app.example.io   #", "value: &host https://app.example.io   #", StringComparison.Ordinal)
            .Replace("value: KUBERNETES\n", "value: *host\n", StringComparison.Ordinal);
        var e = Assert.Throws<ManifestException>(() => MtlsManifest.Enable(text, Samples.Options));
        Assert.Contains("would alter more than it should: document 3, 'spec.template.spec.containers[0].env[3].value'", e.Message, StringComparison.Ordinal);
        Assert.False(e.IsRefusal);
    }

    private static int LongestCommonSubsequence(string[] one, string[] other)
    {
        var lengths = new int[one.Length + 1, other.Length + 1];
        for (var i = one.Length - 1; i >= 0; i--)
        {
            for (var j = other.Length - 1; j >= 0; j--)
            {
                lengths[i, j] = one[i] == other[j] ? lengths[i + 1, j + 1] + 1 : Math.Max(lengths[i + 1, j], lengths[i, j + 1]);
            }
        }

        return lengths[0, 0];
    }
}
