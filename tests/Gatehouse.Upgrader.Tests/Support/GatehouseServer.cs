using System.Collections;
using System.Net.Http.Json;
using System.Text.Json.Serialization.Metadata;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Manager;
using Gatehouse.Server.Certificates;
using Gatehouse.Server.Configuration;
using Gatehouse.Server.Hosting;
using Gatehouse.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Gatehouse.Upgrader.Tests.Support;

/// <summary>The whole server in this process: gateway with libssl, manager, operator API; one for all tests. Certificates come from OpenSSL.</summary>
public sealed class GatehouseServer : IAsyncLifetime, IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private IHost _host = null!;
    private HttpClient _operator = null!;
    private int _accounts;

    internal string Roots => _directory.File("roots");

    internal int Port { get; private set; }

    internal OpenSsl.Pair Ca { get; private set; } = null!;

    internal OpenSsl.Pair Client { get; private set; } = null!;

    internal OpenSsl.Pair Stranger { get; private set; } = null!;

    /// <summary>What is offered; each test sets its own, one after the other.</summary>
    internal ManagerOptions Offers => _host.Services.GetRequiredService<ManagerOptions>();

    public async ValueTask InitializeAsync()
    {
        var data = Directory.CreateDirectory(_directory.File("data")).FullName;
        var configuration = new ServerConfigurationParser(new ConfigurationReader().AddEnvironment(new Hashtable
        {
            ["GATEHOUSE__DATADIRECTORY"] = data,
            ["GATEHOUSE__AGENT__LISTEN"] = "127.0.0.1:0",
            ["GATEHOUSE__OPERATOR__LISTEN"] = "http://127.0.0.1:0",
            ["GATEHOUSE__LOG__LEVEL"] = "Error",
        }).Values()).Parse();
        var made = DevelopmentCertificates.Ensure(data, configuration.AgentDomain, configuration.SharedHosts, TimeProvider.System.GetUtcNow());
        ServerEndpoints? endpoints = null;
        _host = ServerHost.Build(configuration, made.Certificate, made.Key, e => endpoints = e);
        await _host.StartAsync();
        Port = endpoints!.Agent.Port;
        _operator = new HttpClient { BaseAddress = new Uri(endpoints.OperatorUrl) };
        _operator.DefaultRequestHeaders.Add(HeaderNames.ApiKey, (await File.ReadAllTextAsync(configuration.OperatorKeyFile)).Trim());
        Directory.CreateDirectory(Roots);
        File.Copy(made.Root, Path.Combine(Roots, "server-ca.crt"));

        var openssl = new OpenSsl(_directory.Path);
        Ca = await openssl.CreateCaAsync();
        Client = await openssl.CreateClientAsync(Ca);
        Stranger = await openssl.CreateClientAsync(await openssl.CreateCaAsync("other", "/CN=Another CA"), "stranger");
    }

    /// <summary>An account of its own, with a token and, if there is a mode, an endpoint that trusts <see cref="Ca"/>.</summary>
    internal async Task<TestAccount> AccountAsync(MtlsMode? mode)
    {
        var id = $"account-{Interlocked.Increment(ref _accounts)}";
        await PostAsync(Routes.Operator.Accounts, new CreateAccountRequest(id), ContractsJson.Default.CreateAccountRequest, ContractsJson.Default.AccountView);
        var token = await PostAsync(
            Routes.Operator.Tokens.Replace("{accountId}", id, StringComparison.Ordinal), new CreateTokenRequest("fleet"), ContractsJson.Default.CreateTokenRequest, ContractsJson.Default.TokenView);
        if (mode is { } chosen)
        {
            var wish = new MtlsEndpointRequest { DomainPrefix = id, CaCertificates = Ca.CertificatePem, Mode = chosen.ToString() };
            await PostAsync($"{Routes.Mtls.Endpoint}?accountId={id}", wish, ContractsJson.Default.MtlsEndpointRequest, ContractsJson.Default.RestResponseMtlsEndpointDetails);
        }

        return new TestAccount(id, token.Value!, $"https://{(mode is null ? "gatehouse.localhost" : id + ".agent.localhost")}:{Port}");
    }

    internal async Task<int> DelegatesAsync(string account) =>
        (await _operator.GetFromJsonAsync(Routes.Operator.Delegates.Replace("{accountId}", account, StringComparison.Ordinal), ContractsJson.Default.IReadOnlyListDelegateView))!.Count;

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        Dispose();
    }

    public void Dispose()
    {
        _host.Dispose();
        _operator.Dispose();
        _directory.Dispose();
    }

    private async Task<TOut> PostAsync<TIn, TOut>(string path, TIn body, JsonTypeInfo<TIn> bodyType, JsonTypeInfo<TOut> answerType)
    {
        using var response = await _operator.PostAsJsonAsync(path, body, bodyType);
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        return (await response.Content.ReadFromJsonAsync(answerType))!;
    }
}

internal sealed record TestAccount(string Id, string Token, string Manager);
