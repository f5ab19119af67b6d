using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Gatehouse.Contracts;
using Gatehouse.Testing;
using Gatehouse.Tls;

namespace Gatehouse.Gateway.Tests;

/// <summary>Certificates that would cost a verifier dearly (threats B8, B9, B14): refused by their size, never computed with, never followed.</summary>
public abstract class WhenCertificatesAreCostly(RecipePki pki, TlsEngineKind engine) : IAsyncLifetime
{
    private const string Host = "customer1.agent.test";
    private readonly TemporaryDirectory _directory = new();
    private AgentListener _listener = null!;

    public static TheoryData<string> Versions => ["1.2", "1.3"];

    public async ValueTask InitializeAsync()
    {
        _listener = await AgentListener.StartAsync(o => o.With(engine));
        await _listener.SetAsync("acc1", "customer1", MtlsMode.STRICT, pki.Ca.CertificatePem);
    }

    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        _directory.Dispose();
    }

    private Task<Curl.Answer> GetAsync(string version, OpenSsl.Pair client) => _listener.Curl.GetAsync(Host, "/", client, $"--tlsv{version}", "--tls-max", version);

    [Theory, MemberData(nameof(Versions))]
    public async Task Nothing_that_a_certificate_points_to_is_fetched(string version)
    {
        using var elsewhere = new TcpListener(IPAddress.Loopback, 0);
        elsewhere.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)elsewhere.LocalEndpoint).Port}/";
        var openSsl = new OpenSsl(_directory.Path);
        // The issuer is not sent: whoever wants it has to fetch it, from where the client says.
        var intermediate = await openSsl.CreateIntermediateAsync(pki.Ca);
        var client = await openSsl.CreateClientAsync(intermediate, "pointing",
            $"authorityKeyIdentifier=keyid,issuer\nauthorityInfoAccess=caIssuers;URI:{address}ca.crt,OCSP;URI:{address}ocsp\ncrlDistributionPoints=URI:{address}ca.crl");

        var answer = await GetAsync(version, client);

        Assert.Equal((403, "certificate_chain_incomplete"), (answer.Status, answer.Header(HeaderNames.GatehouseRefusal)));
        Assert.False(elsewhere.Pending());
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_chain_of_fifty_is_refused_by_its_length(string version)
    {
        var answer = await GetAsync(version, CostlyCertificates.ChainOf(50, _directory));
        Assert.Equal((403, "certificate_too_large"), (answer.Status, answer.Header(HeaderNames.GatehouseRefusal)));
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_key_of_15636_bits_is_refused_by_its_size(string version)
    {
        var answer = await GetAsync(version, CostlyCertificates.WithHugeKey(pki.Ca, _directory));
        if (engine == TlsEngineKind.SslStream)
            Assert.Equal((403, "certificate_too_large"), (answer.Status, answer.Header(HeaderNames.GatehouseRefusal)));
        else
            Assert.Equal(0, answer.Status); // By an alert, which a client that is still sending may not see: before anything is computed with it.
        var refusal = await _listener.OnlyRefusalAsync();
        Assert.Equal(("acc1", RefusalCode.CertificateTooLarge), (refusal.AccountId, refusal.Code));
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_megabyte_of_certificate_ends_the_handshake(string version)
    {
        var client = CostlyCertificates.OfSize(1_000_000, _directory);
        var watch = Stopwatch.StartNew();
        Assert.Equal(0, (await GetAsync(version, client)).Status);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(15), $"It took {watch.Elapsed}.");
        Assert.Empty(_listener.Errors);
        Assert.Equal(200, (await GetAsync(version, pki.Client)).Status);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Strangers_are_told_no_names_of_CAs(string version)
    {
        var result = await CommandLine.RunAsync("openssl", "s_client", "-connect", $"127.0.0.1:{_listener.Port}", "-servername", Host, "-tls" + version.Replace('.', '_'));
        Assert.Contains("No client certificate CA names sent", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("CA Cert", result.Output, StringComparison.Ordinal);
    }
}
