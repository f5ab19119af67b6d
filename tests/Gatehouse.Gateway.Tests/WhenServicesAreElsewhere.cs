using System.Net;
using Gatehouse.Contracts;
using Gatehouse.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Gatehouse.Gateway.Tests;

/// <summary>Forwarding to a service in another process: what it is told, and what the client is told when it is away.</summary>
public sealed class WhenServicesAreElsewhere(RecipePki pki) : IAsyncLifetime
{
    private const string Secret = "0123456789abcdef0123456789abcdef";
    private IHost _service = null!;
    private AgentListener _listener = null!;

    public async ValueTask InitializeAsync()
    {
        _service = new HostBuilder().ConfigureWebHost(web => web
            .UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, FreePorts.Next()))
            .Configure(app => app.Run(async context =>
            {
                await context.Response.WriteAsync($"path={context.Request.Path}{context.Request.QueryString}\nhost={context.Request.Host}\n");
                foreach (var (name, value) in context.Request.Headers)
                    await context.Response.WriteAsync($"header {name}={value}\n");
            }))).Build();
        await _service.StartAsync();
        var address = new Uri(_service.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        _listener = await AgentListener.StartAsync(o => new GatewayOptions
        {
            AgentDomain = o.AgentDomain,
            SharedHosts = o.SharedHosts,
            CertificatePath = o.CertificatePath,
            CertificateKeyPath = o.CertificateKeyPath,
            LogServiceAddress = address,
            ClusterSecret = Secret,
            ForwardClientCertificate = true,
        });
        await _listener.SetAsync("acc1", "customer1", MtlsMode.LOOSE, pki.Ca.CertificatePem);
    }

    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        _service.Dispose();
    }

    [Fact]
    public async Task The_service_is_told_the_verified_authority_whatever_the_client_says()
    {
        var answer = await _listener.Curl.GetAsync("customer1.agent.test", "/log-service/stream?accountID=acc1&key=a%2Fb", pki.Client,
            "--header", "agent-mtls-authority: evil", "--header", "Connection: agent-mtls-authority, gatehouse-cluster-credential, client-cert");
        Assert.Equal(200, answer.Status);
        Assert.Contains("path=/stream?accountID=acc1&key=a%2Fb\n", answer.Body, StringComparison.Ordinal);
        Assert.Contains("header agent-mtls-authority=customer1.agent.test\n", answer.Body, StringComparison.Ordinal);
        Assert.Contains($"header Gatehouse-Cluster-Credential={Secret}\n", answer.Body, StringComparison.Ordinal);
        Assert.Contains("header X-Forwarded-For=127.0.0.1\n", answer.Body, StringComparison.Ordinal);
        var der = string.Concat(pki.Client.CertificatePem.Split('\n').Where(line => !line.StartsWith('-')));
        Assert.Contains($"header Client-Cert=:{der}:\n", answer.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/gateway/log-service/stream?accountID=acc1&key=a%2Fb", "/stream?accountID=acc1&key=a%2Fb")]
    [InlineData("/gateway/log-service", "/")]
    public async Task The_public_apis_path_leads_to_the_log_service_too(string sent, string received)
    {
        var answer = await _listener.Curl.GetAsync("customer1.agent.test", sent, pki.Client);
        Assert.Equal(200, answer.Status);
        Assert.Contains($"path={received}\n", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_certificate_it_is_told_nothing()
    {
        var answer = await _listener.Curl.GetAsync("customer1.agent.test", "/log-service/x", null, "--header", "agent_mtls_authority: evil", "--header", "Client-Cert: :AAAA:");
        Assert.Equal(200, answer.Status);
        Assert.DoesNotContain("authority=", answer.Body, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("client-cert", answer.Body, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_service_that_is_nowhere_or_away_is_a_problem_in_words()
    {
        var nowhere = await _listener.Curl.GetAsync("customer1.agent.test", "/ti-service/x", pki.Client);
        Assert.Equal(404, nowhere.Status);
        Assert.Contains("services.tiService", nowhere.Body, StringComparison.Ordinal);

        await _service.StopAsync(TestContext.Current.CancellationToken);
        var away = await _listener.Curl.GetAsync("customer1.agent.test", "/log-service/x", pki.Client);
        Assert.Equal(502, away.Status);
        Assert.Contains("\"code\":\"service_unavailable\"", away.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_strict_account_is_refused_on_the_shared_host_here_too()
    {
        await _listener.SetAsync("acc1", "customer1", MtlsMode.STRICT, pki.Ca.CertificatePem);
        var answer = await _listener.Curl.GetAsync(AgentListener.SharedHost, "/log-service/stream?accountID=acc1&key=k");
        Assert.Equal(401, answer.Status);
        Assert.Equal("mtls_required", answer.Header(HeaderNames.GatehouseRefusal));
    }
}
