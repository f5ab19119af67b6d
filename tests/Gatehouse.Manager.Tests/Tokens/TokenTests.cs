using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Manager.Tests.Harness;

namespace Gatehouse.Manager.Tests.Tokens;

public sealed class TokenTests
{
    [Fact]
    public async Task The_value_is_shown_once_and_not_stored_in_the_clear()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var value = await host.CreateTokenAsync("acme", "one");
        Assert.Matches("^[0-9a-f]{32}$", value);
        var listed = Assert.Single((await host.Operator.GetFromJsonAsync("/api/v1/accounts/acme/tokens", ContractsJson.Default.IReadOnlyListTokenView))!);
        Assert.Equal(("one", "ACTIVE", null), (listed.Name, listed.Status, listed.Value));
        foreach (var file in Directory.EnumerateFiles(host.Data, "gatehouse.db*"))
        {
            var bytes = await File.ReadAllBytesAsync(file);
            Assert.Equal(-1, bytes.AsSpan().IndexOf(Convert.FromHexString(value)));
            Assert.Equal(-1, bytes.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(value)));
        }
        Assert.DoesNotContain(host.Log.All, line => line.Contains(value, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Names_are_given_once()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        await host.CreateTokenAsync("acme", "one");
        using var again = await host.Operator.PostAsJsonAsync("/api/v1/accounts/acme/tokens", new CreateTokenRequest("one"), ContractsJson.Default.CreateTokenRequest);
        await again.IsProblemAsync(HttpStatusCode.Conflict, "token_exists");
        using var wrong = await host.Operator.PostAsJsonAsync("/api/v1/accounts/acme/tokens", new CreateTokenRequest("a b"), ContractsJson.Default.CreateTokenRequest);
        await wrong.IsProblemAsync(HttpStatusCode.BadRequest, "invalid_token_name");
        using var past = await host.Operator.PostAsJsonAsync("/api/v1/accounts/acme/tokens", new CreateTokenRequest("two", host.Now), ContractsJson.Default.CreateTokenRequest);
        await past.IsProblemAsync(HttpStatusCode.BadRequest, "revoke_after_in_the_past");
    }

    [Fact]
    public async Task Revoking_counts_at_once_though_the_credential_was_good_a_moment_ago()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var token = await host.CreateTokenAsync("acme", "one");
        var worker = await TestDelegate.RegisteredAsync(host, "acme", token);
        using var stream = await worker.OpenStreamAsync();
        var credential = worker.Credential;
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(host, "acme", credential)).StatusCode);

        using var revoked = await host.Operator.PostAsync(new Uri("/api/v1/accounts/acme/tokens/one/revoke", UriKind.Relative), null);
        Assert.Equal("REVOKED", (await revoked.Content.ReadFromJsonAsync(ContractsJson.Default.TokenView))!.Status);

        await (await AskAsync(host, "acme", credential)).IsProtocolErrorAsync(HttpStatusCode.Unauthorized, ProtocolErrorCode.RevokedToken);
        var frames = await stream.RestAsync();
        Assert.Contains(frames, frame => frame.Contains(ProtocolErrorCode.RevokedToken, StringComparison.Ordinal));
        Assert.Equal("[SELF_DESTRUCT]" + worker.Id, frames[^1]);
        Assert.Equal(ProtocolErrorCode.RevokedToken, stream.CloseReason);
        using var twice = await host.Operator.PostAsync(new Uri("/api/v1/accounts/acme/tokens/one/revoke", UriKind.Relative), null);
        await twice.IsProblemAsync(HttpStatusCode.Conflict, "token_revoked");
        using var unknown = await host.Operator.PostAsync(new Uri("/api/v1/accounts/acme/tokens/none/revoke", UriKind.Relative), null);
        await unknown.IsProblemAsync(HttpStatusCode.NotFound, "token_not_found");

        await host.KillAsync();
        await using var again = await ManagerHost.StartAsync(Path.GetDirectoryName(host.Data), host.Time);
        await (await AskAsync(again, "acme", credential)).IsProtocolErrorAsync(HttpStatusCode.Unauthorized, ProtocolErrorCode.RevokedToken);
    }

    [Fact]
    public async Task RevokeAfter_counts_at_the_moment_and_ends_streams()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var token = await host.CreateTokenAsync("acme", "one", host.Now.AddMinutes(1));
        var worker = await TestDelegate.RegisteredAsync(host, "acme", token);
        using var stream = await worker.OpenStreamAsync();
        var credential = worker.Credential;
        host.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(host, "acme", credential)).StatusCode);
        host.Time.Advance(TimeSpan.FromSeconds(1));
        await (await AskAsync(host, "acme", credential)).IsProtocolErrorAsync(HttpStatusCode.Unauthorized, ProtocolErrorCode.RevokedToken);
        await host.RunJobsAsync();
        Assert.Contains(await stream.RestAsync(), frame => frame.StartsWith("[SELF_DESTRUCT]", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_credential_is_good_for_its_account_only()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        await host.CreateAccountAsync("rival");
        var token = await host.CreateTokenAsync("acme");
        await host.CreateTokenAsync("rival");
        var credential = TestCredential.Make(token, null, host.Now);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(host, "acme", credential)).StatusCode); // No sub: optional.
        await (await AskAsync(host, "rival", credential)).IsProtocolErrorAsync(HttpStatusCode.Unauthorized, ProtocolErrorCode.InvalidToken);
        var foreign = TestCredential.Make(token, "rival", host.Now);
        await (await AskAsync(host, "acme", foreign)).IsProtocolErrorAsync(HttpStatusCode.Unauthorized, ProtocolErrorCode.InvalidToken);
    }

    [Theory]
    [InlineData(-60, "EXPIRED_TOKEN", "minutes")]
    [InlineData(-34, null, null)]
    [InlineData(4, null, null)]
    [InlineData(60, "INVALID_CREDENTIAL", "ahead")]
    public async Task A_delegate_whose_clock_is_off_is_told_so(int minutes, string? code, string? word)
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var credential = TestCredential.Make(await host.CreateTokenAsync("acme"), "acme", host.Now.AddMinutes(minutes));
        using var response = await AskAsync(host, "acme", credential);
        if (code is null)
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            return;
        }
        var text = await response.IsProtocolErrorAsync(HttpStatusCode.Unauthorized, code);
        Assert.Contains("2026-11-24 12:00:00Z", text, StringComparison.Ordinal);
        Assert.Contains("60 minutes", text, StringComparison.Ordinal);
        Assert.Contains(word!, text, StringComparison.Ordinal);
        Assert.NotNull(response.Headers.Date);
    }

    [Fact]
    public async Task A_remembered_verdict_ends_with_the_credential()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var credential = TestCredential.Make(await host.CreateTokenAsync("acme"), "acme", host.Now);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(host, "acme", credential)).StatusCode);
        host.Time.Advance(TimeSpan.FromMinutes(36));
        await (await AskAsync(host, "acme", credential)).IsProtocolErrorAsync(HttpStatusCode.Unauthorized, ProtocolErrorCode.ExpiredToken);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Delegate")]
    [InlineData("Bearer abc")]
    [InlineData("Delegate garbage")]
    [InlineData("Delegate a.b.c.d.e")]
    public async Task Garbage_is_an_invalid_token(string? header)
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        using var request = new HttpRequestMessage(HttpMethod.Get, Routes.Agent.Configuration + "?accountId=acme");
        if (header is not null)
            request.Headers.TryAddWithoutValidation("Authorization", header);
        using var response = await host.Agent.SendAsync(request);
        await response.IsProtocolErrorAsync(HttpStatusCode.Unauthorized, ProtocolErrorCode.InvalidToken);
    }

    private static async Task<HttpResponseMessage> AskAsync(ManagerHost host, string account, string credential)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Routes.Agent.Configuration}?accountId={account}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Delegate", credential);
        return await host.Agent.SendAsync(request);
    }
}
