using Gatehouse.Manifests.Mtls;
using Gatehouse.Manifests.Tests.Support;
using k8s;
using k8s.Models;

namespace Gatehouse.Manifests.Tests.Mtls;

/// <summary>PyYAML, kubectl and Kubernetes' typed models read the manifests before and after, and see exactly what was meant to change.</summary>
public sealed class WhenOthersReadTheResult
{
    private const string Endpoint = "https://customer1.agent.example.io";

    [Theory]
    [InlineData("page.yaml")]
    [InlineData("own-names.yaml")]
    [InlineData("rendered-chart.yaml")]
    [InlineData("list.json")]
    [InlineData("list.yaml")]
    [InlineData("bare.yaml")]
    public async Task They_see_what_was_meant_to_change_and_nothing_else(string file)
    {
        var before = Samples.Read(file);
        var after = MtlsManifest.Enable(before, Samples.Options).Text;
        var expected = Expected[file].Order(StringComparer.Ordinal).ToArray();

        Assert.Equal(expected, Places(Witness.Differences(await Witness.PyYamlAsync(before), await Witness.PyYamlAsync(after))));
        Assert.Equal(
            expected.Select(line => line.Replace("/List:/items/", "/", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
            Places(Witness.Differences(await Witness.KubectlAsync(before), await Witness.KubectlAsync(after))));
    }

    [Fact]
    public void Typed_models_take_it_strictly()
    {
        foreach (var file in (string[])["page.yaml", "own-names.yaml", "rendered-chart.yaml", "bare.yaml"])
        {
            var objects = KubernetesYaml.LoadAllFromString(MtlsManifest.Enable(Samples.Read(file), Samples.Options with { Pair = new ClientPair("c", "k") }).Text, typeMap: null, strict: true);
            var deployment = objects.OfType<V1Deployment>().Single();
            var pod = deployment.Spec.Template.Spec;
            var container = pod.Containers.Last();
            var volume = Assert.Single(pod.Volumes, one => one.Secret is not null);
            Assert.Equal(("client-certificate", "client-certificate"), (volume.Name, volume.Secret.SecretName));
            Assert.True(volume.Secret.DefaultMode is 0x100 or 0x124, $"{volume.Secret.DefaultMode}");
            var mount = Assert.Single(container.VolumeMounts, one => one.Name == volume.Name);
            Assert.Equal(("/etc/mtls", true), (mount.MountPath, mount.ReadOnlyProperty));
            Assert.Equal(["client.crt", "client.key"], objects.OfType<V1Secret>().Single(secret => secret.Metadata.Name == "client-certificate").Data.Keys);
            foreach (var job in objects.OfType<V1CronJob>())
            {
                var upgrader = job.Spec.JobTemplate.Spec.Template.Spec;
                Assert.Contains(upgrader.Containers.Single().VolumeMounts, one => one.MountPath == "/etc/mtls");
                Assert.Contains(upgrader.Volumes, one => one.Secret?.SecretName == "client-certificate");
            }
        }
    }

    /// <summary>Place and value; the name of a new item is its place already, and two texts have tests of their own.</summary>
    private static string[] Places(SortedDictionary<string, string> differences) =>
    [
        .. differences
            .Where(one => !(one.Key.EndsWith("/name", StringComparison.Ordinal) && one.Value == $"\"{one.Key.Split('/')[^2]}\""))
            .Select(one => one.Key.EndsWith("/gatehouse/before-mtls", StringComparison.Ordinal) || one.Key.EndsWith("/config.yaml", StringComparison.Ordinal) ? one.Key : $"{one.Key} = {one.Value}")
            .Order(StringComparer.Ordinal),
    ];

    private static Dictionary<string, string[]> Expected { get; } = new()
    {
        ["page.yaml"] =
        [
            .. Workload("/Deployment:build-farm", "spec/template/spec", "delegate", mode: 256),
            "/Deployment:build-farm/metadata/annotations/gatehouse/before-mtls",
            .. Configuration("/ConfigMap:build-farm-upgrader-config"),
            .. Mount("/CronJob:build-farm-upgrader-job", "spec/jobTemplate/spec/template/spec", "upgrader", mode: 292),
        ],
        ["own-names.yaml"] =
        [
            .. Workload("/Deployment:ci-runner", "spec/template/spec", "runner", mode: 256),
            "/Deployment:ci-runner/metadata/annotations/gatehouse/before-mtls",
            "/Deployment:ci-runner/spec/template/spec/containers/runner/env/LOG_STREAMING_SERVICE_URL/valueFrom = (gone)",
            .. Configuration("/ConfigMap:keep-current-settings"),
            .. Mount("/CronJob:keep-current", "spec/jobTemplate/spec/template/spec", "main", mode: 292),
        ],
        ["rendered-chart.yaml"] =
        [
            "/ConfigMap:release/metadata/annotations/gatehouse/before-mtls",
            .. Variables.Select(one => $"/ConfigMap:release/data/{one.Name} = \"{one.Value}\""),
            .. Mount("/Deployment:release", "spec/template/spec", "delegate", mode: 256),
            "/Deployment:release/metadata/annotations/gatehouse/before-mtls",
            .. Configuration("/ConfigMap:release-upgrader-config"),
            .. Mount("/CronJob:release-upgrader", "spec/jobTemplate/spec/template/spec", "upgrader", mode: 292),
        ],
        ["list.json"] =
        [
            .. Workload("/List:/items/StatefulSet:delegate", "spec/template/spec", "delegate", mode: 292),
            "/List:/items/StatefulSet:delegate/metadata/annotations/gatehouse/before-mtls",
            .. Configuration("/List:/items/ConfigMap:upgrader"),
            .. Mount("/List:/items/CronJob:upgrader", "spec/jobTemplate/spec/template/spec", "upgrader", mode: 292),
        ],
        ["list.yaml"] =
        [
            .. Workload("/List:/items/Deployment:one", "spec/template/spec", "delegate", mode: 292),
            "/List:/items/Deployment:one/metadata/annotations/gatehouse/before-mtls",
            .. Workload("/List:/items/Deployment:two", "spec/template/spec", "delegate", mode: 292),
            .. Workload("/List:/items/Deployment:two", "spec/template/spec", "delegate-2", mode: null),
            "/List:/items/Deployment:two/metadata/annotations/gatehouse/before-mtls",
        ],
        ["bare.yaml"] = [.. Workload("/Deployment:bare", "spec/template/spec", "delegate", mode: 292), "/Deployment:bare/metadata/annotations/gatehouse/before-mtls"],
    };

    private static (string Name, string Value)[] Variables =>
    [
        ("DELEGATE_CLIENT_CERTIFICATE_KEY_PATH", "/etc/mtls/client.key"), ("DELEGATE_CLIENT_CERTIFICATE_PATH", "/etc/mtls/client.crt"), ("GRPC_AUTHORITY_MODIFICATION_DISABLED", "true"),
        ("LOG_STREAMING_SERVICE_URL", Endpoint + "/log-service/"), ("MANAGER_HOST_AND_PORT", Endpoint), ("TI_SERVICE_URL", Endpoint + "/ti-service/"),
    ];

    private static IEnumerable<string> Workload(string path, string pod, string container, int? mode) =>
        Mount(path, pod, container, mode).Concat(Variables.Select(one => $"{path}/{pod}/containers/{container}/env/{one.Name}/value = \"{one.Value}\""));

    private static IEnumerable<string> Mount(string path, string pod, string container, int? mode)
    {
        var place = $"{path}/{pod}/containers/{container}/volumeMounts/client-certificate";
        yield return $"{place}/mountPath = \"/etc/mtls\"";
        yield return $"{place}/readOnly = true";
        if (mode is not null)
        {
            var volume = $"{path}/{pod}/volumes/client-certificate";
            yield return $"{volume}/secret/defaultMode = {mode}";
            yield return $"{volume}/secret/secretName = \"client-certificate\"";
        }
    }

    private static IEnumerable<string> Configuration(string path) => [$"{path}/data/config.yaml", $"{path}/metadata/annotations/gatehouse/before-mtls"];
}
