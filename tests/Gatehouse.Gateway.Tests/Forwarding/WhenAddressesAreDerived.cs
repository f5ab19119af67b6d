using Gatehouse.Contracts;

namespace Gatehouse.Gateway.Tests.Forwarding;

/// <summary>What services are told of the address that a client came through: addresses for tasks, links and downloads are made from it.</summary>
public sealed class WhenAddressesAreDerived(RecipePki pki)
{
    private const string Fqdn = "customer1.agent.test";

    [Fact]
    public async Task The_name_is_the_verified_one_and_the_port_the_one_that_was_dialed()
    {
        await using var listener = await StartAsync();
        Assert.Equal($"{Fqdn}:{listener.Port}", await AddressAsync(listener, Fqdn));
        Assert.Equal($"vanity.test:{listener.Port}", await AddressAsync(listener, "vanity.test"));
        Assert.Equal($"{AgentListener.SharedHost}:{listener.Port}", await AddressAsync(listener, AgentListener.SharedHost, withCertificate: false));
        // Without its certificate, in LOOSE, the name is the same.
        Assert.Equal($"{Fqdn}:{listener.Port}", await AddressAsync(listener, Fqdn, withCertificate: false));
    }

    [Theory]
    [InlineData("CUSTOMER1.Agent.Test.:9443", $"{Fqdn}:9443")]
    [InlineData($"manager-grpc-{Fqdn}:9443", $"{Fqdn}:9443")]
    [InlineData(Fqdn, Fqdn)]
    [InlineData($"{Fqdn}:443", Fqdn)]
    public async Task Another_spelling_of_Host_bends_no_name(string host, string expected)
    {
        await using var listener = await StartAsync();
        Assert.Equal(expected, await AddressAsync(listener, Fqdn, true, "--header", $"Host: {host}"));
        Assert.Equal($"{Fqdn}:{listener.Port}", await AddressAsync(listener, Fqdn, true,
            "--header", "X-Forwarded-Host: evil.test", "--header", "X-Forwarded-Port: 1", "--header", "Forwarded: host=evil.test", "--header", "X-Original-Host: evil.test"));
    }

    [Theory]
    [InlineData("evil.test", 400)]
    [InlineData(AgentListener.SharedHost, 421)]
    [InlineData("customer2.agent.test", 421)]
    [InlineData($"{Fqdn}:0", 400)]
    [InlineData($"{Fqdn}:65536", 400)]
    [InlineData($"{Fqdn}:443@evil.test", 400)]
    public async Task Another_name_in_Host_gets_no_answer(string host, int status)
    {
        await using var listener = await StartAsync();
        await listener.SetAsync("acc2", "customer2", MtlsMode.LOOSE, pki.Ca.CertificatePem);
        Assert.Equal(status, (await listener.Curl.GetAsync(Fqdn, "/api/x", pki.Client, "--http1.1", "--header", $"Host: {host}")).Status);
    }

    [Fact]
    public async Task The_operators_port_is_the_last_word()
    {
        await using var listener = await StartAsync(publicPort: 8443);
        Assert.Equal($"{Fqdn}:8443", await AddressAsync(listener, Fqdn));
        Assert.Equal($"{Fqdn}:8443", await AddressAsync(listener, Fqdn, true, "--header", $"Host: {Fqdn}:22"));
    }

    private async Task<AgentListener> StartAsync(int? publicPort = null)
    {
        var listener = await AgentListener.StartAsync(o => new GatewayOptions
        {
            AgentDomain = o.AgentDomain,
            SharedHosts = o.SharedHosts,
            CertificatePath = o.CertificatePath,
            CertificateKeyPath = o.CertificateKeyPath,
            PublicPort = publicPort,
        });
        await listener.SetAsync("acc1", "customer1", MtlsMode.LOOSE, pki.Ca.CertificatePem, "vanity.test");
        return listener;
    }

    private async Task<string> AddressAsync(AgentListener listener, string host, bool withCertificate = true, params string[] arguments)
    {
        var answer = await listener.Curl.GetAsync(host, "/api/x", withCertificate ? pki.Client : null, arguments);
        Assert.Equal(200, answer.Status);
        return answer.Body.Split('\n').Single(line => line.StartsWith("address=", StringComparison.Ordinal))["address=".Length..];
    }
}
