using System.Net;
using System.Net.Http.Json;
using Gatehouse.Contracts;
using Gatehouse.Manager.Tests.Harness;
using Gatehouse.Manager.Tests.Tasks;

namespace Gatehouse.Manager.Tests.Flags;

public sealed class FlagTests
{
    private const string Flag = "/api/v1/accounts/acme/flags/CI_OVERRIDE_SERVICE_URLS";

    [Fact]
    public async Task Off_until_set_and_kept()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        Assert.False(Assert.Single(await ListAsync(host)).On);
        using var set = await host.Operator.PutAsJsonAsync(Flag, new SetFlagRequest(true), ContractsJson.Default.SetFlagRequest);
        Assert.True((await set.Content.ReadFromJsonAsync(ContractsJson.Default.FlagView))!.On);
        using var unknown = await host.Operator.PutAsJsonAsync("/api/v1/accounts/acme/flags/NOPE", new SetFlagRequest(true), ContractsJson.Default.SetFlagRequest);
        Assert.Contains("CI_OVERRIDE_SERVICE_URLS", await unknown.IsProblemAsync(HttpStatusCode.NotFound, "flag_not_found"), StringComparison.Ordinal);
        await host.KillAsync();
        await using var again = await ManagerHost.StartAsync(Path.GetDirectoryName(host.Data), host.Time);
        Assert.True((await ListAsync(again))[0].On);
    }

    [Fact]
    public async Task A_task_brings_a_log_token_of_its_account()
    {
        var secret = new string('s', 32);
        await using var host = await ManagerHost.StartAsync(configure: options => options.LogServiceSecret = secret);
        await host.CreateAccountAsync("acme");
        var worker = await TestDelegate.RegisteredAsync(host, "acme", await host.CreateTokenAsync("acme"));
        using var acquired = await worker.AcquireAsync((await host.RunAsync("acme", TaskLifeTests.Shell())).Id);
        var text = (await acquired.JsonAsync()).GetProperty("logging").GetProperty("token").GetString();
        var token = ServiceTokens.Read(secret, text, host.Now);
        Assert.Equal(("acme", TimeSpan.FromHours(48)), (token!.Value.AccountId, token.Value.ExpiresAt - DateTimeOffset.FromUnixTimeSeconds(host.Now.ToUnixTimeSeconds())));
    }

    private static async Task<IReadOnlyList<FlagView>> ListAsync(ManagerHost host) =>
        (await host.Operator.GetFromJsonAsync("/api/v1/accounts/acme/flags", ContractsJson.Default.IReadOnlyListFlagView))!;
}
