using Gatehouse.Manifests.Mtls;
using Gatehouse.Manifests.Tests.Support;

namespace Gatehouse.Manifests.Tests.Mtls;

public sealed class WhenAManifestIsChecked
{
    private static readonly string s_good = MtlsManifest.Enable(Samples.Read("page.yaml"), Samples.Options with { Pair = new ClientPair("-----BEGIN CERTIFICATE-----", "-----BEGIN PRIVATE KEY-----") }).Text;

    [Theory, MemberData(nameof(Samples.All), MemberType = typeof(Samples))]
    public void What_enable_mtls_made_is_in_order_and_what_it_was_before_is_not(string file, string shape)
    {
        var options = new CheckOptions { Endpoint = Samples.Options.Endpoint };
        Assert.Empty(Errors(MtlsManifest.Enable(Samples.Read(file, shape), Samples.Options).Text, options));
        Assert.NotEmpty(Errors(Samples.Read(file, shape), new CheckOptions()));
        // Another endpoint than the account's.
        Assert.Contains("manager_other", Errors(MtlsManifest.Enable(Samples.Read(file, shape), Samples.Options).Text, options with { Endpoint = MtlsEndpoint.Parse("https://customer2.agent.example.io") }));
    }

    [Theory]
    [InlineData("value: https://customer1.agent.example.io   #", "value: http://customer1.agent.example.io   #", "manager_http")]
    [InlineData("value: https://customer1.agent.example.io   #", "value: https://customer1.agent.example.io/   #", "manager_slash")]
    [InlineData("value: https://customer1.agent.example.io   #", "value: https://<subdomain>.agent.example.io   #", "manager_placeholder")]
    [InlineData("value: https://customer1.agent.example.io   #", "value: customer1.agent.example.io   #", "manager_address")]
    [InlineData("- name: MANAGER_HOST_AND_PORT", "- name: MANAGER", "manager_missing")]
    [InlineData("example.io/log-service/\"", "example.io//log-service/\"", "log_service_double_slash")]
    [InlineData("example.io/log-service/\"", "example.io/log-service\"", "log_service_slash")]
    [InlineData("customer1.agent.example.io/log-service/\"", "app.example.io/log-service/\"", "log_service_other")]
    [InlineData("- name: TI_SERVICE_URL", "- name: TI_SERVICE", "ti_service_missing")]
    [InlineData("- name: DELEGATE_CLIENT_CERTIFICATE_PATH", "- name: CERTIFICATE_PATH", "certificate_variable_missing")]
    [InlineData("- name: DELEGATE_CLIENT_CERTIFICATE_KEY_PATH", "- name: KEY_PATH", "key_variable_missing")]
    [InlineData("value: /etc/mtls/client.crt", "value: /etc/tls/client.crt", "delegate_not_mounted")]
    [InlineData("value: /etc/mtls/client.key", "value: /etc/mtls/tls.key", "delegate_secret_key_missing")]
    [InlineData("defaultMode: 256 # 0400 in octal", "defaultMode: 400", "delegate_mode_decimal")]
    [InlineData("runAsUser: 0", "runAsUser: 1001", "delegate_mode_unreadable")]
    [InlineData("runAsUser: 0", "runAsNonRoot: true", "delegate_mode_unreadable")]
    [InlineData("      - name: client-certificate\n        secret:\n", "      - name: certificate\n        secret:\n", "delegate_volume_missing")]
    [InlineData("    mountPath: /etc/mtls\n", "    mountPath: /etc/tls\n", "upgrader_not_mounted")]
    [InlineData("managerHost: https://", "managerHost: http://", "upgrader_manager_http")]
    [InlineData("      managerHost: https://customer1.agent.example.io", "      host: https://customer1.agent.example.io", "upgrader_manager_missing")]
    [InlineData("    clientCertificateFilePath:", "      clientCertificateFilePath:", "upgrader_key_missing")]
    [InlineData("harness/delegate:26.02.88404", "harness/delegate:latest", "image_legacy")]
    [InlineData("DELEGATE_TOKEN: \"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\"", "DELEGATE_TOKEN: \"PUT_YOUR_DELEGATE_TOKEN\"", "token_placeholder")]
    [InlineData("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "UFVUX1lPVVJfREVMRUdBVEVfVE9LRU4=", "token_placeholder")]
    [InlineData("value: kmpySmUISimoRrJL6NL73w", "value: <account ID>", "placeholder")]
    [InlineData("client.crt: LS0t", "client.crt: \"{CERT}\" #", "delegate_secret_not_base64")]
    [InlineData("client.crt: LS0t", "client.crt: TFMwdA== #", "delegate_secret_content")]
    [InlineData("client.crt: LS0t", "tls.crt: LS0t", "delegate_secret_key_missing")]
    [InlineData("- name: DEPLOY_MODE\n          value: KUBERNETES", "- name: PRECHECK_CONN\n          value: \"true\"", "precheck_conn")]
    [InlineData("kind: Deployment", "kind: StatefulSet", "stateful_set")]
    public void Each_fault_has_a_name(string right, string wrong, string code)
    {
        Assert.Empty(Errors(s_good, new CheckOptions()));
        var broken = right.StartsWith("    mountPath", StringComparison.Ordinal) ? ReplaceLast(s_good, "mountPath: /etc/mtls", "mountPath: /etc/tls") : s_good.Replace(right, wrong, StringComparison.Ordinal);
        Assert.NotEqual(s_good, broken);
        Assert.Contains(code, Errors(broken, new CheckOptions()));
    }

    [Theory]
    [InlineData("defaultMode: 292 # 0444 in octal", "defaultMode: 0400", "upgrader_mode_root_only")]
    [InlineData("GRPC_AUTHORITY_MODIFICATION_DISABLED", "GRPC_AUTHORITY", "grpc_variable_missing")]
    [InlineData("- mountPath: /etc/mtls", "- subPath: pair\n          mountPath: /etc/mtls", "delegate_sub_path")]
    [InlineData("- name: DEPLOY_MODE\n          value: KUBERNETES", "- name: TRUST_ALL_CERTIFICATES\n          value: \"true\"", "trust_all_certificates")]
    [InlineData("\"create\", \"update\", \"patch\"", "\"create\", \"update\"", "upgrader_may_not")]
    [InlineData("resources: [\"cronjobs\"]", "resources: [\"jobs\"]", "upgrader_may_not")]
    [InlineData("  resources: [\"deployments\"]", "  resources: [\"deployments\"]\n  resourceNames: [\"other\"]", "upgrader_may_not")]
    [InlineData("kind: RoleBinding", "kind: RoleBond", "upgrader_may_not")]
    [InlineData("serviceAccountName: upgrader-cronjob-sa", "serviceAccountName: another", "upgrader_may_not")]
    public void What_works_and_should_be_known_is_a_warning(string right, string wrong, string code)
    {
        var at = s_good.IndexOf(right, StringComparison.Ordinal);
        var findings = MtlsManifest.Check(s_good[..at] + wrong + s_good[(at + right.Length)..], new CheckOptions());
        Assert.Equal([code], findings.Select(one => one.Code).Distinct());
        Assert.All(findings, one => Assert.False(one.IsError));
    }

    [Theory]
    [InlineData("  name: upgrader-cronjob\n  apiGroup", "  name: somewhere-else\n  apiGroup")]
    [InlineData("verbs: [\"get\", \"list\", \"watch\", \"create\", \"update\", \"patch\"]", "verbs: [\"*\"]")]
    [InlineData("  resources: [\"deployments\"]", "  resources: [\"deployments\"]\n  resourceNames: [\"build-farm\"]")]
    public void A_role_that_does_or_that_stands_elsewhere_is_believed(string right, string wrong)
    {
        var at = s_good.IndexOf(right, StringComparison.Ordinal);
        Assert.Empty(MtlsManifest.Check(s_good[..at] + wrong + s_good[(at + right.Length)..], new CheckOptions()));
    }

    [Fact]
    public void With_the_flag_the_service_addresses_do_not_count()
    {
        var text = MtlsManifest.Enable(Samples.Read("page.yaml"), Samples.Options with { OverrideServiceUrls = true }).Text;
        Assert.NotEmpty(Errors(text, new CheckOptions()));
        Assert.Empty(Errors(text, new CheckOptions { OverrideServiceUrls = true }));
    }

    [Theory]
    [InlineData("configMapRef", "prefix: ''", "https://customer1.agent.example.io", true)]
    [InlineData("configMapRef", "prefix: MANAGER_", "https://customer1.agent.example.io", false)]
    // A Secret elsewhere holds the token, as a rule, and not what mutual TLS needs.
    [InlineData("secretRef", "prefix: ''", "https://customer1.agent.example.io", false)]
    [InlineData("configMapRef", "prefix: ''", null, true)]
    [InlineData("secretRef", "prefix: ''", null, true)]
    public void What_an_environment_outside_of_the_file_may_set_is_a_warning(string reference, string prefix, string? manager, bool isElsewhere)
    {
        var text = $$"""
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: d}
            spec:
              template:
                spec:
                  containers:
                  - name: delegate
                    image: harness/delegate:26.02.88404
                    envFrom:
                    - {{prefix}}
                      {{reference}}: {name: outside}
                    env:
                    - name: {{(manager is null ? "ACCOUNT_ID" : "MANAGER_HOST_AND_PORT")}}
                      value: {{manager ?? "acme"}}
                    volumeMounts: [{name: pair, mountPath: /etc/pair}]
                  volumes: [{name: pair, secret: {secretName: pair} }]
            """;
        var findings = MtlsManifest.Check(text, new CheckOptions());
        Assert.Equal(isElsewhere, findings.All(one => !one.IsError));
        Assert.Equal(isElsewhere, findings.Any(one => one.Code == "variables_elsewhere"));
        Assert.Equal(manager is null, findings.Any(one => one.Code == "manager_elsewhere"));

        // With no mount at all the files are nowhere.
        Assert.Contains("delegate_not_mounted", Errors(text.Replace("volumeMounts: [{name: pair, mountPath: /etc/pair}]", "tty: false", StringComparison.Ordinal), new CheckOptions()));
    }

    [Theory]
    [InlineData("400", 400)]
    [InlineData("0400", 256)]
    [InlineData("0o400", 256)]
    [InlineData("256", 256)]
    [InlineData("x", null)]
    [InlineData("0900", null)]
    public void A_mode_is_read_as_kubectl_reads_it(string text, int? mode) => Assert.Equal(mode, Kubernetes.SecretFileMode.Parse(text));

    private static string[] Errors(string manifest, CheckOptions options) => [.. MtlsManifest.Check(manifest, options).Where(one => one.IsError).Select(one => one.Code)];

    private static string ReplaceLast(string text, string right, string wrong)
    {
        var at = text.LastIndexOf(right, StringComparison.Ordinal);
        return text[..at] + wrong + text[(at + right.Length)..];
    }
}
