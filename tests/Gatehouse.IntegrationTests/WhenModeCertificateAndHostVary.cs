using System.Collections.Concurrent;
using Gatehouse.Contracts;
using Gatehouse.Testing;

namespace Gatehouse.IntegrationTests;

/// <summary>
/// The truth table of admission, through the gateway, on both services: mode × certificate × host. What each row expects is written out here and not computed;
/// the code under test has one predicate, and this is what it must come to.
/// </summary>
public sealed class WhenModeCertificateAndHostVary(WhenModeCertificateAndHostVary.ThreeAccounts accounts) : IClassFixture<WhenModeCertificateAndHostVary.ThreeAccounts>
{
    private const string LooseHost = "customer1.agent.localhost", StrictHost = "customer2.agent.localhost", Vanity = "agents.example.test", Shared = "gatehouse.localhost";
    private const string Ok = "200";

    /// <summary>account, host, certificate (none, of which account's CA, or expired), outcome.</summary>
    private static readonly (string Account, string Host, string Certificate, string Outcome)[] s_table =
    [
        // Without an endpoint: the shared host, and no certificate to show anywhere.
        ("plain", Shared, "none", Ok),
        ("plain", Shared, "loose", Ok),
        ("plain", LooseHost, "none", "403 account_mismatch"),
        ("plain", LooseHost, "loose", "403 account_mismatch"),
        ("plain", StrictHost, "none", "403 client_certificate_required"),
        ("plain", StrictHost, "strict", "403 account_mismatch"),

        // LOOSE: with and without, on every way in; a bad one is never taken for none.
        ("loose", LooseHost, "none", Ok),
        ("loose", LooseHost, "loose", Ok),
        ("loose", LooseHost, "strict", "403 certificate_unknown_ca"),
        ("loose", LooseHost, "loose-expired", "403 certificate_expired"),
        ("loose", Vanity, "none", Ok),
        ("loose", Vanity, "loose", Ok),
        ("loose", Vanity, "strict", "403 certificate_unknown_ca"),
        ("loose", Shared, "none", Ok),
        // Nobody asks for a certificate there, so a bad one is not seen.
        ("loose", Shared, "strict", Ok),
        ("loose", StrictHost, "none", "403 client_certificate_required"),
        ("loose", StrictHost, "loose", "403 certificate_unknown_ca"),
        ("loose", StrictHost, "strict", "403 account_mismatch"),

        // STRICT: with its certificate through its own endpoint, and no other way.
        ("strict", StrictHost, "none", "403 client_certificate_required"),
        ("strict", StrictHost, "strict", Ok),
        ("strict", StrictHost, "loose", "403 certificate_unknown_ca"),
        ("strict", StrictHost, "strict-expired", "403 certificate_expired"),
        ("strict", Shared, "none", "401 mtls_required"),
        ("strict", Shared, "strict", "401 mtls_required"),
        ("strict", LooseHost, "none", "403 account_mismatch"),
        ("strict", LooseHost, "loose", "403 account_mismatch"),
        ("strict", LooseHost, "strict", "403 certificate_unknown_ca"),
        ("strict", Vanity, "none", "403 account_mismatch"),
    ];

    [Fact]
    public async Task Each_row_holds_on_the_log_service_and_on_the_ti_service()
    {
        var wrong = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(s_table.SelectMany(row => new[] { (row, "log"), (row, "log at its other path"), (row, "ti") }), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (one, _) =>
        {
            var ((account, host, certificate, expected), service) = one;
            var outcome = await AskAsync(service, host, certificate, account, account);
            if (outcome != expected)
                wrong.Enqueue($"{account} through {host} with certificate {certificate}, {service} service: {outcome}, not {expected}");
        });
        Assert.Empty(wrong);
    }

    /// <summary>Token, query and connection name one account, or nothing is answered: the last two are compared at the gateway, the first two by the service.</summary>
    [Theory]
    [InlineData("log", "loose", "loose", Ok)]
    [InlineData("ti", "loose", "loose", Ok)]
    [InlineData("log", "loose", "plain", "403")]
    [InlineData("log at its other path", "loose", "plain", "403")]
    [InlineData("log at its other path", "plain", "loose", "403 account_mismatch")]
    [InlineData("ti", "loose", "plain", "400")]
    [InlineData("log", "plain", "loose", "403 account_mismatch")]
    [InlineData("ti", "plain", "loose", "403 account_mismatch")]
    [InlineData("log", "plain", "plain", "403 account_mismatch")]
    [InlineData("ti", "plain", "plain", "403 account_mismatch")]
    [InlineData("log", "strict", "strict", "403 account_mismatch")]
    [InlineData("ti", "strict", "loose", "403 account_mismatch")]
    public async Task Token_query_and_connection_are_of_one_account(string service, string queryAccount, string tokenAccount, string expected) =>
        Assert.Equal(expected, await AskAsync(service, LooseHost, "loose", queryAccount, tokenAccount));

    private async Task<string> AskAsync(string service, string host, string certificate, string queryAccount, string tokenAccount)
    {
        var secret = (await File.ReadAllTextAsync(Path.Combine(accounts.System.Data, $"{service.Split(' ')[0]}-service.secret"))).Trim();
        var token = ServiceTokens.Mint(secret, tokenAccount, DateTimeOffset.FromUnixTimeSeconds(4_000_000_000));
        var path = service.StartsWith("log", StringComparison.Ordinal)
            ? $"{(service == "log" ? "" : "/gateway")}/log-service/stream/info?accountID={queryAccount}"
            : $"/ti-service/reports/summary?accountId={queryAccount}&orgId=o&projectId=p&pipelineId=l&buildId=1&stageId=s&stepId=t&report=junit";
        // The wildcard covers no vanity host; whose name the server's certificate bears is not what is asked here.
        string[] trust = host == Vanity ? ["--insecure"] : [];
        var answer = await accounts.System.Curl.GetAsync(host, path, certificate == "none" ? null : accounts.Certificates[certificate], [.. trust, "--header", $"X-Harness-Token: {token}"]);
        return answer.Header(HeaderNames.GatehouseRefusal) is { } code ? $"{answer.Status} {code}" : $"{answer.Status}";
    }

    /// <summary>One server for all rows: an account without an endpoint, a LOOSE one and a STRICT one.</summary>
    public sealed class ThreeAccounts : IAsyncLifetime
    {
        internal Dictionary<string, OpenSsl.Pair> Certificates { get; } = [];

        internal GatehouseSystem System { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            // One address plays all the strangers: it is not to be turned away for their number.
            System = await GatehouseSystem.StartAsync(new Dictionary<string, string?> { ["GATEHOUSE__AGENT__LIMITS__REFUSALSPERSECOND"] = "0" });
            foreach (var (account, prefix) in new[] { ("loose", "customer1"), ("strict", "customer2") })
            {
                var ca = await System.OpenSsl.CreateCaAsync(account + "-ca");
                Certificates[account] = await System.OpenSsl.CreateClientAsync(ca, account);
                Certificates[account + "-expired"] = await System.OpenSsl.CreateExpiredClientAsync(ca, account + "-expired");
                await System.CreateAccountAsync(account);
                await System.EnableMtlsAsync(account, prefix, ca, Enum.Parse<MtlsMode>(account, ignoreCase: true), account == "loose" ? Vanity : null);
            }
            await System.CreateAccountAsync("plain");
        }

        public async ValueTask DisposeAsync() => await System.DisposeAsync();
    }
}
