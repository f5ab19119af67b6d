using System.Net;
using System.Text;
using Gatehouse.Contracts;
using Gatehouse.Manager.Tests.Harness;

namespace Gatehouse.Manager.Tests.Revocation;

public sealed class CrlTests
{
    private static readonly byte[] s_serial = [0x11, 0x22];

    [Fact]
    public async Task Uploaded_listed_replaced_and_removed()
    {
        await using var host = await RevocationCalls.StartWithEndpointAsync();
        var first = TestCrl.Make(TestCa.Main, host.Now.AddHours(-1), 1);
        var stored = await host.MustUploadAsync(Encoding.ASCII.GetBytes("made by hand\n" + TestCrl.Pem(first)));
        Assert.Equal((true, null), (stored.Changed, stored.Replaced));
        Assert.Empty(stored.Warnings);
        Assert.Equal(("CN=CA Cert,O=Example ORG", "01", 0, 30.0, "CURRENT"), (stored.Crl.Issuer, stored.Crl.Number, stored.Crl.Count, Math.Round(stored.Crl.DaysLeft!.Value), stored.Crl.State));
        Assert.Equal(first, Assert.Single((await host.TrustAsync()).Revocation!.Crls).ToArray());

        var second = TestCrl.Make(TestCa.Main, host.Now, 2, null, s_serial);
        var replaced = await host.MustUploadAsync(second);
        Assert.Equal((true, stored.Crl.Id, 1), (replaced.Changed, replaced.Replaced?.Id, replaced.Crl.Count));
        Assert.Equal(second, Assert.Single((await host.TrustAsync()).Revocation!.Crls).ToArray());
        Assert.Equal(replaced.Crl.Id, Assert.Single(await host.CrlsAsync()).Id);

        using var unknown = await host.DeleteAsync("crls/" + stored.Crl.Id);
        await unknown.IsProblemAsync(HttpStatusCode.NotFound, "crl_not_found");
        using var removed = await host.DeleteAsync("crls/" + replaced.Crl.Id);
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        Assert.Empty(await host.CrlsAsync());
        Assert.Null((await host.TrustAsync()).Revocation);
    }

    [Fact]
    public async Task The_same_list_again_changes_nothing_and_another_raises_the_generation()
    {
        await using var host = await RevocationCalls.StartWithEndpointAsync();
        var list = TestCrl.Make(TestCa.Main, host.Now, 1);
        await host.MustUploadAsync(list);
        var before = (await host.TrustAsync()).Generation;
        Assert.False((await host.MustUploadAsync(list)).Changed);
        Assert.Equal(before, (await host.TrustAsync()).Generation);
        await host.MustUploadAsync(TestCrl.Make(TestCa.Main, host.Now.AddSeconds(1), 2));
        Assert.Equal(before + 1, (await host.TrustAsync()).Generation);
    }

    [Fact]
    public async Task An_older_list_takes_no_place_unless_forced()
    {
        await using var host = await RevocationCalls.StartWithEndpointAsync();
        await host.MustUploadAsync(TestCrl.Make(TestCa.Main, host.Now, 0x80));
        var lower = TestCrl.Make(TestCa.Main, host.Now, 0x7F);
        var earlier = TestCrl.Make(TestCa.Main, host.Now.AddMinutes(-1), 0x81);
        foreach (var older in (byte[][])[lower, earlier])
        {
            using var refused = await host.UploadAsync(older);
            Assert.Contains("--force", await refused.IsProblemAsync(HttpStatusCode.Conflict, "crl_older"), StringComparison.Ordinal);
        }
        await host.MustUploadAsync(lower, force: true);
        Assert.Equal("7F", Assert.Single(await host.CrlsAsync()).Number);
    }

    [Fact]
    public async Task A_list_of_another_CA_of_the_same_name_takes_no_place()
    {
        await using var host = await RevocationCalls.StartWithEndpointAsync();
        using var both = await host.MtlsAsync(HttpMethod.Patch, "acme", new Contracts.Protocol.MtlsEndpointRequest { CaCertificates = TestCa.Main.Certificate + TestCa.SameName.Certificate });
        await host.MustUploadAsync(TestCrl.Make(TestCa.Main, host.Now, 1, null, s_serial));
        Assert.Null((await host.MustUploadAsync(TestCrl.Make(TestCa.SameName, host.Now, 2))).Replaced);
        Assert.Equal(2, (await host.TrustAsync()).Revocation!.Crls.Count);
    }

    [Fact]
    public async Task What_is_no_list_of_the_account_is_refused_with_the_reason()
    {
        await using var host = await RevocationCalls.StartWithEndpointAsync();
        var forged = TestCrl.Make(TestCa.Main, host.Now);
        forged[^3] ^= 1;
        foreach (var (file, code, says) in new (byte[], string, string)[]
                 {
                     ([], "crl_unusable", "empty"),
                     (Encoding.ASCII.GetBytes("nonsense"), "crl_unusable", "neither PEM"),
                     (Encoding.ASCII.GetBytes(TestCa.Pem), "crl_unusable", "certificate"),
                     (Encoding.ASCII.GetBytes(TestCa.Main.Key), "crl_unusable", "private key"),
                     (forged, "crl_signature_wrong", "did not sign"),
                     (TestCrl.Make(TestCa.WithKey, host.Now), "crl_issuer_unknown", "CN=Key CA"),
                 })
        {
            using var response = await host.UploadAsync(file);
            Assert.Contains(says, await response.IsProblemAsync(HttpStatusCode.BadRequest, code), StringComparison.Ordinal);
        }
        Assert.Empty(await host.CrlsAsync());
        Assert.Null((await host.TrustAsync()).Revocation);
    }

    [Fact]
    public async Task A_list_of_an_intermediate_is_taken_with_a_warning_when_forced_or_when_a_delegate_showed_its_certificate()
    {
        await using var host = await RevocationCalls.StartWithEndpointAsync();
        var list = TestCrl.Make(TestCa.WithKey, host.Now);
        Assert.Contains("intermediate", Assert.Single((await host.MustUploadAsync(list, force: true)).Warnings), StringComparison.Ordinal);
        // Known from now on: the next one needs no force.
        await host.MustUploadAsync(TestCrl.Make(TestCa.WithKey, host.Now.AddSeconds(1), 2));

        using var removed = await host.DeleteAsync("crls/" + Assert.Single(await host.CrlsAsync()).Id);
        using var stranger = await host.UploadAsync(list);
        await stranger.IsProblemAsync(HttpStatusCode.BadRequest, "crl_issuer_unknown");
        using var origin = FakeOrigin.Mtls("acme", "customer1.agent.localhost", issuer: "CN=Key CA");
        await TestDelegate.RegisteredAsync(host, "acme", await host.CreateTokenAsync("acme"), origin, "below-the-intermediate");
        Assert.Single((await host.MustUploadAsync(list)).Warnings);
    }

    [Fact]
    public async Task Limits_hold()
    {
        await using var host = await RevocationCalls.StartWithEndpointAsync();
        for (var i = 0; i < Limits.MaxCrls; i++)
            await host.MustUploadAsync(TestCrl.Make(TestCa.New($"CN=Intermediate {i}"), host.Now), force: true);
        using var one = await host.UploadAsync(TestCrl.Make(TestCa.Main, host.Now));
        await one.IsProblemAsync(HttpStatusCode.Conflict, "crl_limit");
        using var large = await host.UploadAsync(new byte[Limits.MaxCrlUploadBytes + 1]);
        await large.IsProblemAsync(HttpStatusCode.RequestEntityTooLarge, "invalid_request");
        using var force = await host.Operator.PostAsync(new Uri("/api/v1/accounts/acme/mtls/crls?force=yes", UriKind.Relative), new ByteArrayContent([]));
        await force.IsProblemAsync(HttpStatusCode.BadRequest, "invalid_request");
    }

    [Fact]
    public async Task The_largest_list_is_taken_and_a_larger_one_is_not()
    {
        await using var host = await RevocationCalls.StartWithEndpointAsync();
        var serials = Enumerable.Range(0, 150_000).Select(i => BitConverter.GetBytes(0x40000000 + i).Reverse().ToArray()).ToArray();
        var large = TestCrl.Make(TestCa.Main, host.Now, 1, null, serials);
        Assert.InRange(large.Length, 3_000_000, Limits.MaxCrlBytes);
        Assert.Equal(150_000, (await host.MustUploadAsync(Encoding.ASCII.GetBytes(TestCrl.Pem(large)))).Crl.Count);
    }

    [Fact]
    public async Task They_go_with_the_endpoint_and_outlive_a_restart_and_a_change_of_mode()
    {
        await using var host = await RevocationCalls.StartWithEndpointAsync();
        var list = TestCrl.Make(TestCa.Main, host.Now, 1, null, s_serial);
        await host.MustUploadAsync(list);
        using var denied = await host.DenyAsync("sha256", new string('a', 64));
        using var policy = await host.SetPolicyAsync("grace", 3600);
        using var strict = await host.SetModeAsync("acme", "STRICT");
        IsWhole((await host.TrustAsync()).Revocation);
        await host.KillAsync();

        await using var again = await ManagerHost.StartAsync(Path.GetDirectoryName(host.Data), host.Time);
        IsWhole((await again.TrustAsync()).Revocation);
        using var gone = await again.MtlsAsync(HttpMethod.Delete, "acme", null);
        Assert.Equal((true, null), ((await again.TrustAsync()).IsDeleted, (await again.TrustAsync()).Revocation));
        using var none = await again.Operator.GetAsync(new Uri("/api/v1/accounts/acme/mtls/crls", UriKind.Relative));
        await none.IsProblemAsync(HttpStatusCode.NotFound, "endpoint_not_found");
        await again.EnableMtlsAsync("acme", "customer1");
        Assert.Null((await again.TrustAsync()).Revocation);
        Assert.Empty(await again.CrlsAsync());
        Assert.Empty(await again.DeniedAsync());

        void IsWhole(EndpointRevocation? revocation)
        {
            Assert.Equal((StaleCrlPolicy.Grace, TimeSpan.FromHours(1)), (revocation!.CrlPolicy, revocation.CrlGrace));
            Assert.Equal(list, Assert.Single(revocation.Crls).ToArray());
            Assert.Equal(new DeniedCertificate(DenyBy.Sha256, new string('A', 64), null), Assert.Single(revocation.Denied));
        }
    }

    [Fact]
    public async Task An_account_with_lists_can_be_deleted()
    {
        await using var host = await RevocationCalls.StartWithEndpointAsync();
        await host.MustUploadAsync(TestCrl.Make(TestCa.Main, host.Now));
        using var denied = await host.DenyAsync("key", new string('b', 64));
        using var deleted = await host.Operator.DeleteAsync(new Uri("/api/v1/accounts/acme", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.True((await host.TrustAsync()).IsDeleted);
    }
}
