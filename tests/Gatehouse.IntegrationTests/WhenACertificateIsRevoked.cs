using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.Testing;

namespace Gatehouse.IntegrationTests;

/// <summary>
/// Revocation as an account's owner does it (threat A9): OpenSSL's CA revokes, the command line uploads. Whoever is on the list is out within a second, does
/// not get in again, and no TLS session from before helps. The others notice nothing.
/// </summary>
public sealed class WhenACertificateIsRevoked : IAsyncLifetime
{
    private const string Host = "customer1.agent.localhost";
    private static readonly string[] s_versions = ["-tls1_2", "-tls1_3"];
    private readonly Dictionary<string, string> _sessions = [];
    private GatehouseSystem _system = null!;
    private OpenSsl.Pair _ca = null!, _client = null!, _other = null!;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync() => await _system.DisposeAsync();

    [Theory, InlineData("explain"), InlineData("alert")]
    public async Task A_revoked_client_is_cut_off_and_stays_out(string refusal)
    {
        await StartAsync(refusal);
        await using var revoked = await OpenConnection.OpenAsync(_system, Host, _client);
        await using var other = await OpenConnection.OpenAsync(_system, Host, _other);
        await EarnSessionsAsync();
        var crls = new OpenSslCrls(_ca, _system.Directory.Path);
        await crls.RevokeAsync(_client);
        var list = await crls.CreateAsync();

        var ended = revoked.EndedAsync();
        var stored = JsonDocument.Parse(await _system.MustAsync("mtls", "crl", "add", list, "--account", "acc1", "--output", "json")).RootElement;
        Assert.Equal(1, stored.GetProperty("crl").GetProperty("count").GetInt32());
        await ended;
        await other.AskAsync();

        foreach (var version in s_versions)
        {
            AssertRefused(refusal, "certificate_revoked", await ClientAsync(version, _client));
            // The session was good a moment ago; it is of an earlier generation, with the certificate and without.
            AssertRefused(refusal, "certificate_revoked", await ClientAsync(version, _client, "-sess_in", _sessions[version]));
            AssertRefused(refusal, "client_certificate_required", await ClientAsync(version, null, "-sess_in", _sessions[version]));
            Assert.Contains("200 OK", await ClientAsync(version, _other), StringComparison.Ordinal);
        }
        Assert.Contains("certificate_revoked", await _system.MustAsync("refusals", "--account", "acc1"), StringComparison.Ordinal);

        // It is not forgotten.
        await _system.Server.KillAsync();
        await _system.StartServerAsync(Environment(refusal));
        AssertRefused(refusal, "certificate_revoked", await ClientAsync("-tls1_3", _client, "-sess_in", _sessions["-tls1_3"]));
        Assert.Contains("200 OK", await ClientAsync("-tls1_3", _other), StringComparison.Ordinal);

        // Who takes the list out lets its certificates in again.
        await _system.MustAsync("mtls", "crl", "remove", stored.GetProperty("crl").GetProperty("id").GetString()!, "--account", "acc1");
        Assert.Contains("200 OK", await ClientAsync("-tls1_3", _client), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_denied_client_is_cut_off_whatever_its_CA_says()
    {
        await StartAsync("explain");
        foreach (var by in new[] { "key", "sha256", "serial" })
        {
            await using var denied = await OpenConnection.OpenAsync(_system, Host, _client);
            var ended = denied.EndedAsync();
            var entry = JsonDocument.Parse(await _system.MustAsync("mtls", "deny", "add", "--account", "acc1", "--cert", _client.Certificate, "--by", by, "--output", "json")).RootElement;
            await ended;
            AssertRefused("explain", "certificate_denied", await ClientAsync("-tls1_3", _client));
            Assert.Contains("200 OK", await ClientAsync("-tls1_3", _other), StringComparison.Ordinal);
            await _system.MustAsync("mtls", "deny", "remove", entry.GetProperty("id").GetString()!, "--account", "acc1");
        }
        Assert.Contains("200 OK", await ClientAsync("-tls1_3", _client), StringComparison.Ordinal);
    }

    private async Task StartAsync(string refusal)
    {
        _system = await GatehouseSystem.StartAsync(Environment(refusal));
        _ca = await _system.OpenSsl.CreateCaAsync();
        _client = await _system.OpenSsl.CreateClientAsync(_ca);
        _other = await _system.OpenSsl.CreateClientAsync(_ca, "other");
        await _system.CreateAccountAsync("acc1");
        await _system.EnableMtlsAsync("acc1", "customer1", _ca, MtlsMode.STRICT);
    }

    private static Dictionary<string, string?> Environment(string refusal) => new() { ["GATEHOUSE__AGENT__REFUSAL"] = refusal };

    private async Task EarnSessionsAsync()
    {
        foreach (var version in s_versions)
        {
            var session = _sessions[version] = _system.Directory.File("session" + version);
            await ClientAsync(version, _client, "-sess_out", session);
            // Only a session that works shows something when it is refused later.
            Assert.Contains("Reused, TLSv1", await ClientAsync(version, null, "-sess_in", session), StringComparison.Ordinal);
        }
    }

    private static void AssertRefused(string refusal, string code, string answer)
    {
        Assert.DoesNotContain("200 OK", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Reused, ", answer, StringComparison.Ordinal);
        if (refusal == "explain")
        {
            Assert.Contains($"{HeaderNames.GatehouseRefusal}: {code}", answer, StringComparison.OrdinalIgnoreCase);
            Assert.Contains($"\"code\":\"{code}\"", answer, StringComparison.Ordinal);
        }
        else
        {
            // As OpenSSL writes alerts 44 and 116; TLS 1.2 has no word for a certificate that is missing and says handshake_failure.
            Assert.Matches(code == "certificate_revoked" ? "alert number 44" : "alert number (116|40)", answer);
            Assert.DoesNotContain("HTTP/1.1", answer, StringComparison.Ordinal);
        }
    }

    private async Task<string> ClientAsync(string version, OpenSsl.Pair? client, params string[] more)
    {
        string[] identity = client is null ? [] : ["-cert", client.Certificate, "-key", client.Key];
        var result = await CommandLine.RunAsync(
            "openssl", ["s_client", "-connect", $"127.0.0.1:{_system.AgentPort}", "-servername", Host, version, "-ign_eof", .. identity, .. more],
            $"GET /api/account/acc1/status HTTP/1.1\r\nHost: {Host}\r\nConnection: close\r\n\r\n");
        return result.All;
    }
}
