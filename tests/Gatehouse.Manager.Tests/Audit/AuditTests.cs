using System.Net.Http.Json;
using Gatehouse.Contracts;
using Gatehouse.Manager.Storage;
using Gatehouse.Manager.Tests.Harness;
using Microsoft.EntityFrameworkCore;

namespace Gatehouse.Manager.Tests.Audit;

public sealed class AuditTests
{
    [Fact]
    public async Task Every_change_leaves_an_entry_and_the_chain_holds()
    {
        await using var host = await ManagerHost.StartAsync();
        await StoryAsync(host);
        var entries = (await host.Operator.GetFromJsonAsync("/api/v1/audit", ContractsJson.Default.IReadOnlyListAuditEntryView))!;
        Assert.Equal(
            ["account.create", "token.create", "token.revoke", "endpoint.create", "endpoint.mode", "endpoint.update", "endpoint.delete", "flag.set", "account.delete"],
            entries.Select(entry => entry.Action));
        Assert.Equal(Enumerable.Range(1, 9).Select(i => (long)i), entries.Select(entry => entry.Sequence));
        Assert.All(entries.Skip(1).Zip(entries), pair => Assert.Equal(pair.Second.Hash, pair.First.PreviousHash));
        var verified = await VerifyAsync(host);
        Assert.Equal((true, 9L, null, entries[^1].Hash), (verified.Intact, verified.Entries, verified.FirstBroken, verified.HeadHash));
        Assert.Empty((await host.Operator.GetFromJsonAsync("/api/v1/audit?account=nobody", ContractsJson.Default.IReadOnlyListAuditEntryView))!);
        Assert.Equal(2, (await host.Operator.GetFromJsonAsync("/api/v1/audit?account=acme&after=3&limit=2", ContractsJson.Default.IReadOnlyListAuditEntryView))!.Count);
    }

    [Theory]
    [InlineData("changed")]
    [InlineData("moved in time")]
    [InlineData("removed")]
    public async Task Tampering_is_found(string how)
    {
        await using var host = await ManagerHost.StartAsync();
        await StoryAsync(host);
        await host.Get<ManagerDatabase>().WriteAsync<string>(async (db, ct) =>
        {
            var rows = db.Audit.Where(row => row.Sequence == 4);
            _ = how switch
            {
                "changed" => await rows.ExecuteUpdateAsync(set => set.SetProperty(row => row.Detail, "{}"), ct),
                "moved in time" => await rows.ExecuteUpdateAsync(set => set.SetProperty(row => row.At, DateTimeOffset.UnixEpoch), ct),
                _ => await rows.ExecuteDeleteAsync(ct),
            };
            return "";
        }, null, default);
        var verified = await VerifyAsync(host);
        Assert.Equal((false, how == "removed" ? 5L : 4L), (verified.Intact, verified.FirstBroken));
    }

    [Fact]
    public async Task What_is_refused_leaves_no_entry()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        using var response = await host.MtlsAsync(HttpMethod.Post, "acme", new() { DomainPrefix = "www", CaCertificates = TestCa.Pem, Mode = "LOOSE" });
        using var again = await host.Operator.PostAsJsonAsync(Routes.Operator.Accounts, new CreateAccountRequest("acme"), ContractsJson.Default.CreateAccountRequest);
        Assert.Equal(1, (await VerifyAsync(host)).Entries);
    }

    private static async Task StoryAsync(ManagerHost host)
    {
        await host.CreateAccountAsync("acme");
        await host.CreateTokenAsync("acme", "one");
        using var revoked = await host.Operator.PostAsync(new Uri("/api/v1/accounts/acme/tokens/one/revoke", UriKind.Relative), null);
        await host.EnableMtlsAsync("acme", "customer1");
        using var strict = await host.SetModeAsync("acme", "STRICT");
        using var renamed = await host.MtlsAsync(HttpMethod.Patch, "acme", new() { DomainPrefix = "customer2" });
        using var removed = await host.MtlsAsync(HttpMethod.Delete, "acme", null);
        using var flag = await host.Operator.PutAsJsonAsync("/api/v1/accounts/acme/flags/CI_OVERRIDE_SERVICE_URLS", new SetFlagRequest(true), ContractsJson.Default.SetFlagRequest);
        using var deleted = await host.Operator.DeleteAsync(new Uri("/api/v1/accounts/acme", UriKind.Relative));
    }

    private static async Task<AuditVerification> VerifyAsync(ManagerHost host) =>
        (await host.Operator.GetFromJsonAsync(Routes.Operator.VerifyAudit, ContractsJson.Default.AuditVerification))!;
}
