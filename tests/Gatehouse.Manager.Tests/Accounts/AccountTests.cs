using System.Net;
using System.Net.Http.Json;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Manager.Tests.Harness;
using Gatehouse.Manager.Tests.Tasks;

namespace Gatehouse.Manager.Tests.Accounts;

public sealed class AccountTests
{
    [Fact]
    public async Task An_id_is_given_once()
    {
        await using var host = await ManagerHost.StartAsync();
        var account = await host.CreateAccountAsync("Acme_1-x");
        Assert.Equal(("Acme_1-x", "Acme_1-x", host.Now), (account.Id, account.Name, account.CreatedAt));
        using var again = await host.Operator.PostAsJsonAsync(Routes.Operator.Accounts, new CreateAccountRequest("Acme_1-x"), ContractsJson.Default.CreateAccountRequest);
        await again.IsProblemAsync(HttpStatusCode.Conflict, "account_exists");
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("ä")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345")]
    public async Task An_id_has_a_syntax(string id)
    {
        await using var host = await ManagerHost.StartAsync();
        using var response = await host.Operator.PostAsJsonAsync(Routes.Operator.Accounts, new CreateAccountRequest(id), ContractsJson.Default.CreateAccountRequest);
        await response.IsProblemAsync(HttpStatusCode.BadRequest, "invalid_account_id");
    }

    [Fact]
    public async Task The_list_comes_in_pages()
    {
        await using var host = await ManagerHost.StartAsync();
        foreach (var id in (string[])["c", "a", "e", "b", "d"])
            await host.CreateAccountAsync(id);
        var ids = new List<string>();
        string? next = "";
        while (next is not null)
        {
            var page = (await host.Operator.GetFromJsonAsync($"/api/v1/accounts?limit=2&after={next}", ContractsJson.Default.PageAccountView))!;
            ids.AddRange(page.Items.Select(account => account.Id));
            next = page.Next;
        }
        Assert.Equal(["a", "b", "c", "d", "e"], ids);
    }

    [Fact]
    public async Task Below_an_unknown_account_everything_is_404_and_names_it()
    {
        await using var host = await ManagerHost.StartAsync();
        foreach (var path in (string[])["", "/tokens", "/delegates", "/flags", "/tasks", "/mtls/readiness", "/refusals", "/tasks/1/output"])
        {
            using var response = await host.Operator.GetAsync(new Uri("/api/v1/accounts/nobody" + path, UriKind.Relative));
            if (path != "/refusals") // Refusals may name accounts that are not there.
                Assert.Contains("nobody", await response.IsProblemAsync(HttpStatusCode.NotFound, "account_not_found"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_deleted_account_takes_everything_with_it_and_stays_deleted()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        await host.CreateAccountAsync("other");
        await host.EnableMtlsAsync("acme", "customer1");
        var worker = await TestDelegate.RegisteredAsync(host, "acme", await host.CreateTokenAsync("acme"));
        using var stream = await worker.OpenStreamAsync();
        await host.RunAsync("acme", TaskLifeTests.Shell());
        var before = (await host.Get<ITrustSource>().ChangesSinceAsync(0, default)).Max(change => change.Generation);

        using var deleted = await host.Operator.DeleteAsync(new Uri("/api/v1/accounts/acme", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);

        var change = Assert.Single(await host.Get<ITrustSource>().ChangesSinceAsync(before, default));
        Assert.Equal(("acme", true), (change.AccountId, change.IsDeleted));
        Assert.Contains(await stream.RestAsync(), frame => frame.Contains(ProtocolErrorCode.AccountDoesNotExist, StringComparison.Ordinal));
        using var heartbeat = await worker.HeartbeatAsync();
        await heartbeat.IsProtocolErrorAsync(HttpStatusCode.Unauthorized, ProtocolErrorCode.AccountDoesNotExist);
        using var taken = await host.MtlsAsync(HttpMethod.Post, "other", new MtlsEndpointRequest { DomainPrefix = "customer1", CaCertificates = TestCa.Pem, Mode = "LOOSE" });
        Assert.Contains("2026-12-24", await taken.IsProtocolErrorAsync(HttpStatusCode.BadRequest, ProtocolErrorCode.InvalidRequest), StringComparison.Ordinal);

        await host.KillAsync();
        await using var again = await ManagerHost.StartAsync(Path.GetDirectoryName(host.Data), host.Time);
        using var gone = await again.Operator.GetAsync(new Uri("/api/v1/accounts/acme", UriKind.Relative));
        await gone.IsProblemAsync(HttpStatusCode.NotFound, "account_not_found");
        Assert.True(Assert.Single(await again.Get<ITrustSource>().ChangesSinceAsync(0, default)).IsDeleted);
    }
}
