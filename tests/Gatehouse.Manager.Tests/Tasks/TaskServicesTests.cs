using System.Net.Http.Json;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Manager.Tests.Harness;

namespace Gatehouse.Manager.Tests.Tasks;

/// <summary>Which service addresses a task is told, by flag, mode and way in.</summary>
public sealed class TaskServicesTests
{
    private const string Fqdn = "customer1.agent.localhost";
    private static readonly string s_secret = new('s', 32);

    [Theory, InlineData(false), InlineData(true)]
    public async Task With_the_flag_off_they_are_the_configured_ones_in_both_shapes_of_the_package(bool runner)
    {
        await using var host = await StartAsync();
        var services = await AcquireAsync(host, FakeOrigin.Shared, runner);
        Assert.False(services.Overridden);
        // A slash at the end or none: the same.
        Assert.Equal(
            ("https://logs.example.io/log-service/", "https://ti.example.io/ti-service/", "https://sto.example.io/", "http://scs.example.io:9000/x/"),
            (services.LogUrl, services.TiUrl, services.StoUrl, services.ScsUrl));
        Assert.Null(services.Withheld);
        Assert.Equal("acme", ServiceTokens.Read(s_secret, services.TiToken, host.Now)!.Value.AccountId);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task With_the_flag_on_they_are_behind_the_name_the_delegate_came_through(bool runner)
    {
        await using var host = await StartAsync();
        await host.EnableMtlsAsync("acme", "customer1", "STRICT");
        await SetFlagAsync(host, "acme", true);
        using var origin = FakeOrigin.Mtls("acme", Fqdn);
        var services = await AcquireAsync(host, origin, runner);
        Assert.True(services.Overridden);
        Assert.Equal(
            ($"https://{Fqdn}:8443/log-service/", $"https://{Fqdn}:8443/ti-service/", $"https://{Fqdn}:8443/sto/", $"https://{Fqdn}:8443/scs-service/"),
            (services.LogUrl, services.TiUrl, services.StoUrl, services.ScsUrl));
        Assert.Null(services.Withheld);
    }

    [Fact]
    public async Task One_account_two_delegates_two_ways_in_and_each_is_told_its_own()
    {
        await using var host = await StartAsync();
        await host.EnableMtlsAsync("acme", "customer1");
        await SetFlagAsync(host, "acme", true);
        using var mtls = FakeOrigin.Mtls("acme", Fqdn);
        Assert.StartsWith($"https://{Fqdn}:8443/", (await AcquireAsync(host, mtls)).LogUrl, StringComparison.Ordinal);
        Assert.StartsWith("https://gatehouse.localhost:8443/", (await AcquireAsync(host, FakeOrigin.Shared)).LogUrl, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_accounts_flag_is_another_accounts()
    {
        await using var host = await StartAsync();
        await host.CreateAccountAsync("other");
        await SetFlagAsync(host, "other", true);
        Assert.False((await AcquireAsync(host, FakeOrigin.Shared)).Overridden);
    }

    [Fact]
    public async Task A_strict_account_is_told_no_address_without_mutual_tls_but_the_way_out()
    {
        await using var host = await StartAsync();
        await host.EnableMtlsAsync("acme", "customer1", "STRICT");
        using var origin = FakeOrigin.Mtls("acme", Fqdn);
        var services = await AcquireAsync(host, origin);
        Assert.Equal((null, null, null, null), (services.LogUrl, services.TiUrl, services.StoUrl, services.ScsUrl));
        foreach (var name in new[] { "acme", "STRICT", "CI_OVERRIDE_SERVICE_URLS", "LOG_STREAMING_SERVICE_URL", "TI_SERVICE_URL" })
            Assert.Contains(name, services.Withheld, StringComparison.Ordinal);
        // The token is for the delegate's own variable, should it have one.
        Assert.NotNull(services.TiToken);
    }

    [Fact]
    public async Task A_configured_address_at_the_accounts_own_endpoint_is_no_way_around_it()
    {
        await using var host = await StartAsync(options =>
        {
            options.LogServiceUrl = $"https://Customer1.agent.localhost:8443/log-service";
            options.TiServiceUrl = $"http://{Fqdn}:8080/ti-service";
        });
        await host.EnableMtlsAsync("acme", "customer1", "STRICT");
        using var origin = FakeOrigin.Mtls("acme", Fqdn);
        var services = await AcquireAsync(host, origin);
        Assert.Equal("https://Customer1.agent.localhost:8443/log-service/", services.LogUrl);
        // In the clear nobody can show a certificate.
        Assert.Null(services.TiUrl);
    }

    [Fact]
    public async Task Readiness_says_beforehand_what_strict_takes_from_steps()
    {
        await using var host = await StartAsync();
        await host.EnableMtlsAsync("acme", "customer1");
        Assert.Contains("gatehouse flag set CI_OVERRIDE_SERVICE_URLS --account acme on", Assert.Single(await WarningsAsync(host)), StringComparison.Ordinal);
        await SetFlagAsync(host, "acme", true);
        Assert.Empty(await WarningsAsync(host));
        await using var unconfigured = await ManagerHost.StartAsync();
        await unconfigured.CreateAccountAsync("acme");
        await unconfigured.EnableMtlsAsync("acme", "customer1");
        Assert.Empty(await WarningsAsync(unconfigured));

        static async Task<IReadOnlyList<string>> WarningsAsync(ManagerHost host) =>
            (await host.Operator.GetFromJsonAsync("/api/v1/accounts/acme/mtls/readiness", ContractsJson.Default.ReadinessView))!.Warnings;
    }

    [Fact]
    public async Task Where_nothing_is_configured_nothing_is_told()
    {
        await using var host = await StartAsync(options => (options.LogServiceUrl, options.TiServiceUrl, options.StoServiceUrl, options.ScsServiceUrl, options.TiServiceSecret) = (null, null, null, null, null));
        Assert.Equal(new TaskServices(), await AcquireAsync(host, FakeOrigin.Shared));
    }

    private static async Task<ManagerHost> StartAsync(Action<ManagerOptions>? more = null)
    {
        var host = await ManagerHost.StartAsync(configure: options =>
        {
            options.LogServiceUrl = "https://logs.example.io/log-service";
            options.TiServiceUrl = "https://ti.example.io/ti-service/";
            options.StoServiceUrl = "https://sto.example.io";
            options.ScsServiceUrl = "http://scs.example.io:9000/x//";
            options.TiServiceSecret = s_secret;
            options.StoServicePath = "/sto";
            more?.Invoke(options);
        });
        await host.CreateAccountAsync("acme");
        return host;
    }

    private static async Task SetFlagAsync(ManagerHost host, string account, bool on)
    {
        using var set = await host.Operator.PutAsJsonAsync($"/api/v1/accounts/{account}/flags/CI_OVERRIDE_SERVICE_URLS", new SetFlagRequest(on), ContractsJson.Default.SetFlagRequest);
        set.EnsureSuccessStatusCode();
    }

    private static async Task<TaskServices> AcquireAsync(ManagerHost host, FakeOrigin origin, bool runner = false)
    {
        var token = await host.CreateTokenAsync("acme", Guid.NewGuid().ToString("N"));
        var worker = await TestDelegate.RegisteredAsync(host, "acme", token, origin, "worker-" + Guid.NewGuid().ToString("N")[..8]);
        using var acquired = await worker.AcquireAsync((await host.RunAsync("acme", TaskLifeTests.Shell() with { RunnerResponse = runner })).Id);
        var package = (await acquired.Content.ReadFromJsonAsync(ContractsJson.Default.DelegateTaskPackage))!;
        Assert.Equal(runner, package.RunnerResponse);
        // Public clients make log keys of these: addresses are none of them.
        Assert.Equal(["accountId", "taskId"], package.Logging!.Abstractions.Keys.Order());
        return package.Services!;
    }
}
