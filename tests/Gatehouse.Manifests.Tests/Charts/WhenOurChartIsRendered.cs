using System.Security.Cryptography;
using Gatehouse.Manifests.Mtls;
using Gatehouse.Manifests.Tests.Support;
using Gatehouse.Manifests.Upgraders;
using Gatehouse.Testing;
using k8s;
using k8s.Models;

namespace Gatehouse.Manifests.Tests.Charts;

/// <summary>What Helm made of the chart is kept beside the values it was given, and read here by Kubernetes' typed models, by the check, and by who reads it in a cluster.</summary>
public sealed class WhenOurChartIsRendered
{
    public static TheoryData<string> Names => ChartFiles.Names;

    [Fact]
    public void What_is_kept_is_of_this_chart()
    {
        var present = ChartFiles.Present.Select(path => $"{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(SourceTree.Root, path))))}  {path}").Order(StringComparer.Ordinal);
        Assert.True(present.SequenceEqual(ChartFiles.Recorded), "The chart, its values files or what was rendered of them have changed since it was rendered. Run eng/chart-render.sh, and look at what changes.");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_check_finds_nothing_and_enabling_mutual_tls_changes_nothing(string name)
    {
        var manifest = ChartFiles.Rendered(name);
        var isOverridden = name == "everything";
        string[] images = name is "everything" or "own-images" ? ["registry.example.io/gatehouse/*"] : [];
        var endpoint = MtlsEndpoint.Parse(name == "tls-names" ? "https://customer1.agent.example.io:8443" : "https://customer1.agent.example.io");

        Assert.Empty(MtlsManifest.Check(manifest, new CheckOptions { Endpoint = endpoint, OverrideServiceUrls = isOverridden, AllowedImages = images }));
        Assert.Equal(manifest, MtlsManifest.Enable(manifest, new MtlsOptions
        {
            Endpoint = endpoint,
            OverrideServiceUrls = isOverridden,
            AllowedImages = images,
            Keys = name == "tls-names" ? SecretKeys.Tls : null,
            SecretName = name == "tls-names" ? "delegate-tls" : null,
        }).Text);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Typed_models_take_it_strictly_and_the_delegate_can_read_its_files_and_is_asked_how_it_is(string name)
    {
        var deployment = Objects(name).OfType<V1Deployment>().Single();
        var pod = deployment.Spec.Template.Spec;
        var container = Assert.Single(pod.Containers);
        var variables = container.Env.ToDictionary(one => one.Name);

        // The key's folder: for the user's group, without subPath.
        Assert.NotNull(pod.SecurityContext.FsGroup);
        Assert.Equal(name != "everything", pod.SecurityContext.RunAsNonRoot);
        Assert.Equal(pod.SecurityContext.RunAsUser != 0, pod.SecurityContext.RunAsNonRoot);
        var secret = pod.Volumes.Single(volume => volume.Name == "client-certificate").Secret;
        Assert.Equal(0x100, secret.DefaultMode);
        Assert.All(container.VolumeMounts.Where(mount => mount.MountPath != "/tmp"), mount => Assert.True(mount.ReadOnlyProperty == true && mount.SubPath is null));
        var keys = name == "tls-names" ? SecretKeys.Tls : SecretKeys.Documented;
        Assert.Equal($"/etc/mtls/{keys.Certificate}", variables["DELEGATE_CLIENT_CERTIFICATE_PATH"].Value);
        Assert.Equal($"/etc/mtls/{keys.Key}", variables["DELEGATE_CLIENT_CERTIFICATE_KEY_PATH"].Value);

        // Who has not joined replaces nobody, and nobody is killed because the manager is away.
        Assert.Equal(("/api/health", "/api/metrics"), (container.ReadinessProbe.HttpGet.Path, container.LivenessProbe.HttpGet.Path));
        Assert.Equal(variables["DELEGATE_HEALTH_PORT"].Value, $"{Assert.Single(container.Ports, port => port.Name == container.ReadinessProbe.HttpGet.Port.Value).ContainerPort}");
        Assert.Equal("0", deployment.Spec.Strategy.RollingUpdate.MaxUnavailable.Value);
        Assert.True(pod.TerminationGracePeriodSeconds > int.Parse(variables["DELEGATE_STOP_GRACE"].Value, System.Globalization.CultureInfo.InvariantCulture));

        Assert.Equal(("DELEGATE_TOKEN", null), (variables["DELEGATE_TOKEN"].ValueFrom.SecretKeyRef.Key, variables["DELEGATE_TOKEN"].Value));
        Assert.Equal(name == "everything" ? "false" : "true", variables["NEXT_GEN"].Value);
        Assert.Equal(name != "everything", variables.ContainsKey("TI_SERVICE_URL") && variables.ContainsKey("LOG_STREAMING_SERVICE_URL"));
        Assert.Equal(name == "upgrader", variables.ContainsKey("DELEGATE_CA_BUNDLE_DIR") && container.VolumeMounts.Any(mount => mount.MountPath == variables["DELEGATE_CA_BUNDLE_DIR"].Value));
        foreach (var (key, value) in deployment.Spec.Selector.MatchLabels)
        {
            Assert.Equal(value, deployment.Spec.Template.Metadata.Labels[key]);
        }
    }

    [Theory]
    [InlineData("upgrader")]
    [InlineData("tls-names")]
    [InlineData("everything")]
    [InlineData("own-images")]
    [InlineData("proxy-password")]
    public void The_upgrader_finds_its_deployment_and_may_touch_nothing_else(string name)
    {
        var objects = Objects(name);
        var job = objects.OfType<V1CronJob>().Single();
        var pod = job.Spec.JobTemplate.Spec.Template.Spec;
        var reading = UpgraderSettings.Read(objects.OfType<V1ConfigMap>().Single(map => map.Metadata.Name == pod.Volumes.Single(volume => volume.ConfigMap is not null).ConfigMap.Name).Data["config.yaml"]);

        Assert.Empty(reading.Problems.Concat(reading.Warnings));
        var deployment = objects.OfType<V1Deployment>().Single();
        Assert.Equal((deployment.Metadata.Name, deployment.Metadata.NamespaceProperty, deployment.Spec.Template.Spec.Containers.Single().Name), (reading.Settings!.WorkloadName, reading.Settings.Namespace, reading.Settings.ContainerName));
        Assert.Equal(deployment.Spec.Template.Spec.Containers.Single().Env.Single(one => one.Name == "ACCOUNT_ID").Value, reading.Settings.AccountId);
        // What the delegate trusts, the upgrader trusts; unless it is told otherwise.
        Assert.Equal(name switch { "upgrader" => "server-roots", "proxy-password" => "upgrader-roots", _ => null }, pod.Volumes.SingleOrDefault(volume => volume.Name == "server-ca")?.Secret.SecretName);
        Assert.Equal(name is "upgrader" or "proxy-password", pod.Containers.Single().VolumeMounts.Any(mount => mount.MountPath == "/ca-bundle"));

        var binding = objects.OfType<V1RoleBinding>().Single();
        Assert.Equal((pod.ServiceAccountName, pod.ServiceAccountName), (binding.Subjects.Single().Name, objects.OfType<V1ServiceAccount>().Single().Metadata.Name));
        var role = objects.OfType<V1Role>().Single(one => one.Metadata.Name == binding.RoleRef.Name);
        Assert.Equal(
            [$"apps/deployments/{deployment.Metadata.Name}: get patch", $"batch/cronjobs/{job.Metadata.Name}: get patch"],
            role.Rules.Select(rule => $"{rule.ApiGroups.Single()}/{rule.Resources.Single()}/{rule.ResourceNames.Single()}: {string.Join(' ', rule.Verbs)}"));
    }

    [Fact]
    public void The_upgrader_goes_the_delegates_way_out_unless_it_has_one_of_its_own()
    {
        Assert.Equal("http://proxy.example.io:3128", UpgraderVariables("own-images")["HTTPS_PROXY"].Value);
        Assert.Equal(".example.internal", UpgraderVariables("own-images")["NO_PROXY"].Value);
        Assert.Equal(("address", null), (UpgraderVariables("proxy-password")["HTTPS_PROXY"].ValueFrom.SecretKeyRef.Key, UpgraderSettingsOf("proxy-password").ProxyHost));

        // By parts they are keys of its configuration; its own NO_PROXY is in place of the delegate's, however it is written.
        var parts = UpgraderSettingsOf("everything");
        Assert.Equal(("http", "proxy.example.io", 3128), (parts.ProxyScheme, parts.ProxyHost, parts.ProxyPort));
        Assert.Equal(["NODE", "UPGRADER_TOKEN", "no_proxy"], UpgraderVariables("everything").Keys.Order(StringComparer.Ordinal));

        Assert.Contains("HTTPS_PROXY with the whole address, from a Secret: PROXY_PASSWORD", ChartFiles.Refusal("proxy-password"), StringComparison.Ordinal);
        Assert.Contains("name a Secret with the key UPGRADER_TOKEN", ChartFiles.Refusal("upgrader-token"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_upgrader_takes_the_images_that_were_allowed() =>
        Assert.Equal(["run", "--allow-image", "registry.example.io/gatehouse/*"], UpgraderContainer("own-images").Args);

    [Theory]
    [MemberData(nameof(Names))]
    public void Containers_may_do_nothing_beyond_their_users_rights(string name)
    {
        var objects = Objects(name);
        foreach (var pod in objects.OfType<V1Deployment>().Select(one => one.Spec.Template.Spec).Concat(objects.OfType<V1CronJob>().Select(one => one.Spec.JobTemplate.Spec.Template.Spec)))
        {
            var container = Assert.Single(pod.Containers);
            Assert.Equal("RuntimeDefault", pod.SecurityContext.SeccompProfile.Type);
            Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
            Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
            Assert.Equal(name == "everything" && container.Name == "delegate" ? ["CHOWN", "SETUID"] : null, container.SecurityContext.Capabilities.Add);

            // Where the rest is read-only, there is a folder for what the delegate writes.
            Assert.Equal(name == "everything", container.SecurityContext.ReadOnlyRootFilesystem);
            var scratch = container.VolumeMounts.SingleOrDefault(mount => mount.MountPath == "/tmp");
            Assert.Equal(name == "everything", scratch is not null && pod.Volumes.Single(volume => volume.Name == scratch.Name).EmptyDir is not null);
        }
    }

    [Fact]
    public async Task PyYaml_and_kubectl_read_it_alike()
    {
        var all = string.Join("\n---\n", ChartFiles.Names.Select(name => ChartFiles.Rendered(name)));
        var labelled = (await Witness.KubectlAsync(all)).AsArray();
        Assert.All(labelled, one => Assert.True(one!["metadata"]!["labels"]!.AsObject().Remove("gatehouse-test")));
        Assert.Empty(Witness.Differences(await Witness.PyYamlAsync(all), labelled));
    }

    [Fact]
    public void Without_an_upgrader_there_is_the_delegate_alone() => Assert.IsType<V1Deployment>(Assert.Single(Objects("strict")));

    private static V1Container UpgraderContainer(string name) => Objects(name).OfType<V1CronJob>().Single().Spec.JobTemplate.Spec.Template.Spec.Containers.Single();

    private static Dictionary<string, V1EnvVar> UpgraderVariables(string name) => UpgraderContainer(name).Env.ToDictionary(one => one.Name);

    private static UpgraderSettings UpgraderSettingsOf(string name) => UpgraderSettings.Read(Objects(name).OfType<V1ConfigMap>().Single().Data["config.yaml"]).Settings!;

    private static List<object> Objects(string name) => KubernetesYaml.LoadAllFromString(ChartFiles.Rendered(name), typeMap: null, strict: true);
}
