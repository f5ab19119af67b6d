using Gatehouse.Contracts;
using Gatehouse.Testing;

namespace Gatehouse.IntegrationTests.SelfTest;

/// <summary>The pass list that an auditor gets: <c>gatehouse selftest</c> against the server as people run it.</summary>
public sealed class WhenAnOutsiderAttacks : IAsyncDisposable
{
    private GatehouseSystem _system = null!;
    private OpenSsl.Pair _client = null!, _otherClient = null!;

    private async Task StartAsync(string refusal = "explain", string resumption = "stateful", string engine = "auto")
    {
        _system = await GatehouseSystem.StartAsync(new Dictionary<string, string?>
        {
            ["GATEHOUSE__AGENT__REFUSAL"] = refusal,
            ["GATEHOUSE__AGENT__TLS__RESUMPTION"] = resumption,
            ["GATEHOUSE__AGENT__TLS__ENGINE"] = engine,
        });
        var (ca, otherCa) = (await _system.OpenSsl.CreateCaAsync("ca1", "/O=First/CN=CA"), await _system.OpenSsl.CreateCaAsync("ca2", "/O=Second/CN=CA"));
        (_client, _otherClient) = (await _system.OpenSsl.CreateClientAsync(ca, "client1"), await _system.OpenSsl.CreateClientAsync(otherCa, "client2"));
        await _system.CreateAccountAsync("acc1");
        await _system.CreateAccountAsync("acc2");
        await _system.EnableMtlsAsync("acc1", "customer1", ca, MtlsMode.STRICT);
        await _system.EnableMtlsAsync("acc2", "customer2", otherCa, MtlsMode.STRICT);
    }

    public async ValueTask DisposeAsync() => await _system.DisposeAsync();

    private string[] Url => ["--url", $"https://{TwoTenants.First}:{_system.AgentPort}", "--server-ca", _system.ServerCa];

    private string[] Everything =>
    [
        .. Url, "--cert", _client.Certificate, "--key", _client.Key, "--account", "acc1", "--other-url", $"https://{TwoTenants.Second}:{_system.AgentPort}", "--other-account", "acc2",
        "--other-cert", _otherClient.Certificate, "--other-key", _otherClient.Key, "--shared-url", $"https://{TwoTenants.Shared}:{_system.AgentPort}",
    ];

    [Theory]
    [InlineData("STRICT", "explain", "stateful", "openssl")]
    [InlineData("LOOSE", "explain", "tickets", "openssl")]
    [InlineData("STRICT", "alert", "tickets", "openssl")]
    [InlineData("LOOSE", "alert", "stateful", "openssl")]
    [InlineData("STRICT", "explain", "off", "sslstream")]
    public async Task Everything_that_can_be_shown_from_outside_passes_and_nothing_is_changed(string mode, string refusal, string resumption, string engine)
    {
        await StartAsync(refusal, resumption, engine);
        await _system.SetModeAsync("acc1", Enum.Parse<MtlsMode>(mode));
        var before = await _system.MustAsync("audit", "export");

        var report = await SelfTestReport.RunAsync(Everything);

        Assert.Empty(report.Failed);
        Assert.Equal(["A13", "A2", "A5", "A9"], report.NotTested.Select(row => row.Threat).Order(StringComparer.Ordinal));
        Assert.True(report.Rows.Count > 130, $"{report.Rows.Count} checks");
        Assert.Equal(before, await _system.MustAsync("audit", "export"));
        Assert.Empty(await _system.DelegatesAsync("acc1"));
        // A pass for want of a session, or for another form of refusal than the one set, would be none.
        Assert.All(["TLS 1.3", "TLS 1.2"], version => Assert.Equal(resumption != "off", report.Of("A1", $"{version}: a session earned here, at its own name").Received.StartsWith("resumed; 200", StringComparison.Ordinal)));
        Assert.Contains(refusal == "alert" ? "TLS alert" : "403", report.Of("B1", "a self-signed certificate, HTTP/1.1, TLS 1.3").Received, StringComparison.Ordinal);
        // Loud, as it says.
        Assert.Contains("certificate_issuer_not_ca", await _system.MustAsync("refusals", "--account", "acc1", "--limit", "1000"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_certificate_it_says_what_it_could_not_test()
    {
        await StartAsync();
        var report = await SelfTestReport.RunAsync(Url);

        Assert.Empty(report.Failed);
        Assert.Equal("give --cert and --key", report.Of("CONTROL", "a well-behaved request").Received);
        Assert.Equal("give --cert and --key", report.Of("A10", "a certificate signed").Received);
        Assert.Equal("give --other-url", report.Of("A1", "TLS 1.3: a session earned here, at the other tenant's name").Received);
        Assert.Equal("give --account and --other-account", report.Of("A8", "").Received);
        Assert.Equal("pass", report.Of("A12", "a self-signed certificate, TLS 1.3").Result);
    }

    [Fact]
    public async Task A_wrong_certificate_or_root_fails_the_control_and_not_the_attacks()
    {
        await StartAsync();
        var strangerCa = await _system.OpenSsl.CreateCaAsync("ca3", "/O=Stranger/CN=CA");
        var stranger = await _system.OpenSsl.CreateClientAsync(strangerCa, "client3");

        var report = await SelfTestReport.RunAsync("--url", $"https://{TwoTenants.First}:{_system.AgentPort}", "--server-ca", strangerCa.Certificate, "--cert", stranger.Certificate, "--key", stranger.Key);

        report.MustFail("CONTROL", "nothing: the server's certificate", "not trusted");
        report.MustFail("CONTROL", "a well-behaved request", "403 certificate_unknown_ca");
        Assert.Equal(["CONTROL", "CONTROL"], report.Failed.Select(row => row.Threat));
        // So many were refused that the gateway turns everybody from here away for a while: that is no pass.
        Assert.DoesNotContain(report.Rows, row => row.Result == "pass" && row.Received.Contains("internal error", StringComparison.Ordinal));
        Assert.StartsWith("the control failed", report.Of("A3", "HTTP/1.1: no Host").Received, StringComparison.Ordinal);
    }

    /// <summary>The page shows a whole run; it is compared with this one.</summary>
    [Fact]
    public async Task For_people_it_is_a_list_with_head_and_count_and_the_page_shows_it()
    {
        await StartAsync();

        var result = await _system.CliAsync(["selftest", .. Everything]);

        Assert.Equal(0, result.ExitCode);
        Assert.Matches(@"\nTarget +https://customer1\.agent\.localhost:\d+ \(connected to 127\.0\.0\.1:\d+\)\nBegan +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\n", result.Output);
        Assert.Matches(@"\nServer certificate .*SHA-256 [0-9A-F]{64}\n", result.Output);
        Assert.Matches(@"\nTested by +gatehouse \d+\.\d+\.\d+, \.NET .*OpenSSL 3", result.Output);
        Assert.Matches(@"\nA4  No, unknown or cut server name.*\nRESULT +SENT +CAME BACK\npass +no server name", result.Output);
        Assert.Matches(@"\n\d+ passed, 0 failed, \d+ not tested\.\nNot tested: .*A5 \(1\)", result.Output);
        SelfTestPage.Check(result.Output, _system.AgentPort);
    }
}
