using System.Net;
using System.Net.Http.Json;
using Gatehouse.Contracts;
using Gatehouse.Manager.Storage;
using Gatehouse.Manager.Tests.Harness;
using Microsoft.Extensions.DependencyInjection;

namespace Gatehouse.Manager.Tests.Revocation;

public sealed class DenyTests
{
    [Fact]
    public async Task Added_once_listed_and_removed()
    {
        await using var host = await RevocationCalls.StartWithEndpointAsync();
        using var made = await host.DenyAsync("serial", "serial=0a:1B", "/O=Example ORG/CN=CA Cert", "laptop stolen");
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        using var again = await host.DenyAsync("serial", "0A1B", "CN=CA Cert,O=Example ORG");
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        host.Time.Advance(TimeSpan.FromSeconds(1));
        using var key = await host.DenyAsync("key", new string('c', 64));

        var list = await host.DeniedAsync();
        Assert.Equal([DenyBy.Serial, DenyBy.Key], list.Select(entry => entry.Kind));
        Assert.Equal(
            ("0A1B", "CN=CA Cert,O=Example ORG", "laptop stolen", "operator-key", host.Now.AddSeconds(-1)), (list[0].Value, list[0].Issuer, list[0].Note, list[0].CreatedBy, list[0].CreatedAt));
        var told = (await host.TrustAsync()).Revocation!.Denied;
        Assert.Equal((2, DenyBy.Serial, "0A1B"), (told.Count, told[0].Kind, told[0].Value));
        Assert.StartsWith("#30", told[0].Issuer, StringComparison.Ordinal);

        using var removed = await host.DeleteAsync("denied/" + list[0].Id);
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        using var twice = await host.DeleteAsync("denied/" + list[0].Id);
        await twice.IsProblemAsync(HttpStatusCode.NotFound, "deny_not_found");
        Assert.Equal(new DeniedCertificate(DenyBy.Key, new string('C', 64), null), Assert.Single((await host.TrustAsync()).Revocation!.Denied));
    }

    [Theory]
    [InlineData(null, "0A", null)]
    [InlineData("SERIAL", "0A", "CN=CA")]
    [InlineData("serial", "0A", null)]
    [InlineData("serial", "xyz", "CN=CA")]
    [InlineData("serial", "0A", "no name")]
    [InlineData("sha256", "0A", null)]
    [InlineData("sha256", null, null)]
    [InlineData("sha256", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "CN=CA")]
    [InlineData("key", "", null)]
    public async Task What_cannot_be_understood_is_refused(string? kind, string? value, string? issuer)
    {
        await using var host = await RevocationCalls.StartWithEndpointAsync();
        using var response = await host.DenyAsync(kind, value, issuer);
        await response.IsProblemAsync(HttpStatusCode.BadRequest, "invalid_deny_entry");
        Assert.Empty(await host.DeniedAsync());
    }

    [Fact]
    public async Task Bounds_hold()
    {
        await using var host = await RevocationCalls.StartWithEndpointAsync();
        using var note = await host.DenyAsync("key", new string('c', 64), note: new string('n', Limits.MaxDenyNote + 1));
        await note.IsProblemAsync(HttpStatusCode.BadRequest, "invalid_deny_entry");
        using var issuer = await host.DenyAsync("serial", "0A", "CN=" + new string('n', 8192));
        await issuer.IsProblemAsync(HttpStatusCode.BadRequest, "invalid_deny_entry");
        await host.Get<ManagerDatabase>().WriteAsync<string>((db, _) =>
        {
            for (var i = 0; i < Limits.MaxDenied; i++)
                db.Denied.Add(new DeniedRow { Id = $"{i:X32}", AccountId = "acme", Kind = DenyBy.Sha256, Value = $"{i:X64}", IssuerName = "", CreatedBy = "test" });
            return Task.FromResult<Gatehouse.Manager.Protocol.Outcome<string>>("");
        }, null, default);
        using var more = await host.DenyAsync("key", new string('c', 64));
        await more.IsProblemAsync(HttpStatusCode.Conflict, "deny_limit");
    }

    [Fact]
    public async Task Gateways_and_the_audit_know_each_change_before_the_answer()
    {
        var gateway = new Gateway();
        await using var host = await RevocationCalls.StartWithEndpointAsync(services => services.AddSingleton<ITrustSubscriber>(gateway));
        var list = await host.MustUploadAsync(TestCrl.Make(TestCa.Main, host.Now));
        using var denied = await host.DenyAsync("sha256", new string('d', 64));
        using var policy = await host.SetPolicyAsync("grace", 60);
        var last = gateway.Changes[^1];
        Assert.Equal((1, 1, StaleCrlPolicy.Grace), (last.Revocation!.Crls.Count, last.Revocation.Denied.Count, last.Revocation.CrlPolicy));
        using var undenied = await host.DeleteAsync("denied/" + Assert.Single(await host.DeniedAsync()).Id);
        using var removed = await host.DeleteAsync("crls/" + list.Crl.Id);
        Assert.Equal((null, "customer1.agent.localhost"), (gateway.Changes[^1].Revocation, gateway.Changes[^1].Fqdn));
        Assert.Equal([1L, 2L, 3L, 4L, 5L, 6L], gateway.Changes.Select(change => change.Generation));

        var audit = (await host.Operator.GetFromJsonAsync("/api/v1/audit?account=acme", ContractsJson.Default.IReadOnlyListAuditEntryView))!;
        Assert.Equal(["account.create", "endpoint.create", "crl.upload", "deny.add", "crl.policy", "deny.remove", "crl.remove"], audit.Select(entry => entry.Action));
        Assert.Contains(list.Crl.Sha256, audit[2].Detail, StringComparison.Ordinal);
        Assert.Contains("\"generation\":\"3\"", audit[3].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_operators_key_is_needed_and_the_account_must_be_there()
    {
        await using var host = await RevocationCalls.StartWithEndpointAsync();
        using var nobody = await host.Operator.GetAsync(new Uri("/api/v1/accounts/nobody/mtls/denied", UriKind.Relative));
        await nobody.IsProblemAsync(HttpStatusCode.NotFound, "account_not_found");
        host.Operator.DefaultRequestHeaders.Remove(HeaderNames.ApiKey);
        foreach (var path in (string[])["crls", "crl-policy", "denied"])
        {
            using var response = await host.Operator.GetAsync(new Uri("/api/v1/accounts/acme/mtls/" + path, UriKind.Relative));
            await response.IsProblemAsync(HttpStatusCode.Unauthorized, "invalid_api_key");
        }
        using var upload = await host.UploadAsync(TestCrl.Make(TestCa.Main, host.Now));
        await upload.IsProblemAsync(HttpStatusCode.Unauthorized, "invalid_api_key");
    }

    private sealed class Gateway : ITrustSubscriber
    {
        public List<EndpointTrust> Changes { get; } = [];

        public ValueTask ApplyAsync(EndpointTrust change, CancellationToken cancellationToken)
        {
            Changes.Add(change);
            return ValueTask.CompletedTask;
        }
    }
}
