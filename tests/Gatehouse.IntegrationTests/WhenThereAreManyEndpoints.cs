using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;

namespace Gatehouse.IntegrationTests;

/// <summary>
/// The whole server on a database full of endpoints. It says what it took; <c>GATEHOUSE_TEST_ENDPOINTS=100000</c> makes it the full size.
/// Times and memory are for the benchmarks to judge, not for a test on whatever machine it runs.
/// </summary>
public sealed class WhenThereAreManyEndpoints(ITestOutputHelper output)
{
    private const string Endpoint = Routes.Mtls.Endpoint + "?accountId=";

    private static int Count => int.Parse(Environment.GetEnvironmentVariable("GATEHOUSE_TEST_ENDPOINTS") ?? "5000", CultureInfo.InvariantCulture);

    [Fact]
    public async Task All_are_served_and_each_change_is_in_force_when_the_api_answers()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var system = await GatehouseSystem.StartAsync();
        await system.Server.StopAsync();
        var ca = await system.OpenSsl.CreateCaAsync();
        var client = await system.OpenSsl.CreateClientAsync(ca);
        await ManyEndpoints.FillAsync(Path.Combine(system.Data, "gatehouse.db"), Count, ca.CertificatePem);

        var watch = Stopwatch.StartNew();
        await system.StartServerAsync();
        output.WriteLine($"{Count} endpoints: start {watch.ElapsedMilliseconds} ms, VmRSS {RssOf(system.Server.Id)} MiB, CA certificate {ca.CertificatePem.Length} characters of PEM");

        // First, middle and last answer: a STRICT endpoint lets its own CA's client in and asks others for a certificate.
        foreach (var number in new[] { 0, Count / 2, Count - 1 })
            Assert.Equal(200, (await system.Curl.GetAsync($"{ManyEndpoints.Prefix(number)}.agent.localhost", Routes.Agent.VersionDelegate, client)).Status);
        Assert.Equal(403, (await system.Curl.GetAsync($"{ManyEndpoints.Prefix(1)}.agent.localhost", Routes.Agent.VersionDelegate)).Status);
        Assert.Equal(0, (await system.Curl.GetAsync("nobody.agent.localhost", Routes.Agent.VersionDelegate)).Status);

        var times = new List<double>();
        for (var i = 0; i < 20; i++)
        {
            var account = $"one-more-{i}";
            (await system.Operator.PostAsJsonAsync(Routes.Operator.Accounts, new CreateAccountRequest(account), ContractsJson.Default.CreateAccountRequest, cancellation)).EnsureSuccessStatusCode();
            watch.Restart();
            (await system.Operator.PostAsJsonAsync(Endpoint + account, Of($"more{i}", ca.CertificatePem, MtlsMode.LOOSE), ContractsJson.Default.MtlsEndpointRequest, cancellation)).EnsureSuccessStatusCode();
            times.Add(watch.Elapsed.TotalMilliseconds);
        }
        Assert.Equal(200, (await system.Curl.GetAsync("more19.agent.localhost", Routes.Agent.VersionDelegate)).Status);
        output.WriteLine($"one more endpoint, request to answer: median {Median(times):F1} ms, worst {times.Max():F1} ms");

        times.Clear();
        for (var i = 0; i < 20; i++)
        {
            watch.Restart();
            (await system.Operator.PutAsJsonAsync(Endpoint + "one-more-1", Of(i % 2 == 0 ? "renamed" : "more1", ca.CertificatePem, MtlsMode.STRICT), ContractsJson.Default.MtlsEndpointRequest, cancellation)).EnsureSuccessStatusCode();
            times.Add(watch.Elapsed.TotalMilliseconds);
        }
        output.WriteLine($"one endpoint changed, request to answer: median {Median(times):F1} ms, worst {times.Max():F1} ms; VmRSS {RssOf(system.Server.Id)} MiB");
        Assert.Equal(200, (await system.Curl.GetAsync("more1.agent.localhost", Routes.Agent.VersionDelegate, client)).Status);
        Assert.Equal(0, (await system.Curl.GetAsync("renamed.agent.localhost", Routes.Agent.VersionDelegate, client)).Status);
        Assert.DoesNotContain(" fail: ", system.Server.Output, StringComparison.Ordinal);
    }

    private static MtlsEndpointRequest Of(string prefix, string ca, MtlsMode mode) =>
        new() { DomainPrefix = prefix, CaCertificates = ca, Mode = mode.ToString() };

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static long RssOf(int id) => long.Parse(
        File.ReadLines($"/proc/{id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) / 1024;
}
