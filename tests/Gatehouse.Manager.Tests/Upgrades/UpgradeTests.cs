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

    /// <summary>A delegate that cannot show a certificate would never come back to a STRICT account.</summary>
    [Fact]
    public async Task A_strict_account_is_offered_only_images_that_can_do_mutual_tls()
    {
        await using var host = await ManagerHost.StartAsync(configure: options => options.MtlsImages = ["registry.example.io/*"]);
        (string? Mode, string Image, bool IsOffered)[] table =
        [
            (null, "harness/delegate:latest", true),
            ("LOOSE", "harness/delegate:latest", true),
            ("STRICT", "harness/delegate:latest", false),
            ("STRICT", "harness/delegate", false),
            ("STRICT", "harness/delegate@sha256:0123", false),
            ("STRICT", "harness/delegate:26.03.88900", true),
            ("STRICT", "harness/delegate:26.03.88900.minimal-fips", true),
            ("STRICT", "registry.example.io/gatehouse-delegate:0.3.0", true),
            ("STRICT", "other.example.io/gatehouse-delegate:0.3.0", false),
        ];
        foreach (var rows in table.GroupBy(row => row.Mode))
        {
            var account = $"account-{rows.Key}";
            await host.CreateAccountAsync(account);
            var origin = rows.Key is null ? null : FakeOrigin.Mtls(account, (await host.EnableMtlsAsync(account, account.ToLowerInvariant(), rows.Key)).Fqdn);
            var worker = new TestDelegate(host, account, await host.CreateTokenAsync(account), origin);
            foreach (var row in rows)
            {
                host.Get<ManagerOptions>().DelegateImage = row.Image;
                foreach (var path in (string[])[Routes.Agent.UpgradeCheckDelegateV2, Routes.Agent.UpgradeCheckDelegate])
                {
                    using var response = await worker.SendAsync(HttpMethod.Get, path, null, "&currentDelegateImageTag=harness/delegate:26.02.88404");
                    if (row.IsOffered)
                        Assert.Equal(new UpgradeCheck(row.Image, true), (await response.Content.ReadFromJsonAsync(ContractsJson.Default.RestResponseUpgradeCheck))!.Resource);
                    else
                        await response.IsProtocolErrorAsync((HttpStatusCode)417, ProtocolErrorCode.FeatureUnavailable);
                }
            }
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
