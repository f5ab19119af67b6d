using System.Net;
using Gatehouse.Contracts;
using Gatehouse.LogService.Tests.Harness;

namespace Gatehouse.LogService.Tests.Protocol;

/// <summary>Sheet §2 and §4: tokens, their refusals, and the routes of the service itself.</summary>
public sealed class TokenRouteTests
{
    [Fact]
    public async Task Minted_for_the_global_token_only()
    {
        await using var host = await LogHost.StartAsync();
        var (status, token) = await GetAsync(host, "/token?accountID=acc1", LogHost.GlobalToken);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.DoesNotContain('=', token);
        Assert.Equal(new ServiceToken("acc1", host.Time.GetUtcNow() + TimeSpan.FromHours(48)), ServiceTokens.Read(LogHost.Secret, token, host.Time.GetUtcNow()));
        Assert.Equal(HttpStatusCode.BadRequest, (await GetAsync(host, "/token", LogHost.GlobalToken)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await GetAsync(host, "/token?accountID=acc1", LogHost.GlobalToken + "x")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await GetAsync(host, "/token?accountID=acc1", null)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await GetAsync(host, "/token?accountID=acc1", null, ("x-api-key", "pat.x"))).Status);
    }

    [Fact]
    public async Task Refused_in_the_sheets_order()
    {
        await using var host = await LogHost.StartAsync();
        Assert.Equal(HttpStatusCode.BadRequest, (await GetAsync(host, "/blob?key=k", host.TokenOf("acc1"))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync(host, "/blob?accountID=nobody&key=k", host.TokenOf("nobody"))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await GetAsync(host, "/blob?accountID=acc1&key=k", null)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await GetAsync(host, "/blob?accountID=acc1&key=k", host.TokenOf("acc2"))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await GetAsync(host, "/blob?accountID=acc1&key=k", "garbage")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await GetAsync(host, "/blob?accountID=acc1&key=k", host.TokenOf("acc1"), ("x-api-key", "pat.x"))).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(host, "/blob?accountID=acc1&key=k", host.TokenOf("acc1") + "==")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await GetAsync(host, "/blob?accountID=acc1&key=" + new string('k', 2_049), host.TokenOf("acc1"))).Status);
        var token = host.TokenOf("acc1");
        host.Time.Advance(TimeSpan.FromHours(48));
        Assert.Equal(HttpStatusCode.Forbidden, (await GetAsync(host, "/blob?accountID=acc1&key=k", token)).Status);
    }

    [Fact]
    public async Task Errors_have_the_services_form()
    {
        await using var host = await LogHost.StartAsync();
        using var response = await host.Client.GetAsync(new Uri("/blob", UriKind.Relative));
        Assert.Equal("application/json", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("no-cache, private, max-age=0", response.Headers.NonValidated["Cache-Control"].ToString());
        Assert.Equal("no-cache", response.Headers.Pragma.ToString());
        Assert.Equal("0", Assert.Single(response.Headers.GetValues("X-Accel-Expires")));
        Assert.StartsWith("{\n  \"error_msg\": ", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asked_without_an_account_it_says_that_it_is_well()
    {
        await using var host = await LogHost.StartAsync();
        Assert.Equal((HttpStatusCode.OK, "OK"), await GetAsync(host, "/healthz", null));
        Assert.Equal((HttpStatusCode.OK, "OK"), await GetAsync(host, "/ready/healthz", null));
        Assert.Equal((HttpStatusCode.OK, "true"), await GetAsync(host, "/stackdriver", null));
        Assert.Equal(HttpStatusCode.OK, (await host.CallAsync("POST", "/stackdriver", "delegate", "[]")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await host.CallAsync("POST", "/stackdriver", "", "[]")).Status);
        var (status, body) = await host.CallAsync("POST", "/rca", "k");
        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Contains("not configured", body, StringComparison.Ordinal);
    }

    private static async Task<(HttpStatusCode Status, string Body)> GetAsync(LogHost host, string path, string? token, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (token is not null)
            request.Headers.Add("X-Harness-Token", token);
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        using var response = await host.Client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
