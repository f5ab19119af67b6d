using Gatehouse.Contracts;
using Gatehouse.Testing;

namespace Gatehouse.IntegrationTests;

/// <summary>The seven steps, end to end: processes, OpenSSL's recipe, the command line.</summary>
public sealed class WhenAnAccountMovesToStrict : IAsyncLifetime
{
    private GatehouseSystem _system = null!;
    private OpenSsl.Pair _ca = null!, _client = null!;
    private string _token = "";

    public async ValueTask InitializeAsync()
    {
        _system = await GatehouseSystem.StartAsync();
        _ca = await _system.OpenSsl.CreateCaAsync();
        _client = await _system.OpenSsl.CreateClientAsync(_ca);
        _token = await _system.CreateAccountAsync("acc1");
    }

    public async ValueTask DisposeAsync() => await _system.DisposeAsync();

    [Fact]
    public async Task The_fleet_moves_without_losing_a_request()
    {
        // The endpoint answers at once.
        await _system.MustAsync("mtls", "enable", "--account", "acc1", "--prefix", "Customer1", "--ca", _ca.Certificate, "--mode", "LOOSE");
        Assert.Equal(200, (await _system.Curl.GetAsync("customer1.agent.localhost", "/api/account/acc1/status", _client)).Status);

        // One delegate with, one without, one on the shared host.
        _system.StartDelegate("acc1", _token, "with", "customer1.agent.localhost", _client);
        var without = _system.StartDelegate("acc1", _token, "without", "customer1.agent.localhost");
        var shared = _system.StartDelegate("acc1", _token, "shared", "gatehouse.localhost");
        var mtls = await _system.ConnectedAsync("acc1", "with", mtls: true);
        await _system.ConnectedAsync("acc1", "without", mtls: false);
        await _system.ConnectedAsync("acc1", "shared", mtls: false);
        Assert.Contains("Client", mtls.Certificate!.Subject, StringComparison.Ordinal);
        Assert.Contains("CA Cert", mtls.Certificate.Issuer, StringComparison.Ordinal);
        var serial = (await CommandLine.MustAsync("openssl", "x509", "-in", _client.Certificate, "-noout", "-serial")).Trim().Split('=')[1];
        Assert.Equal(serial, mtls.Certificate.SerialNumber, ignoreCase: true);
        var table = await _system.MustAsync("delegates", "--account", "acc1");
        Assert.Contains("with", table, StringComparison.Ordinal);

        // Not ready, and it says who.
        var notReady = await _system.CliAsync("mtls", "readiness", "--account", "acc1");
        Assert.Equal(1, notReady.ExitCode);
        Assert.Contains("without", notReady.All, StringComparison.Ordinal);
        Assert.Contains("shared", notReady.All, StringComparison.Ordinal);

        // A task runs throughout on the delegate with a certificate.
        var running = _system.CliAsync("task", "run", "--account", "acc1", "--selector", "with", "--", "for i in 1 2 3 4 5 6; do echo tick $i; sleep 0.5; done; exit 7");
        await Eventually.TrueAsync("the task to start", async () => (await _system.DelegatesAsync("acc1")).Any(d => d.RunningTasks == 1));

        await _system.MustAsync("mtls", "mode", "--account", "acc1", "STRICT");
        await Eventually.TrueAsync("the others' streams closed",
            async () => (await _system.DelegatesAsync("acc1")).Where(d => d.Name != "with").All(d => !d.StreamOpen));

        // Both ends say why.
        await Eventually.TrueAsync("the reason at the delegate", () => Task.FromResult(without.Output.Contains("client_certificate_required", StringComparison.Ordinal)));
        await Eventually.TrueAsync("the reason at the delegate on the shared host", () => Task.FromResult(shared.Output.Contains("mtls_required", StringComparison.Ordinal)));
        var refusals = await _system.MustAsync("refusals", "--account", "acc1");
        Assert.Contains("client_certificate_required", refusals, StringComparison.Ordinal);
        Assert.Contains("mtls_required", refusals, StringComparison.Ordinal);

        // The other one has not lost a request.
        var done = await running;
        Assert.Equal(7, done.ExitCode);
        Assert.Equal(["tick 1", "tick 2", "tick 3", "tick 4", "tick 5", "tick 6"], done.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.True((await _system.ConnectedAsync("acc1", "with")).StreamOpen);
    }

    [Fact]
    public async Task Wrong_certificates_get_the_code_in_body_header_and_list()
    {
        await _system.EnableMtlsAsync("acc1", "customer1", _ca, MtlsMode.STRICT);
        var otherCa = await _system.OpenSsl.CreateCaAsync("ca2");
        var otherClient = await _system.OpenSsl.CreateClientAsync(otherCa, "client2");
        await _system.CreateAccountAsync("acc2");
        await _system.EnableMtlsAsync("acc2", "customer2", otherCa, MtlsMode.STRICT);
        var expired = await _system.OpenSsl.CreateExpiredClientAsync(_ca);

        foreach (var (client, code) in new (OpenSsl.Pair?, string)[]
                 { (null, "client_certificate_required"), (expired, "certificate_expired"), (otherClient, "certificate_unknown_ca") })
        {
            var answer = await _system.Curl.GetAsync("customer1.agent.localhost", "/api/account/acc1/status", client);
            Assert.Equal(403, answer.Status);
            Assert.Equal(code, answer.Header(HeaderNames.GatehouseRefusal));
            Assert.Contains($"\"code\":\"{code}\"", answer.Body, StringComparison.Ordinal);
            Assert.Contains(code, await _system.MustAsync("refusals", "--account", "acc1"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_operator_api_cannot_be_reached_through_the_agent_listener()
    {
        var key = (await File.ReadAllTextAsync(Path.Combine(_system.Data, "operator.key"), TestContext.Current.CancellationToken)).Trim();
        foreach (var path in new[] { "/api/v1/accounts", "/api/agent/mtls/endpoint?accountId=acc1", "/metrics", "/livez", "/readyz", "/api/v1/server" })
            Assert.Equal(404, (await _system.Curl.GetAsync("localhost", path, null, "--header", $"X-Api-Key: {key}")).Status);
    }
}
