using System.Net;
using System.Text;
using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Gatehouse.LogService.Tests.Harness;

/// <summary>The log service on a real Kestrel listener with fake time; the gateway's part (origin and admission) is played by the test.</summary>
internal sealed class LogHost : IAsyncDisposable
{
    public const string Secret = "a secret of thirty-two characters";
    public const string GlobalToken = "the global token of the log service";
    private readonly WebApplication _app;
    private readonly bool _ownsData;
    private readonly FakeLogCollector _logs;
    private bool _isStopped;

    private LogHost(WebApplication app, FakeTimeProvider time, FakeLogCollector logs, string data, bool ownsData) => (_app, Time, _logs, Data, _ownsData) = (app, time, logs, data, ownsData);

    public FakeTimeProvider Time { get; }

    public string Data { get; }

    public HttpClient Client { get; private set; } = null!;

    /// <summary>What the service said in its log, exceptions included.</summary>
    public IReadOnlyList<string> Logs => [.. _logs.GetSnapshot().Select(one => $"{one.Message} {one.Exception}")];

    public static async Task<LogHost> StartAsync(string? data = null, FakeTimeProvider? time = null, LogSettings? settings = null)
    {
        var folder = data ?? Directory.CreateTempSubdirectory("gatehouse-logs-").FullName;
        time ??= new FakeTimeProvider(new DateTimeOffset(2026, 11, 30, 12, 0, 0, TimeSpan.Zero));
        var builder = WebApplication.CreateSlimBuilder();
        var logs = new FakeLogCollector();
        builder.Logging.ClearProviders().AddProvider(new FakeLoggerProvider(logs));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRouting();
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddSingleton<IAgentAdmission, Admission>();
        builder.Services.AddSingleton<IOperatorAdmission, LogOperators>();
        builder.Services.AddLogService((settings ?? new LogSettings()).In(folder));
        var app = builder.Build();
        var host = new LogHost(app, time, logs, folder, data is null);
        app.Use((context, next) =>
        {
            context.Features.Set<IAgentOrigin>(new Origin());
            return next(context);
        });
        app.UseRouting();
        app.MapLogServiceAgentApi();
        app.MapLogServiceOperatorApi();
        await app.StartAsync();
        host.Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        return host;
    }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public string TokenOf(string account) => ServiceTokens.Mint(Secret, account, Time.GetUtcNow() + ServiceTokens.Lifetime);

    /// <summary>One call of account acc1.</summary>
    public async Task<(HttpStatusCode Status, string Body)> CallAsync(string method, string path, string key, string? body = null, string query = "", string account = "acc1")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), $"{path}?accountID={account}&key={Uri.EscapeDataString(key)}{query}");
        request.Headers.Add("X-Harness-Token", TokenOf(account));
        if (body is not null)
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        using var response = await Client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public async Task MustAsync(string method, string path, string key, string? body = null, string query = "", string account = "acc1")
    {
        var (status, text) = await CallAsync(method, path, key, body, query, account);
        Assert.True(status == HttpStatusCode.NoContent, $"{method} {path} {key}: {status} {text}");
    }

    public Task OpenAsync(string key, string query = "") => MustAsync("POST", "/stream", key, query: query);

    public Task WriteAsync(string key, params string[] texts) => MustAsync("PUT", "/stream", key, "[" + string.Join(',', texts.Select(Line)) + "]");

    public async Task<string?> BlobAsync(string key) => await CallAsync("GET", "/blob", key) is (HttpStatusCode.OK, var body) ? body : null;

    public static string Line(string text) => $$"""{"level":"info","pos":0,"out":"{{text}}\n","time":"2026-11-30T12:00:00Z","args":null}""";

    public static string Lines(params string[] texts) => string.Concat(texts.Select(text => Line(text) + "\n"));

    /// <summary>Keys of the account's open streams, in order.</summary>
    public async Task<string[]> OpenKeysAsync() =>
        [.. JsonDocument.Parse((await CallAsync("GET", "/stream/info", "")).Body).RootElement.GetProperty("streams").EnumerateObject().Select(one => one.Name).Order(StringComparer.Ordinal)];

    /// <summary>Ends the process in order, and keeps its data.</summary>
    public async Task StopAsync()
    {
        if (_isStopped)
            return;
        _isStopped = true;
        await _app.StopAsync();
        Client.Dispose();
        await _app.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_ownsData)
            TemporaryDirectory.Delete(Data);
    }

    private sealed class Admission : IAgentAdmission
    {
        public AgentDenial? Judge(IAgentOrigin? origin, string accountId) => origin is not null && accountId.StartsWith("acc", StringComparison.Ordinal)
            ? null
            : new AgentDenial(401, ProtocolErrorCode.AccountDoesNotExist, $"There is no account '{accountId}' here.");
    }

    private sealed class Origin : IAgentOrigin
    {
        public string? Authority => null;
        public string? EndpointAccountId => null;
        public string HostAndPort => "gatehouse.localhost:8443";
        public string RemoteAddress => "192.0.2.7";
        public PresentedCertificate? Certificate => null;
        public CancellationToken Revoked => CancellationToken.None;
        public Refusal? RevokedBecause => null;
    }
}
