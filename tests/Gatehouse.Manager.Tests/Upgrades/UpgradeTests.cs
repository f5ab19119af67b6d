using System.Net;
using System.Net.Http.Json;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Manager.Tests.Harness;

namespace Gatehouse.Manager.Tests.Upgrades;

public sealed class UpgradeTests
{
    [Theory]
    [InlineData(Routes.Agent.UpgradeCheckDelegateV2, "currentDelegateImageTag", "harness/delegate:24.10.84200")]
    [InlineData(Routes.Agent.UpgradeCheckDelegate, "currentDelegateImageTag", "harness/delegate:24.10.84200")]
    [InlineData(Routes.Agent.UpgradeCheckUpgrader, "currentUpgraderImageTag", "harness/upgrader:1.2.3")]
    public async Task The_whole_reference_is_compared(string path, string parameter, string offered)
    {
        await using var host = await ManagerHost.StartAsync(configure: options => (options.DelegateImage, options.UpgraderImage) = ("harness/delegate:24.10.84200", "harness/upgrader:1.2.3"));
        await host.CreateAccountAsync("acme");
        var worker = new TestDelegate(host, "acme", await host.CreateTokenAsync("acme"));
        Assert.Equal(new UpgradeCheck(offered, true), await AskAsync("old:1"));
        Assert.Equal(new UpgradeCheck(offered, false), await AskAsync(offered));
        using var missing = await worker.SendAsync(HttpMethod.Get, path);
        await missing.IsProtocolErrorAsync(HttpStatusCode.BadRequest, ProtocolErrorCode.InvalidRequest);

        async Task<UpgradeCheck> AskAsync(string current)
        {
            using var response = await worker.SendAsync(HttpMethod.Get, path, null, $"&{parameter}={current}");
            return (await response.Content.ReadFromJsonAsync(ContractsJson.Default.RestResponseUpgradeCheck))!.Resource!;
        }
    }

    [Fact]
    public async Task Without_an_image_there_is_a_sentence()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var worker = new TestDelegate(host, "acme", await host.CreateTokenAsync("acme"));
        using var response = await worker.SendAsync(HttpMethod.Get, Routes.Agent.UpgradeCheckDelegateV2, null, "&currentDelegateImageTag=a:1");
        await response.IsProtocolErrorAsync((HttpStatusCode)417, ProtocolErrorCode.FeatureUnavailable);
    }
}
