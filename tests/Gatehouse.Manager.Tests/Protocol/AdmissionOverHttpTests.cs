using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Manager.Tests.Harness;

namespace Gatehouse.Manager.Tests.Protocol;

/// <summary>The truth table of the protocol sheet §3.1, over HTTP.</summary>
public sealed class AdmissionOverHttpTests
{
    private const string Own = "customer1.agent.localhost";
    private const string Other = "customer2.agent.localhost";

    [Theory]
    [InlineData(null, null, null)]
    [InlineData(null, Own, "account_mismatch")]
    [InlineData(null, Other, "account_mismatch")]
    [InlineData("LOOSE", null, null)]
    [InlineData("LOOSE", "", null)]
    [InlineData("LOOSE", Own, null)]
    [InlineData("LOOSE", Other, "account_mismatch")]
    [InlineData("LOOSE", "CUSTOMER1.agent.localhost", "account_mismatch")]
    [InlineData("STRICT", null, "mtls_required")]
    [InlineData("STRICT", "", "mtls_required")]
    [InlineData("STRICT", Own, null)]
    [InlineData("STRICT", Other, "account_mismatch")]
    public async Task Verdict(string? mode, string? authority, string? refusal)
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var token = await host.CreateTokenAsync("acme");
        if (mode is not null)
            await host.EnableMtlsAsync("acme", "customer1", mode);
        using var origin = new FakeOrigin { Authority = authority, EndpointAccountId = authority is Own && mode is not null ? "acme" : null };
        var worker = new TestDelegate(host, "acme", token, origin);

        using var response = await worker.RegisterAsync();

        if (refusal is null)
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(!string.IsNullOrEmpty(authority), Assert.Single(await host.DelegatesAsync("acme")).Mtls);
            return;
        }
        await response.IsProtocolErrorAsync(HttpStatusCode.Unauthorized, ProtocolErrorCode.InvalidAgentMtlsAuthority);
        Assert.Equal(refusal, Assert.Single(response.Headers.GetValues(HeaderNames.GatehouseRefusal)));
        var body = (await response.Content.ReadFromJsonAsync(ContractsJson.Default.RefusalBody))!;
        Assert.Equal(refusal, body.Code);
        Assert.DoesNotContain("TOKEN", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal); // Existing fleets would stop for good.
        var seen = (await host.Operator.GetFromJsonAsync("/api/v1/accounts/acme/refusals", ContractsJson.Default.IReadOnlyListRefusalView))!;
        Assert.Equal((refusal, 1), (Assert.Single(seen).Code, seen[0].Count));
    }

    [Fact]
    public async Task Without_a_gateway_nobody_gets_in()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        using var request = Request(host, "acme", await host.CreateTokenAsync("acme"));
        request.Headers.Add(ManagerHost.OriginHeader, ManagerHost.NoOrigin);
        using var response = await host.Agent.SendAsync(request);
        await response.IsProtocolErrorAsync(HttpStatusCode.Unauthorized, ProtocolErrorCode.InvalidAgentMtlsAuthority);
    }

    [Fact]
    public async Task Another_accounts_name_is_no_way_in_even_without_a_certificate()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        using var origin = FakeOrigin.PlainAt("rival", "rival.agent.localhost");
        using var response = await new TestDelegate(host, "acme", await host.CreateTokenAsync("acme"), origin).RegisterAsync();
        await response.IsProtocolErrorAsync(HttpStatusCode.Unauthorized, ProtocolErrorCode.InvalidAgentMtlsAuthority);
        Assert.Equal("account_mismatch", Assert.Single(response.Headers.GetValues(HeaderNames.GatehouseRefusal)));
    }

    [Fact]
    public async Task The_verdict_comes_before_the_token()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        await host.EnableMtlsAsync("acme", "customer1", "STRICT");
        using var request = new HttpRequestMessage(HttpMethod.Get, Routes.Agent.Configuration + "?accountId=acme");
        request.Headers.Authorization = new AuthenticationHeaderValue("Delegate", "garbage");
        using var response = await host.Agent.SendAsync(request);
        await response.IsProtocolErrorAsync(HttpStatusCode.Unauthorized, ProtocolErrorCode.InvalidAgentMtlsAuthority);
    }

    [Fact]
    public async Task A_change_of_mode_counts_from_its_answer_on()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        await host.EnableMtlsAsync("acme", "customer1");
        var worker = await TestDelegate.RegisteredAsync(host, "acme", await host.CreateTokenAsync("acme"));
        for (var i = 0; i < 5; i++)
        {
            using var strict = await host.SetModeAsync("acme", "STRICT");
            using var refused = await worker.HeartbeatAsync();
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            Assert.False((await host.DelegatesAsync("acme"))[0].Connected);
            using var loose = await host.SetModeAsync("acme", "LOOSE");
            using var accepted = await worker.HeartbeatAsync();
            Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
            Assert.True((await host.DelegatesAsync("acme"))[0].Connected);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("?accountId=")]
    [InlineData("?accountId=__GLOBAL_ACCOUNT_ID__")]
    [InlineData("?accountId=acme&accountID=rival")]
    public async Task A_request_names_one_account(string query)
    {
        await using var host = await ManagerHost.StartAsync();
        using var response = await host.Agent.GetAsync(new Uri(Routes.Agent.Configuration + query, UriKind.Relative));
        await response.IsProtocolErrorAsync(HttpStatusCode.BadRequest, ProtocolErrorCode.InvalidRequest);
    }

    [Fact]
    public async Task An_account_that_does_not_exist_is_named()
    {
        await using var host = await ManagerHost.StartAsync();
        using var request = Request(host, "nobody", new string('a', 32));
        using var response = await host.Agent.SendAsync(request);
        Assert.Contains("nobody", await response.IsProtocolErrorAsync(HttpStatusCode.Unauthorized, ProtocolErrorCode.AccountDoesNotExist), StringComparison.Ordinal);
    }

    private static HttpRequestMessage Request(ManagerHost host, string account, string token)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"{Routes.Agent.Configuration}?accountId={account}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Delegate", TestCredential.Make(token, account, host.Now));
        return request;
    }
}
