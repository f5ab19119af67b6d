using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Serialization.Metadata;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Gatehouse.Manager.Tests.Harness;

/// <summary>
/// The manager on real Kestrel listeners, a real SQLite file and fake time. A request names its origin by the header <c>Test-Origin</c>; that stands
/// in for the gateway. Background jobs run when the test says so.
/// </summary>
internal sealed class ManagerHost : IAsyncDisposable
{
    public const string OriginHeader = "Test-Origin";
    public const string NoOrigin = "none";

    private readonly ConcurrentDictionary<string, IAgentOrigin> _origins = new();
    private readonly ErrorLog _log;
    private readonly WebApplication _app;
    private readonly bool _ownsData;
    private bool _stopped;

    private ManagerHost(WebApplication app, ErrorLog log, FakeTimeProvider time, string data, bool ownsData) =>
        (_app, _log, Time, Data, _ownsData) = (app, log, time, data, ownsData);

    public FakeTimeProvider Time { get; }

    public string Data { get; }

    public HttpClient Operator { get; private set; } = null!;

    public HttpClient Agent { get; private set; } = null!;

    public Uri AgentAddress { get; private set; } = null!;

    public ErrorLog Log => _log;

    /// <summary>Set when the test expects an error to be logged.</summary>
    public bool ErrorsExpected { get; set; }

    public DateTimeOffset Now => Time.GetUtcNow();

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>Starts it: on the data of another, or with a database as a first start makes it, or as a first start.</summary>
    public static async Task<ManagerHost> StartAsync(
        string? data = null, FakeTimeProvider? time = null, Action<ManagerOptions>? configure = null, Action<IServiceCollection>? services = null, bool isFirstStart = false)
    {
        var folder = data ?? Directory.CreateTempSubdirectory("gatehouse-manager-").FullName;
        if (data is null && !isFirstStart)
            await NewDatabase.PutIntoAsync(Path.Combine(folder, "data"));
        time ??= new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
        var log = new ErrorLog();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Debug);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Use(next => connection =>
            {
                connection.Features.Set(new AgentListener());
                return next(connection);
            }));
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        builder.Services.AddSingleton<TimeProvider>(time);
        var options = new ManagerOptions { DataDirectory = Path.Combine(folder, "data") };
        configure?.Invoke(options);
        builder.Services.AddManager(options);
        services?.Invoke(builder.Services);
        foreach (var jobs in builder.Services.Where(service => service.ImplementationFactory is Func<IServiceProvider, ManagerJobs>
            && service.ServiceType == typeof(IHostedService)).ToList())
            builder.Services.Remove(jobs);

        var app = builder.Build();
        var host = new ManagerHost(app, log, time, options.DataDirectory, data is null);
        app.MapWhen(context => context.Features.Get<AgentListener>() is not null, branch =>
        {
            branch.Use(host.SetOriginAsync);
            branch.UseWebSockets();
            branch.UseRouting();
            branch.UseEndpoints(endpoints => endpoints.MapManagerAgentApi());
        });
        app.MapWhen(context => context.Features.Get<AgentListener>() is null, branch =>
        {
            branch.UseRouting();
            branch.UseEndpoints(endpoints => endpoints.MapManagerOperatorApi());
        });
        await app.StartAsync();
        host.AgentAddress = new Uri(app.Urls.First());
        host.Agent = new HttpClient { BaseAddress = host.AgentAddress };
        host.Operator = new HttpClient { BaseAddress = new Uri(app.Urls.Last()) };
        host.Operator.DefaultRequestHeaders.Add(HeaderNames.ApiKey, (await File.ReadAllTextAsync(options.OperatorKeyPath)).Trim());
        return host;
    }

    public Task RunJobsAsync() => Get<ManagerJobs>().RunOnceAsync(CancellationToken.None);

    /// <summary>Makes an origin known and returns the header value for it.</summary>
    public string Know(IAgentOrigin origin)
    {
        var key = Guid.NewGuid().ToString("N");
        _origins[key] = origin;
        return key;
    }

    public async Task<AccountView> CreateAccountAsync(string id) =>
        await PostAsync(Routes.Operator.Accounts, new CreateAccountRequest(id), ContractsJson.Default.CreateAccountRequest, ContractsJson.Default.AccountView);

    /// <summary>Makes a token and returns its value.</summary>
    public async Task<string> CreateTokenAsync(string account, string name = "default", DateTimeOffset? revokeAfter = null) =>
        (await PostAsync($"/api/v1/accounts/{account}/tokens", new CreateTokenRequest(name, revokeAfter), ContractsJson.Default.CreateTokenRequest, ContractsJson.Default.TokenView)).Value!;

    public async Task<MtlsEndpointDetails> EnableMtlsAsync(string account, string prefix, string mode = "LOOSE")
    {
        using var response = await MtlsAsync(HttpMethod.Post, account, new MtlsEndpointRequest { DomainPrefix = prefix, CaCertificates = TestCa.Pem, Mode = mode });
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync(ContractsJson.Default.RestResponseMtlsEndpointDetails))!.Resource!;
    }

    public Task<HttpResponseMessage> SetModeAsync(string account, string mode) => MtlsAsync(HttpMethod.Patch, account, new MtlsEndpointRequest { Mode = mode });

    public async Task<HttpResponseMessage> MtlsAsync(HttpMethod method, string account, MtlsEndpointRequest? body)
    {
        using var request = new HttpRequestMessage(method, $"{Routes.Mtls.Endpoint}?accountId={account}");
        if (body is not null)
            request.Content = JsonContent.Create(body, ContractsJson.Default.MtlsEndpointRequest);
        return await Operator.SendAsync(request);
    }

    public async Task<TaskView> RunAsync(string account, RunTaskRequest request) =>
        await PostAsync($"/api/v1/accounts/{account}/tasks", request, ContractsJson.Default.RunTaskRequest, ContractsJson.Default.TaskView);

    public async Task<TaskView> TaskAsync(string account, string id) =>
        (await Operator.GetFromJsonAsync($"/api/v1/accounts/{account}/tasks/{id}", ContractsJson.Default.TaskView))!;

    public async Task<IReadOnlyList<DelegateView>> DelegatesAsync(string account) =>
        (await Operator.GetFromJsonAsync($"/api/v1/accounts/{account}/delegates", ContractsJson.Default.IReadOnlyListDelegateView))!;

    public async Task<TOut> PostAsync<TIn, TOut>(string path, TIn body, JsonTypeInfo<TIn> bodyType, JsonTypeInfo<TOut> answerType)
    {
        using var response = await Operator.PostAsJsonAsync(path, body, bodyType);
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        return (await response.Content.ReadFromJsonAsync(answerType))!;
    }

    /// <summary>Stops in order, as on SIGTERM.</summary>
    public Task StopAsync() => _app.StopAsync();

    /// <summary>Ends without a word to anyone: nothing that is only in memory is written.</summary>
    public async Task KillAsync()
    {
        if (_stopped)
            return;
        _stopped = true;
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        Operator.Dispose();
        Agent.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        if (_ownsData)
            TemporaryDirectory.Delete(Path.GetDirectoryName(Data)!);
        if (!ErrorsExpected)
            Assert.Empty(_log.Errors);
    }

    private Task SetOriginAsync(HttpContext context, RequestDelegate next)
    {
        var key = context.Request.Headers[OriginHeader].ToString();
        if (key != NoOrigin)
            context.Features.Set<IAgentOrigin>(key.Length == 0 ? FakeOrigin.Shared : _origins[key]);
        return next(context);
    }

    private sealed class AgentListener;
}
