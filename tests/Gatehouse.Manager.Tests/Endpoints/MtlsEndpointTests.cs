using System.Net;
using System.Net.Http.Json;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Manager.Tests.Harness;
using Microsoft.Extensions.DependencyInjection;

namespace Gatehouse.Manager.Tests.Endpoints;

public sealed class MtlsEndpointTests
{
    [Fact]
    public async Task Created_shown_changed_and_deleted()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var made = await host.EnableMtlsAsync("acme", "Customer1");
        Assert.Equal(("customer1.agent.localhost", "customer1", MtlsMode.LOOSE), (made.Fqdn, made.DomainPrefix, made.Mode));

        using var patched = await host.MtlsAsync(HttpMethod.Patch, "acme", new MtlsEndpointRequest { Mode = "STRICT", VanityHost = "Delegates.Example.com" });
        var changed = (await patched.Content.ReadFromJsonAsync(ContractsJson.Default.RestResponseMtlsEndpointDetails))!.Resource!;
        Assert.Equal((MtlsMode.STRICT, "delegates.example.com", made.Uuid), (changed.Mode, changed.VanityHost, changed.Uuid));
        Assert.True(changed.Generation > made.Generation);
        Assert.Equal(made.CaCertificates, changed.CaCertificates);

        using var put = await host.MtlsAsync(HttpMethod.Put, "acme", new MtlsEndpointRequest { DomainPrefix = "customer9", CaCertificates = TestCa.OtherPem, Mode = "LOOSE" });
        var replaced = (await put.Content.ReadFromJsonAsync(ContractsJson.Default.RestResponseMtlsEndpointDetails))!.Resource!;
        Assert.Equal(("customer9.agent.localhost", made.Uuid, null), (replaced.Fqdn, replaced.Uuid, replaced.VanityHost));

        using var shown = await host.Operator.GetAsync(new Uri(Routes.Mtls.Endpoint + "?accountIdentifier=acme", UriKind.Relative));
        var raw = (await shown.JsonAsync()).GetProperty("resource");
        Assert.Equal(replaced.Fqdn, raw.GetProperty("fqdn").GetString());
        Assert.False(raw.TryGetProperty("vanityHost", out _)); // Null fields are left out.

        Assert.True(await DeleteAsync(host, "acme"));
        Assert.False(await DeleteAsync(host, "acme"));
        using var gone = await host.MtlsAsync(HttpMethod.Get, "acme", null);
        await gone.IsProtocolErrorAsync(HttpStatusCode.NotFound, ProtocolErrorCode.EntityNotFound);
    }

    [Theory]
    [InlineData("a.b")]
    [InlineData("1234567890123456789012345678901234567890123456789012345678901234")]
    [InlineData("-a")]
    [InlineData("a-")]
    [InlineData("a_b")]
    [InlineData("user@x")]
    [InlineData("ünï")]
    [InlineData("xn--abc")]
    [InlineData("www")]
    [InlineData("API")]
    [InlineData("agent")]
    [InlineData("manager-grpc-x")]
    [InlineData("events-grpc-x")]
    [InlineData("api-manager-grpc-customer1")]
    [InlineData("extra")]
    [InlineData("shared")]
    [InlineData("")]
    [InlineData(null)]
    public async Task Prefixes_that_nobody_gets(string? prefix)
    {
        await using var host = await ManagerHost.StartAsync(configure: options =>
        {
            options.ExtraReservedPrefixes = ["extra"];
            options.SharedHosts = ["shared.agent.localhost"];
        });
        await host.CreateAccountAsync("acme");
        using var response = await host.MtlsAsync(HttpMethod.Post, "acme", new MtlsEndpointRequest { DomainPrefix = prefix, CaCertificates = TestCa.Pem, Mode = "LOOSE" });
        await response.IsProtocolErrorAsync(HttpStatusCode.BadRequest, ProtocolErrorCode.InvalidRequest);
        Assert.Empty(await host.Get<ITrustSource>().ChangesSinceAsync(0, default));
    }

    [Fact]
    public async Task A_bundle_must_be_CAs_and_nothing_else()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        foreach (var pem in (string?[])[null, "", "nonsense", TestCa.LeafPem, TestCa.ExpiredPem, TestCa.WithKey.Certificate + TestCa.WithKey.Key, string.Concat(Enumerable.Repeat("x", 300_000))])
        {
            using var response = await host.MtlsAsync(HttpMethod.Post, "acme", new MtlsEndpointRequest { DomainPrefix = "customer1", CaCertificates = pem, Mode = "LOOSE" });
            var text = await response.IsProtocolErrorAsync(HttpStatusCode.BadRequest, ProtocolErrorCode.InvalidRequest);
            Assert.DoesNotContain(TestCa.WithKey.Key.Split('\n')[1], text, StringComparison.Ordinal);
        }
        using var gone = await host.MtlsAsync(HttpMethod.Get, "acme", null);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        var secret = TestCa.WithKey.Key.Split('\n')[1];
        foreach (var file in Directory.EnumerateFiles(host.Data, "gatehouse.db*"))
            Assert.DoesNotContain(secret, await File.ReadAllTextAsync(file, System.Text.Encoding.Latin1), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"domainPrefix":"c1","mode":"LOOSE"}""", "INVALID_REQUEST")]
    [InlineData("""{"domainPrefix":"c1","caCertificates":"CA"}""", "INVALID_REQUEST")]
    [InlineData("""{"domainPrefix":"c1","caCertificates":"CA","mode":"strict"}""", "DEFAULT_ERROR_CODE")]
    [InlineData("""not json""", "DEFAULT_ERROR_CODE")]
    [InlineData("", "INVALID_ARGUMENT")]
    public async Task Incomplete_requests_are_refused(string body, string code)
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        body = body.Replace("\"CA\"", System.Text.Json.JsonSerializer.Serialize(TestCa.Pem), StringComparison.Ordinal);
        using var response = await host.Operator.PostAsync(new Uri(Routes.Mtls.Endpoint + "?accountId=acme", UriKind.Relative), new StringContent(body));
        await response.IsProtocolErrorAsync(HttpStatusCode.BadRequest, code);
    }

    [Fact]
    public async Task One_endpoint_per_account_and_one_account_per_name()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        await host.CreateAccountAsync("rival");
        await host.EnableMtlsAsync("acme", "customer1");
        var full = new MtlsEndpointRequest { DomainPrefix = "customer1", CaCertificates = TestCa.Pem, Mode = "LOOSE" };
        using var twice = await host.MtlsAsync(HttpMethod.Post, "acme", full with { DomainPrefix = "customer2" });
        await twice.IsProtocolErrorAsync(HttpStatusCode.BadRequest, ProtocolErrorCode.InvalidRequest);
        using var taken = await host.MtlsAsync(HttpMethod.Post, "rival", full);
        await taken.IsProtocolErrorAsync(HttpStatusCode.BadRequest, ProtocolErrorCode.InvalidRequest);
        await host.EnableMtlsAsync("rival", "customer2");
        using var patched = await host.MtlsAsync(HttpMethod.Patch, "rival", new MtlsEndpointRequest { DomainPrefix = "CUSTOMER1" });
        await patched.IsProtocolErrorAsync(HttpStatusCode.BadRequest, ProtocolErrorCode.InvalidRequest);
        using var empty = await host.MtlsAsync(HttpMethod.Patch, "rival", new MtlsEndpointRequest());
        await empty.IsProtocolErrorAsync(HttpStatusCode.BadRequest, ProtocolErrorCode.InvalidRequest);
        using var nobody = await host.MtlsAsync(HttpMethod.Post, "nobody", full with { DomainPrefix = "customer3" });
        Assert.Contains("nobody", await nobody.IsProtocolErrorAsync(HttpStatusCode.NotFound, ProtocolErrorCode.EntityNotFound), StringComparison.Ordinal);
        using var unnamed = await host.Operator.GetAsync(new Uri(Routes.Mtls.Endpoint, UriKind.Relative));
        await unnamed.IsProtocolErrorAsync(HttpStatusCode.BadRequest, ProtocolErrorCode.InvalidArgument);
    }

    [Fact]
    public async Task A_prefix_that_was_given_up_rests_for_thirty_days_for_others()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        await host.CreateAccountAsync("rival");
        await host.EnableMtlsAsync("acme", "customer1");
        using var renamed = await host.MtlsAsync(HttpMethod.Patch, "acme", new MtlsEndpointRequest { DomainPrefix = "customer2" });
        Assert.Equal(HttpStatusCode.OK, renamed.StatusCode);
        Assert.True(await DeleteAsync(host, "acme"));

        host.Time.Advance(TimeSpan.FromDays(29));
        await host.RunJobsAsync();
        foreach (var prefix in (string[])["customer1", "customer2"])
        {
            using var response = await host.MtlsAsync(HttpMethod.Post, "rival", new MtlsEndpointRequest { DomainPrefix = prefix, CaCertificates = TestCa.Pem, Mode = "LOOSE" });
            Assert.Contains("2026-12-24", await response.IsProtocolErrorAsync(HttpStatusCode.BadRequest, ProtocolErrorCode.InvalidRequest), StringComparison.Ordinal);
            Assert.False(await FreeAsync(host, "rival", prefix));
            Assert.True(await FreeAsync(host, "acme", prefix));
        }
        await host.EnableMtlsAsync("acme", "customer1"); // Its own it may take back at once.
        host.Time.Advance(TimeSpan.FromDays(1));
        await host.EnableMtlsAsync("rival", "customer2");
    }

    [Theory]
    [InlineData("x.agent.localhost")]
    [InlineData("agent.localhost")]
    [InlineData("gatehouse.localhost")]
    [InlineData("single")]
    [InlineData("10.0.0.1")]
    [InlineData("manager-grpc-x.example.com")]
    [InlineData("a b.example.com")]
    [InlineData("taken.example.com")]
    public async Task Vanity_hosts_that_nobody_gets(string host)
    {
        await using var manager = await ManagerHost.StartAsync();
        await manager.CreateAccountAsync("acme");
        await manager.CreateAccountAsync("rival");
        await manager.EnableMtlsAsync("acme", "customer1");
        await manager.EnableMtlsAsync("rival", "customer2");
        using var first = await manager.MtlsAsync(HttpMethod.Patch, "rival", new MtlsEndpointRequest { VanityHost = "taken.example.com" });
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        using var response = await manager.MtlsAsync(HttpMethod.Patch, "acme", new MtlsEndpointRequest { VanityHost = host });
        await response.IsProtocolErrorAsync(HttpStatusCode.BadRequest, ProtocolErrorCode.InvalidRequest);
    }

    [Fact]
    public async Task Availability_counts_ones_own_as_taken()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        Assert.True(await FreeAsync(host, "acme", "customer1"));
        await host.EnableMtlsAsync("acme", "customer1");
        Assert.False(await FreeAsync(host, "acme", "customer1"));
        Assert.False(await FreeAsync(host, "acme", "www"));
        using var wrong = await host.Operator.GetAsync(new Uri(Routes.Mtls.CheckAvailability + "?accountId=acme&domainPrefix=a.b", UriKind.Relative));
        await wrong.IsProtocolErrorAsync(HttpStatusCode.BadRequest, ProtocolErrorCode.InvalidRequest);
        using var missing = await host.Operator.GetAsync(new Uri(Routes.Mtls.CheckAvailability + "?accountId=acme", UriKind.Relative));
        await missing.IsProtocolErrorAsync(HttpStatusCode.BadRequest, ProtocolErrorCode.InvalidArgument);
    }

    [Fact]
    public async Task Gateways_know_a_change_before_the_answer_and_all_changes_after_a_restart()
    {
        var gateway = new Gateway();
        await using var host = await ManagerHost.StartAsync(services: services => services.AddSingleton<ITrustSubscriber>(gateway));
        await host.CreateAccountAsync("acme");
        await host.EnableMtlsAsync("acme", "customer1");
        Assert.Equal(MtlsMode.LOOSE, gateway.Changes[^1].Mode);
        using var strict = await host.SetModeAsync("acme", "STRICT");
        Assert.Equal((2, MtlsMode.STRICT, 2L), (gateway.Changes.Count, gateway.Changes[^1].Mode, gateway.Changes[^1].Generation));
        Assert.True(await DeleteAsync(host, "acme"));
        Assert.True(gateway.Changes[^1].IsDeleted);
        await host.KillAsync();

        await using var again = await ManagerHost.StartAsync(Path.GetDirectoryName(host.Data), host.Time);
        var all = await again.Get<ITrustSource>().ChangesSinceAsync(0, default);
        Assert.Equal((3L, true), (Assert.Single(all).Generation, all[0].IsDeleted));
        Assert.Equal(4L, (await again.EnableMtlsAsync("acme", "customer1")).Generation);
    }

    [Fact]
    public async Task A_gateway_that_fails_does_not_hold_the_others_up()
    {
        var gateway = new Gateway();
        await using var host = await ManagerHost.StartAsync(services: services => services.AddSingleton<ITrustSubscriber, BrokenGateway>().AddSingleton<ITrustSubscriber>(gateway));
        host.ErrorsExpected = true;
        await host.CreateAccountAsync("acme");
        await host.EnableMtlsAsync("acme", "customer1");
        Assert.Single(gateway.Changes);
        Assert.Single(host.Log.Errors);
    }

    private static async Task<bool> DeleteAsync(ManagerHost host, string account)
    {
        using var response = await host.MtlsAsync(HttpMethod.Delete, account, null);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.JsonAsync()).GetProperty("resource").GetBoolean();
    }

    private static async Task<bool> FreeAsync(ManagerHost host, string account, string prefix) =>
        (await host.Operator.GetFromJsonAsync($"{Routes.Mtls.CheckAvailability}?accountId={account}&domainPrefix={prefix}", ContractsJson.Default.RestResponseBoolean))!.Resource;

    private sealed class Gateway : ITrustSubscriber
    {
        public List<EndpointTrust> Changes { get; } = [];

        public ValueTask ApplyAsync(EndpointTrust change, CancellationToken cancellationToken)
        {
            Changes.Add(change);
            return ValueTask.CompletedTask;
        }
    }

    private sealed class BrokenGateway : ITrustSubscriber
    {
        public ValueTask ApplyAsync(EndpointTrust change, CancellationToken cancellationToken) => throw new InvalidOperationException("on purpose");
    }
}
