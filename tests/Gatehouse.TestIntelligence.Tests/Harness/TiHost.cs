using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Gatehouse.TestIntelligence.Tests.Harness;

/// <summary>The TI service on a real Kestrel listener, a real SQLite file and fake time. Admission is the test's to say; the gateway's origin is there unless a header takes it away.</summary>
internal sealed class TiHost : IAsyncDisposable
{
    public const string Secret = "the secret of the TI service in tests";
    public const string GlobalToken = "the global token of managers in tests";
    public const string Q = "accountId=acme&orgId=default&projectId=shop&pipelineId=ci&buildId=1&stageId=build&stepId=test";

    private readonly WebApplication _app;
    private readonly bool _ownsData;

    private TiHost(WebApplication app, FakeTimeProvider time, TestAdmission admission, ErrorLog log, string data, bool ownsData) =>
        (_app, Time, Admission, Log, Data, _ownsData) = (app, time, admission, log, data, ownsData);

    public FakeTimeProvider Time { get; }

    public TestAdmission Admission { get; }

    public ErrorLog Log { get; }

    public string Data { get; }

    public bool ErrorsExpected { get; set; }

    public HttpClient Client { get; private set; } = null!;

    public Uri Address { get; private set; } = null!;

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public static async Task<TiHost> StartAsync(string? data = null, FakeTimeProvider? time = null, Action<TestIntelligenceOptions>? configure = null)
    {
        var folder = data ?? Directory.CreateTempSubdirectory("gatehouse-ti-").FullName;
        time ??= new FakeTimeProvider(new DateTimeOffset(2026, 11, 30, 12, 0, 0, TimeSpan.Zero));
        var log = new ErrorLog();
        var admission = new TestAdmission();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Debug);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = Limits.MaxRequestBodyBytes;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        builder.Services.AddSingleton<TimeProvider>(time).AddSingleton<IAgentAdmission>(admission).AddRouting();
        var options = new TestIntelligenceOptions { DataDirectory = folder, Secret = Secret, GlobalToken = GlobalToken };
        configure?.Invoke(options);
        builder.Services.AddTestIntelligence(options);
        var app = builder.Build();
        app.Use((context, next) =>
        {
            if (!context.Request.Headers.ContainsKey("Test-No-Gateway"))
                context.Features.Set<IAgentOrigin>(new TestOrigin());
            return next(context);
        });
        app.MapTestIntelligence();
        await app.StartAsync();
        var host = new TiHost(app, time, admission, log, folder, data is null) { Address = new Uri(app.Urls.First()) };
        host.Client = new HttpClient { BaseAddress = new Uri(host.Address, "/ti-service/") };
        host.Client.DefaultRequestHeaders.Add("X-Harness-Token", host.Token("acme"));
        return host;
    }

    /// <summary>Time passes; the runner has a new token after it.</summary>
    public void Advance(TimeSpan time)
    {
        Time.Advance(time);
        Client.DefaultRequestHeaders.Remove("X-Harness-Token");
        Client.DefaultRequestHeaders.Add("X-Harness-Token", Token("acme"));
    }

    public string Token(string account) => ServiceTokens.Mint(Secret, account, Time.GetUtcNow() + ServiceTokens.Lifetime);

    public Task<HttpResponseMessage> GetAsync(string path) => Client.GetAsync(new Uri(path, UriKind.Relative));

    /// <summary>As the clients send it: a body without a content type.</summary>
    public Task<HttpResponseMessage> PostAsync(string path, string json) => PostAsync(path, Encoding.UTF8.GetBytes(json));

    public Task<HttpResponseMessage> PostAsync(string path, byte[] body) => Client.PostAsync(new Uri(path, UriKind.Relative), new ByteArrayContent(body));

    public Task<HttpResponseMessage> PostGzipAsync(string path, byte[] body)
    {
        var content = new ByteArrayContent(Gzip(body));
        content.Headers.ContentEncoding.Add("gzip");
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return Client.PostAsync(new Uri(path, UriKind.Relative), content);
    }

    public static byte[] Gzip(byte[] body)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(body);
        return packed.ToArray();
    }

    public async Task<JsonElement> JsonAsync(string path)
    {
        using var response = await GetAsync(path);
        return await response.ReadAsync(HttpStatusCode.OK);
    }

    /// <summary>Ends the server and leaves its data.</summary>
    public async Task StopAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        Client.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_ownsData)
            TemporaryDirectory.Delete(Data);
        if (!ErrorsExpected)
            Assert.Empty(Log.Errors);
    }

    private sealed class TestOrigin : IAgentOrigin
    {
        public string? Authority => null;
        public string? EndpointAccountId => null;
        public string HostAndPort => "gatehouse.localhost:8443";
        public string RemoteAddress => "192.0.2.7";
        public PresentedCertificate? Certificate => null;
        public CancellationToken Revoked => default;
        public Refusal? RevokedBecause => null;
    }
}

/// <summary>Admits everybody with an origin, but for the accounts named.</summary>
internal sealed class TestAdmission : IAgentAdmission
{
    public HashSet<string> Strict { get; } = [];

    /// <summary>What everybody is answered; null: nothing.</summary>
    public AgentDenial? Denial { get; set; }

    public AgentDenial? Judge(IAgentOrigin? origin, string accountId)
    {
        if (Denial is not null)
            return Denial;
        if (origin is null)
            return new AgentDenial(403, "INVALID_AGENT_MTLS_AUTHORITY", "not through a gateway");
        return Strict.Contains(accountId)
            ? new AgentDenial(403, "INVALID_AGENT_MTLS_AUTHORITY", "strict", new Refusal(RefusalCode.MtlsRequired, "strict", "use the endpoint"))
            : null;
    }
}

internal static class Answers
{
    public static async Task<JsonElement> ReadAsync(this HttpResponseMessage response, HttpStatusCode expected)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == expected, $"{(int)response.StatusCode} {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>The sentence of an error, which clients read under either name.</summary>
    public static async Task<string> ErrorAsync(this HttpResponseMessage response, HttpStatusCode expected)
    {
        var body = await response.ReadAsync(expected);
        Assert.Equal(body.GetProperty("error_msg").GetString(), body.GetProperty("message").GetString());
        return body.GetProperty("message").GetString()!;
    }
}
