using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using Gatehouse.Contracts;
using Gatehouse.Manager.Revocation;
using Gatehouse.Manager.Tests.Harness;

namespace Gatehouse.Manager.Tests.Revocation;

public sealed class CrlAgeTests
{
    private static readonly DateTimeOffset s_made = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(30, 22.9, "strict", "CURRENT")]
    [InlineData(30, 23.1, "strict", "DUE")]
    [InlineData(30, 30, "strict", "REFUSING")]
    [InlineData(30, 30, "ignore-stale", "STALE")]
    [InlineData(30, 30.9, "grace", "STALE")]
    [InlineData(30, 31, "grace", "REFUSING")]
    [InlineData(1, 0.7, "strict", "CURRENT")] // Not due from its first minute.
    [InlineData(1, 0.8, "strict", "DUE")]
    [InlineData(0, 1, "strict", "CURRENT")] // Does not say.
    public void State_by_life_age_and_policy(int life, double age, string policy, string state)
    {
        var chosen = policy switch { "grace" => StaleCrlPolicy.Grace, "ignore-stale" => StaleCrlPolicy.IgnoreStale, _ => StaleCrlPolicy.Strict };
        var crl = new CrlFacts("1", "acme", "S", "CN=CA", "01", s_made, life == 0 ? null : s_made.AddDays(life), "AA", 1, 0, s_made);
        var found = CrlAge.Of(crl, new CrlPolicyView(chosen, 86_400), s_made.AddDays(age));
        Assert.Equal(state, found.Name);
        Assert.Equal(state == "CURRENT", found.Warning is null);
    }

    [Theory]
    [InlineData("09", "10", -1)]
    [InlineData("FF", "0100", -1)]
    [InlineData("80", "7F", 1)]
    [InlineData("-01", "00", -1)]
    [InlineData("00FF", "FF", 0)]
    [InlineData(null, "01", 0)]
    public void Numbers_count_as_numbers(string? number, string? other, int expected) => Assert.Equal(expected, Math.Sign(CrlUpload.Compare(number, other)));

    [Fact]
    public async Task The_alarm_is_in_the_list_the_endpoint_the_readiness_the_log_and_the_gauge()
    {
        await using var host = await RevocationCalls.StartWithEndpointAsync();
        await host.MustUploadAsync(TestCrl.Make(TestCa.Main, host.Now, life: TimeSpan.FromDays(28)));
        Assert.Empty((await ReadinessAsync(host)).Warnings);
        host.Time.Advance(TimeSpan.FromDays(22));
        var due = Assert.Single(await host.CrlsAsync());
        Assert.Equal(("DUE", 6.0), (due.State, due.DaysLeft));
        Assert.Contains("out of date in 6 days (2026-12-22 12:00 UTC)", due.Warning, StringComparison.Ordinal);
        var ready = await ReadinessAsync(host);
        Assert.Equal((true, due.Warning), (ready.Ready, Assert.Single(ready.Warnings)));
        using var shown = await host.MtlsAsync(HttpMethod.Get, "acme", null);
        Assert.Equal("DUE", (await shown.JsonAsync()).GetProperty("resource").GetProperty("revocation").GetProperty("crls")[0].GetProperty("state").GetString());
        await host.RunJobsAsync();
        Assert.Equal("DUE 1, STALE 0, REFUSING 0", Gauge(host));

        host.Time.Advance(TimeSpan.FromDays(7));
        host.ErrorsExpected = true;
        await host.RunJobsAsync();
        host.Time.Advance(TimeSpan.FromMinutes(2));
        await host.RunJobsAsync();
        Assert.Contains("has been out of date for 24 hours", Assert.Single(host.Log.Errors), StringComparison.Ordinal);
        ready = await ReadinessAsync(host);
        Assert.False(ready.Ready);
        Assert.StartsWith("Not ready: a CRL is out of date", ready.Summary, StringComparison.Ordinal);
        Assert.Equal("DUE 0, STALE 0, REFUSING 1", Gauge(host));
        using var policy = await host.SetPolicyAsync("ignore-stale");
        Assert.True((await ReadinessAsync(host)).Ready);
    }

    [Fact]
    public async Task A_list_that_would_shut_everybody_out_needs_force()
    {
        await using var host = await RevocationCalls.StartWithEndpointAsync();
        var old = TestCrl.Make(TestCa.Main, host.Now.AddDays(-31));
        using (var refused = await host.UploadAsync(old))
            await refused.IsProblemAsync(HttpStatusCode.Conflict, "crl_out_of_date");
        Assert.Single((await host.MustUploadAsync(old, force: true)).Warnings);
        // Nobody is worse off by a newer one that is out of date as well.
        await host.MustUploadAsync(TestCrl.Make(TestCa.Main, host.Now.AddDays(-30.5), 2));
        using var policy = await host.SetPolicyAsync("ignore-stale");
        Assert.Equal("STALE", Assert.Single(await host.CrlsAsync()).State);
    }

    [Fact]
    public async Task The_policy_is_strict_until_it_is_set_and_wrong_values_are_named()
    {
        await using var host = await RevocationCalls.StartWithEndpointAsync();
        Assert.Equal(new CrlPolicyView(StaleCrlPolicy.Strict, 86_400), await PolicyAsync(host));
        Assert.Contains("\"policy\":\"strict\"", await host.Operator.GetStringAsync(new Uri("/api/v1/accounts/acme/mtls/crl-policy", UriKind.Relative)), StringComparison.Ordinal);
        using var grace = await host.SetPolicyAsync("grace");
        Assert.Equal(new CrlPolicyView(StaleCrlPolicy.Grace, 86_400), await PolicyAsync(host));
        using var longer = await host.SetPolicyAsync(null, 172_800);
        Assert.Equal(new CrlPolicyView(StaleCrlPolicy.Grace, 172_800), await PolicyAsync(host));
        foreach (var (policy, seconds) in new (string?, long?)[] { (null, null), ("Strict", null), ("never", null), ("grace", 0), ("grace", (90 * 86_400) + 1), ("grace", long.MaxValue) })
        {
            using var wrong = await host.SetPolicyAsync(policy, seconds);
            await wrong.IsProblemAsync(HttpStatusCode.BadRequest, "invalid_crl_policy");
        }
    }

    private static async Task<CrlPolicyView> PolicyAsync(ManagerHost host) =>
        (await host.Operator.GetFromJsonAsync("/api/v1/accounts/acme/mtls/crl-policy", ContractsJson.Default.CrlPolicyView))!;

    private static async Task<ReadinessView> ReadinessAsync(ManagerHost host) =>
        (await host.Operator.GetFromJsonAsync("/api/v1/accounts/acme/mtls/readiness", ContractsJson.Default.ReadinessView))!;

    private static string Gauge(ManagerHost host) => string.Join(", ", host.Get<CrlWatch>().Measure()
        .Select(measured => string.Create(CultureInfo.InvariantCulture, $"{measured.Tags[0].Value!.ToString()!.ToUpperInvariant()} {measured.Value}")));
}
