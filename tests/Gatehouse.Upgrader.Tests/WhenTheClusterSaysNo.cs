using Gatehouse.Contracts;
using Gatehouse.Upgrader.Tests.Support;

namespace Gatehouse.Upgrader.Tests;

[Collection(nameof(GatehouseServer))]
public sealed class WhenTheClusterSaysNo(GatehouseServer server)
{
    private const string New = "harness/delegate:26.03.88900";

    [Theory]
    [InlineData("get deployments", "not_permitted", "cannot get resource \"deployments\"")]
    [InlineData("patch deployments", "not_permitted", "verbs [\"get\", \"patch\"] (here 'patch' failed)")]
    public async Task A_missing_permission_is_named_with_the_role_that_has_it(string missing, string result, string sentence)
    {
        await using var pod = await PodAsync();
        pod.Cluster.Permissions.Remove(missing);
        var run = await pod.RunAsync();
        Assert.Equal((1, true), (run.ExitCode, run.Line.StartsWith(result + ": Deployment", StringComparison.Ordinal)));
        Assert.Contains(sentence, run.Error, StringComparison.Ordinal);
        Assert.Contains("apiGroups [\"apps\"], resources [\"deployments\"]", run.Error, StringComparison.Ordinal);
        Assert.Equal(ClusterObjects.OldImage, pod.Cluster.ImageOf(TestCluster.DeploymentPath, 1));
    }

    [Fact]
    public async Task A_role_without_cronjobs_leaves_the_upgraders_own_image_to_others()
    {
        await using var pod = await PodAsync();
        pod.Cluster.Permissions.Remove("get cronjobs");
        var run = await pod.RunAsync();
        Assert.Equal(0, run.ExitCode);
        Assert.EndsWith("; CronJob delegates/build-farm-upgrader skipped", run.Line, StringComparison.Ordinal);
        Assert.Contains("resources [\"cronjobs\"]", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_is_not_accepted_ends_it()
    {
        await using var pod = await PodAsync();
        await File.WriteAllTextAsync(Path.Combine(pod.Cluster.ServiceAccount, "token"), "another", TestContext.Current.CancellationToken);
        var run = await pod.RunAsync();
        Assert.Equal((1, true), (run.ExitCode, run.Line.StartsWith("not_permitted: ", StringComparison.Ordinal)));
        Assert.Contains("The cluster's API answers 401", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_workload_or_container_that_is_not_there_is_named()
    {
        await using var pod = await PodAsync();
        pod.Config[4] = "containerName: agent";
        var run = await pod.RunAsync();
        Assert.Equal((1, true), (run.ExitCode, run.Line.StartsWith("not_found: ", StringComparison.Ordinal)));
        Assert.Contains("Deployment delegates/build-farm has no container 'agent', but 'log-shipper', 'delegate'. Correct 'containerName'", run.Error, StringComparison.Ordinal);

        pod.Config[2] = "workloadName: other";
        run = await pod.RunAsync();
        Assert.Equal((1, true), (run.ExitCode, run.Line.StartsWith("not_found: ", StringComparison.Ordinal)));
        Assert.Contains("deployments.apps \"other\" not found", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_edit_made_at_the_same_moment_stays()
    {
        await using var pod = await PodAsync();
        pod.Cluster.Meanwhile = one => ClusterObjects.Containers(one)[1]!["image"] = "harness/delegate:26.02.88500";
        var run = await pod.RunAsync();
        Assert.Equal((1, true), (run.ExitCode, run.Line.StartsWith("conflict: ", StringComparison.Ordinal)));
        Assert.Contains("its image is 'harness/delegate:26.02.88500' now. That stays", run.Error, StringComparison.Ordinal);
        Assert.Equal("harness/delegate:26.02.88500", pod.Cluster.ImageOf(TestCluster.DeploymentPath, 1));
    }

    [Fact]
    public async Task Containers_that_change_places_at_the_same_moment_keep_their_images()
    {
        await using var pod = await PodAsync();
        pod.Cluster.Meanwhile = one =>
        {
            pod.Cluster.Meanwhile = null;
            var containers = ClusterObjects.Containers(one);
            var first = containers[0]!;
            containers.RemoveAt(0);
            containers.Add(first);
        };
        var run = await pod.RunAsync();
        Assert.Equal((1, true), (run.ExitCode, run.Line.StartsWith("conflict: ", StringComparison.Ordinal)));
        Assert.Equal((ClusterObjects.OldImage, "fluent/fluent-bit:3.1"), (pod.Cluster.ImageOf(TestCluster.DeploymentPath), pod.Cluster.ImageOf(TestCluster.DeploymentPath, 1)));

        Assert.Equal(0, (await pod.RunAsync()).ExitCode);
        Assert.Equal((New, "fluent/fluent-bit:3.1"), (pod.Cluster.ImageOf(TestCluster.DeploymentPath), pod.Cluster.ImageOf(TestCluster.DeploymentPath, 1)));
    }

    [Fact]
    public async Task Somebody_who_made_the_same_change_is_no_conflict()
    {
        await using var pod = await PodAsync();
        pod.Cluster.Meanwhile = one => ClusterObjects.Containers(one)[1]!["image"] = New;
        var run = await pod.RunAsync();
        Assert.Equal((0, true), (run.ExitCode, run.Line.StartsWith($"current: Deployment delegates/build-farm current, {New};", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_change_that_is_not_taken_is_told_with_the_clusters_reason()
    {
        await using var pod = await PodAsync();
        pod.Cluster.Admission = _ => "spec.template.spec.containers[1].image: Forbidden: images come from registry.example.io only";
        var run = await pod.RunAsync();
        Assert.Equal((1, true), (run.ExitCode, run.Line.StartsWith("rejected: ", StringComparison.Ordinal)));
        Assert.Contains("images come from registry.example.io only", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_webhook_that_changes_the_image_is_noticed()
    {
        await using var pod = await PodAsync();
        pod.Cluster.Admission = one =>
        {
            ClusterObjects.Containers(one)[1]!["image"] = "cache.example.io/" + New;
            return null;
        };
        var run = await pod.RunAsync();
        Assert.Equal(0, run.ExitCode);
        Assert.Contains($"The cluster made 'cache.example.io/{New}' of '{New}': an admission webhook changes images.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_that_does_not_answer_or_is_another_one_is_told()
    {
        await using var pod = await PodAsync();
        File.Copy(server.Ca.Certificate, Path.Combine(pod.Cluster.ServiceAccount, "ca.crt"), overwrite: true);
        var run = await pod.RunAsync();
        Assert.Equal((1, true), (run.ExitCode, run.Line.StartsWith("cluster_unreachable: ", StringComparison.Ordinal)));
        Assert.Contains("is not one of the cluster's", run.Error, StringComparison.Ordinal);
        Assert.Empty(pod.Cluster.Conversation);

        pod.Variables["KUBERNETES_SERVICE_PORT"] = "1";
        run = await pod.RunAsync();
        Assert.Contains("The cluster's API does not answer: Nothing listens at https://127.0.0.1:1.", run.Error, StringComparison.Ordinal);
    }

    private async Task<UpgraderPod> PodAsync()
    {
        (server.Offers.DelegateImage, server.Offers.UpgraderImage) = (New, null);
        return await UpgraderPod.StartAsync(server, await server.AccountAsync(MtlsMode.STRICT), server.Client);
    }
}
