using System.Net.Http.Json;
using Gatehouse.Contracts;
using Gatehouse.Manager.Tests.Harness;

namespace Gatehouse.Manager.Tests.Readiness;

public sealed class ReadinessTests
{
    [Fact]
    public async Task Ready_when_everybody_seen_lately_came_with_a_certificate()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var token = await host.CreateTokenAsync("acme");
        Assert.False((await AskAsync(host)).Ready); // No endpoint.
        await host.EnableMtlsAsync("acme", "customer1");
        Assert.True((await AskAsync(host)).Ready);

        using var mtls = FakeOrigin.Mtls("acme", "customer1.agent.localhost");
        using var plain = FakeOrigin.PlainAt("acme", "customer1.agent.localhost");
        var secure = await TestDelegate.RegisteredAsync(host, "acme", token, mtls, "secure");
        var shared = await TestDelegate.RegisteredAsync(host, "acme", token, null, "over-shared-host");
        await TestDelegate.RegisteredAsync(host, "acme", token, plain, "without-certificate");
        var view = await AskAsync(host);
        Assert.Equal((false, 1), (view.Ready, view.DelegatesWithMtls));
        Assert.Equal(["over-shared-host", "without-certificate"], view.WouldBeBlocked.Select(worker => worker.Name));

        using var left = await shared.UnregisterAsync();
        host.Time.Advance(TimeSpan.FromDays(7) + TimeSpan.FromSeconds(1));
        using var beat = await secure.HeartbeatAsync();
        view = await AskAsync(host);
        Assert.Equal((true, 1), (view.Ready, view.DelegatesWithMtls));
        Assert.StartsWith("Ready", view.Summary, StringComparison.Ordinal);
    }

    private static async Task<ReadinessView> AskAsync(ManagerHost host) =>
        (await host.Operator.GetFromJsonAsync("/api/v1/accounts/acme/mtls/readiness", ContractsJson.Default.ReadinessView))!;
}
