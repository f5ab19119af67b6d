using Gatehouse.Contracts;
using Gatehouse.Upgrader.Tests.Support;

namespace Gatehouse.Upgrader.Tests;

[Collection(nameof(GatehouseServer))]
public sealed class WhenMutualTlsDecides(GatehouseServer server)
{
    private const string Legacy = "harness/delegate:latest";

    [Fact]
    public async Task A_strict_account_is_offered_no_image_that_cannot_do_it()
    {
        (server.Offers.DelegateImage, server.Offers.UpgraderImage, server.Offers.MtlsImages) = (Legacy, null, []);
        await using var pod = await UpgraderPod.StartAsync(server, await server.AccountAsync(MtlsMode.STRICT), server.Client);
        var run = await pod.RunAsync();
        Assert.Equal((1, $"nothing_offered: Deployment delegates/build-farm nothing_offered, {ClusterObjects.OldImage}; CronJob delegates/build-farm-upgrader skipped, {ClusterObjects.OldUpgrader}"), (run.ExitCode, run.Line));
        Assert.Contains("has the tag 'latest' and cannot do mutual TLS, so it is not offered", run.Error, StringComparison.Ordinal);
        Assert.Equal(ClusterObjects.OldImage, pod.Cluster.ImageOf(TestCluster.DeploymentPath, 1));
    }

    [Fact]
    public async Task A_loose_account_whose_upgrader_has_a_certificate_takes_none_either()
    {
        (server.Offers.DelegateImage, server.Offers.UpgraderImage) = (Legacy, null);
        await using var pod = await UpgraderPod.StartAsync(server, await server.AccountAsync(MtlsMode.LOOSE), server.Client);
        var run = await pod.RunAsync();
        Assert.Equal((1, true), (run.ExitCode, run.Line.StartsWith($"refused: Deployment delegates/build-farm refused, {ClusterObjects.OldImage} -> {Legacy};", StringComparison.Ordinal)));
        Assert.Contains("the delegates would be shut out", run.Error, StringComparison.Ordinal);
        Assert.Equal(ClusterObjects.OldImage, pod.Cluster.ImageOf(TestCluster.DeploymentPath, 1));

        // One's own image is named by pattern.
        Assert.Equal(0, (await pod.RunAsync("--allow-image", "harness/*")).ExitCode);
        Assert.Equal(Legacy, pod.Cluster.ImageOf(TestCluster.DeploymentPath, 1));
    }

    [Theory, InlineData(null), InlineData(MtlsMode.LOOSE)]
    public async Task Where_no_certificate_is_needed_or_shown_any_image_is_taken(MtlsMode? mode)
    {
        (server.Offers.DelegateImage, server.Offers.UpgraderImage) = (Legacy, null);
        await using var pod = await UpgraderPod.StartAsync(server, await server.AccountAsync(mode), null);
        Assert.Equal(0, (await pod.RunAsync()).ExitCode);
        Assert.Equal(Legacy, pod.Cluster.ImageOf(TestCluster.DeploymentPath, 1));
    }

    [Fact]
    public async Task An_upgrader_without_a_certificate_is_turned_away_from_a_strict_account_and_changes_nothing()
    {
        (server.Offers.DelegateImage, server.Offers.UpgraderImage) = (Legacy, null);
        await using var pod = await UpgraderPod.StartAsync(server, await server.AccountAsync(MtlsMode.STRICT), null);
        var run = await pod.RunAsync();
        Assert.Equal((1, $"turned_away: Deployment delegates/build-farm turned_away, {ClusterObjects.OldImage}; CronJob skipped"), (run.ExitCode, run.Line));
        Assert.Contains("client_certificate_required", run.Error, StringComparison.Ordinal);
        Assert.Single(pod.Cluster.Conversation);
    }

    [Fact]
    public async Task One_with_a_strangers_certificate_is_turned_away_with_the_reason()
    {
        (server.Offers.DelegateImage, server.Offers.UpgraderImage) = ("harness/delegate:26.03.88900", null);
        await using var pod = await UpgraderPod.StartAsync(server, await server.AccountAsync(MtlsMode.LOOSE), server.Stranger);
        var run = await pod.RunAsync("--output=json");
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("""{"result":"turned_away",""", run.Line, StringComparison.Ordinal);
        Assert.Contains("certificate_unknown_ca", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_manager_that_does_not_answer_and_one_that_is_not_believed_are_told_apart()
    {
        await using var pod = await UpgraderPod.StartAsync(server, await server.AccountAsync(MtlsMode.LOOSE), server.Client);
        pod.Variables["UPGRADER_CA_BUNDLE_DIR"] = pod.Cluster.ServiceAccount + "/none";
        var run = await pod.RunAsync();
        Assert.Equal((1, true), (run.ExitCode, run.Line.StartsWith("manager_unreachable: ", StringComparison.Ordinal)));
        Assert.Contains("is not trusted", run.Error, StringComparison.Ordinal);
        Assert.Contains("(UPGRADER_CA_BUNDLE_DIR)", run.Error, StringComparison.Ordinal);

        pod.Config[7] = "  managerHost: https://localhost:1";
        run = await pod.RunAsync();
        Assert.Contains("Nothing listens at https://localhost:1", run.Error, StringComparison.Ordinal);
    }
}
