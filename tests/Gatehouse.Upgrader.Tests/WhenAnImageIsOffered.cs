using System.Text.Json;
using System.Text.Json.Nodes;
using Gatehouse.Contracts;
using Gatehouse.Testing;
using Gatehouse.Upgrader.Tests.Support;
using k8s;
using k8s.Models;

namespace Gatehouse.Upgrader.Tests;

[Collection(nameof(GatehouseServer))]
public sealed class WhenAnImageIsOffered(GatehouseServer server)
{
    private const string New = "harness/delegate:26.03.88900";
    private const string NewUpgrader = "harness/upgrader:1.7.0";

    [Fact]
    public async Task The_fleet_of_a_strict_account_gets_it_though_no_delegate_is_in_and_nothing_else_changes()
    {
        var account = await server.AccountAsync(MtlsMode.STRICT);
        (server.Offers.DelegateImage, server.Offers.UpgraderImage) = (New, NewUpgrader);
        await using var pod = await UpgraderPod.StartAsync(server, account, server.Client);

        var run = await pod.RunAsync();

        Assert.Equal("", run.Error);
        Assert.Equal(
            $"upgraded: Deployment delegates/build-farm upgraded, {ClusterObjects.OldImage} -> {New}; CronJob delegates/build-farm-upgrader upgraded, {ClusterObjects.OldUpgrader} -> {NewUpgrader}", run.Line);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(0, await server.DelegatesAsync(account.Id));
        Assert.Equal(
            [
                $"GET {TestCluster.DeploymentPath}", $"PATCH {TestCluster.DeploymentPath}?fieldManager=gatehouse-upgrader",
                $"GET {TestCluster.CronJobPath}", $"PATCH {TestCluster.CronJobPath}?fieldManager=gatehouse-upgrader",
            ], pod.Cluster.Calls);
        Assert.Equal(Changed(ClusterObjects.Deployment(), 1, New), Comparable(pod.Cluster.Objects[TestCluster.DeploymentPath]));
        Assert.Equal(Changed(ClusterObjects.CronJob(), 0, NewUpgrader), Comparable(pod.Cluster.Objects[TestCluster.CronJobPath]));

        pod.Cluster.Conversation.Clear();
        run = await pod.RunAsync();
        Assert.Equal($"current: Deployment delegates/build-farm current, {New}; CronJob delegates/build-farm-upgrader current, {NewUpgrader}", run.Line);
        Assert.Equal(0, run.ExitCode);
        Assert.DoesNotContain(pod.Cluster.Calls, call => call.StartsWith("PATCH", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Kubectl_and_the_typed_models_make_the_same_of_the_patch()
    {
        (server.Offers.DelegateImage, server.Offers.UpgraderImage) = (New, null);
        await using var pod = await UpgraderPod.StartAsync(server, await server.AccountAsync(MtlsMode.LOOSE), server.Client);
        Assert.Equal(0, (await pod.RunAsync()).ExitCode);
        var patch = pod.Cluster.Conversation.Single(one => one.Call.StartsWith("PATCH", StringComparison.Ordinal)).Body;

        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory.File("before.json"), ClusterObjects.Deployment().ToJsonString(), TestContext.Current.CancellationToken);
        var patched = await CommandLine.MustAsync("kubectl", "patch", "--local", "--type=json", "-f", directory.File("before.json"), "-p", patch, "-o", "json");
        var after = pod.Cluster.Objects[TestCluster.DeploymentPath].ToJsonString();
        Assert.Equal(Images(KubernetesJson.Deserialize<V1Deployment>(after)), Images(KubernetesJson.Deserialize<V1Deployment>(patched)));
        Assert.Equal(["log-shipper fluent/fluent-bit:3.1", $"delegate {New}"], Images(KubernetesJson.Deserialize<V1Deployment>(patched)));

        // One whose containers have changed places is not touched by it.
        var other = ClusterObjects.Deployment();
        var containers = ClusterObjects.Containers(other);
        var first = containers[0]!;
        containers.RemoveAt(0);
        containers.Add(first);
        await File.WriteAllTextAsync(directory.File("other.json"), other.ToJsonString(), TestContext.Current.CancellationToken);
        var refused = await CommandLine.RunAsync("kubectl", ["patch", "--local", "--type=json", "-f", directory.File("other.json"), "-p", patch, "-o", "json"]);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("test", refused.All, StringComparison.Ordinal);

        static IEnumerable<string> Images(V1Deployment one) => one.Spec.Template.Spec.Containers.Select(container => $"{container.Name} {container.Image}");
    }

    [Theory, InlineData("dryRun: true"), InlineData("dryRun: false", "--dry-run")]
    public async Task A_dry_run_is_checked_by_the_cluster_and_changes_nothing(string line, params string[] words)
    {
        (server.Offers.DelegateImage, server.Offers.UpgraderImage) = (New, NewUpgrader);
        await using var pod = await UpgraderPod.StartAsync(server, await server.AccountAsync(MtlsMode.STRICT), server.Client);
        pod.Config[1] = line;
        var run = await pod.RunAsync(["--output", "json", .. words]);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains($"PATCH {TestCluster.DeploymentPath}?fieldManager=gatehouse-upgrader&dryRun=All", pod.Cluster.Calls);
        Assert.Contains($"PATCH {TestCluster.CronJobPath}?fieldManager=gatehouse-upgrader&dryRun=All", pod.Cluster.Calls);
        Assert.Equal(ClusterObjects.OldImage, pod.Cluster.ImageOf(TestCluster.DeploymentPath, 1));
        Assert.Equal(ClusterObjects.OldUpgrader, pod.Cluster.ImageOf(TestCluster.CronJobPath));
        using var json = JsonDocument.Parse(run.Line);
        var root = json.RootElement;
        Assert.Equal(("would_upgrade", true), (root.GetProperty("result").GetString(), root.GetProperty("dryRun").GetBoolean()));
        Assert.Equal(
            ("would_upgrade", "Deployment delegates/build-farm", "delegate", ClusterObjects.OldImage, New),
            (Of("result"), Of("workload"), Of("container"), Of("from"), Of("to")));
        string? Of(string name) => root.GetProperty("delegate").GetProperty(name).GetString();
    }

    [Fact]
    public async Task It_is_pulled_from_the_mirror_when_there_is_one()
    {
        (server.Offers.DelegateImage, server.Offers.UpgraderImage) = (New, "docker.example.io/harness/upgrader:1.7.0");
        await using var pod = await UpgraderPod.StartAsync(server, await server.AccountAsync(MtlsMode.STRICT), server.Client);
        pod.Config.Add("registryMirror: mirror.example.io:5000/hub");
        Assert.Equal(0, (await pod.RunAsync()).ExitCode);
        Assert.Equal("mirror.example.io:5000/hub/" + New, pod.Cluster.ImageOf(TestCluster.DeploymentPath, 1));
        Assert.Equal("mirror.example.io:5000/hub/harness/upgrader:1.7.0", pod.Cluster.ImageOf(TestCluster.CronJobPath));
        Assert.StartsWith("current: ", (await pod.RunAsync()).Line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_upgrader_outside_of_a_cronjob_looks_after_the_delegates_alone_and_says_so()
    {
        (server.Offers.DelegateImage, server.Offers.UpgraderImage) = (New, NewUpgrader);
        await using var pod = await UpgraderPod.StartAsync(server, await server.AccountAsync(null), null);
        pod.Variables["HOSTNAME"] = "toolbox";
        var run = await pod.RunAsync();
        Assert.Equal($"upgraded: Deployment delegates/build-farm upgraded, {ClusterObjects.OldImage} -> {New}; CronJob skipped", run.Line);
        Assert.Contains("Name it with --cron-job.", run.Error, StringComparison.Ordinal);
        Assert.Equal(0, run.ExitCode);

        run = await pod.RunAsync("--cron-job", "build-farm-upgrader");
        Assert.EndsWith($"CronJob delegates/build-farm-upgrader upgraded, {ClusterObjects.OldUpgrader} -> {NewUpgrader}", run.Line, StringComparison.Ordinal);
    }

    private static string Changed(JsonObject one, int container, string image)
    {
        ClusterObjects.Containers(one)[container]!["image"] = image;
        return Comparable(one);
    }

    /// <summary>Without the two numbers that the cluster raises with every change.</summary>
    private static string Comparable(JsonObject one)
    {
        var copy = (JsonObject)one.DeepClone();
        ((JsonObject)copy["metadata"]!).Remove("resourceVersion");
        ((JsonObject)copy["metadata"]!).Remove("generation");
        return copy.ToJsonString();
    }
}

[CollectionDefinition(nameof(GatehouseServer))]
public sealed class GatehouseServerGroup : ICollectionFixture<GatehouseServer>;
