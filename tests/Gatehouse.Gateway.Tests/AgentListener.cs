using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Gatehouse.Contracts;
using Gatehouse.Pki;
using Gatehouse.Sockets;
using Gatehouse.Testing;
using Gatehouse.Tls;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace Gatehouse.Gateway.Tests;

/// <summary>A gateway on a real socket, with trust set by the test and a service behind it that echoes what it was told.</summary>
internal sealed class AgentListener : ITrustSource, IRefusalLog, IAsyncDisposable
{
    public const string Domain = "agent.test";
    public const string SharedHost = "shared.test";
    private readonly ConcurrentDictionary<string, EndpointTrust> _trust = new();
    private readonly List<Refusal> _refusals = [];
    private readonly TemporaryDirectory _directory = new();
    private IHost? _host;
    private long _generation;

    public ShiftedTime Time { get; } = new();
    public int Port { get; private set; }
    public Curl Curl { get; private set; } = null!;
    public OpenSsl OpenSsl { get; private set; } = null!;
    public string ServerCa => _directory.File("server-ca.crt");
    public string ServerCertificate => _directory.File("server.crt");
    public string ServerKey => _directory.File("server.key");
    public IServiceProvider Services => _host!.Services;

    /// <summary>For clients of the platform: the test's server CA and nothing else.</summary>
    public X509ChainPolicy ServerTrust()
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(ServerCa);
        return policy;
    }

    /// <summary>The engine that really serves.</summary>
    public string Engine => Services.GetRequiredService<Gatehouse.Tls.ITlsEngine>().Name;

    /// <summary>What was logged as an error.</summary>
    public IReadOnlyList<string> Errors =>
        [.. Services.GetRequiredService<FakeLogCollector>().GetSnapshot().Where(r => r.Level >= LogLevel.Error).Select(r => $"{r.Category}: {r.Message} {r.Exception}")];

    /// <summary>Completes requests of <c>/hold</c>.</summary>
    public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A request of <c>/hold</c> has come.</summary>
    public TaskCompletionSource Holding { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<Refusal> Refusals
    {
        get
        {
            lock (_refusals)
                return [.. _refusals];
        }
    }

    /// <summary>The one refusal there is, as soon as it is: a client may know of its end first.</summary>
    public async Task<Refusal> OnlyRefusalAsync()
    {
        await Eventually.TrueAsync("the refusal", () => Task.FromResult(Refusals.Count > 0));
        return Assert.Single(Refusals);
    }

    public static async Task<AgentListener> StartAsync(Func<GatewayOptions, GatewayOptions>? change = null)
    {
        var listener = new AgentListener();
        await listener.OpenAsync(change ?? (o => o));
        return listener;
    }

    private async Task OpenAsync(Func<GatewayOptions, GatewayOptions> change)
    {
        OpenSsl = new OpenSsl(_directory.Path);
        var now = TimeProvider.System.GetUtcNow();
        var root = CertificateIssuer.CreateCa("/CN=Test server CA", 30, KeyKind.EcP256, now);
        File.WriteAllText(ServerCa, root.CertificatePem);
        WriteServerCertificate(root);
        _root = root;
        var options = change(new GatewayOptions
        {
            AgentDomain = Domain,
            SharedHosts = [SharedHost],
            CertificatePath = ServerCertificate,
            CertificateKeyPath = ServerKey,
        });
        var endPoint = new IPEndPoint(IPAddress.Loopback, 0);
        _host = new HostBuilder()
            .ConfigureServices(services => services
                .AddSingleton<TimeProvider>(Time).AddSingleton<ITrustSource>(this).AddSingleton<IRefusalLog>(this).AddMetrics().AddFakeLogging().AddGateway(options))
            .ConfigureWebHost(web => web
                .UseKestrel(kestrel => kestrel.Listen(endPoint, listen => listen.UseAgentTls()))
                .ConfigureServices(services =>
                {
                    // As the server does it.
                    if (TlsEngines.Resolve(options.TlsEngine) == TlsEngineKind.OpenSsl)
                        services.AddSingleton<IConnectionListenerFactory>(s => new SocketTransport(endPoint, s.GetRequiredService<IMemoryPoolFactory<byte>>(), TimeProvider.System));
                })
                .Configure(app =>
                {
                    app.UseAgentRequests();
                    app.UseWebSockets();
                    app.Run(ServeAsync);
                }))
            .Build();
        await _host.StartAsync();
        var address = _host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Port = new Uri(address).Port;
        Curl = new Curl(Port, ServerCa);
    }

    private IssuedCertificate _root = null!;

    /// <summary>Replaces the files of the server certificate by a new pair of the same root.</summary>
    public void ReplaceServerCertificate() => WriteServerCertificate(_root);

    private void WriteServerCertificate(IssuedCertificate root)
    {
        var server = CertificateIssuer.CreateServer(root.CertificatePem, root.PrivateKeyPem, [$"*.{Domain}", SharedHost, "vanity.test"], 30, KeyKind.EcP256, TimeProvider.System.GetUtcNow());
        File.WriteAllText(ServerKey, server.PrivateKeyPem);
        File.WriteAllText(ServerCertificate, server.CertificatePem);
    }

    /// <summary>Sets an account's endpoint, as the manager would after a committed change.</summary>
    public async Task SetAsync(string account, string? prefix, MtlsMode? mode, string ca, string? vanity = null)
    {
        var trust = new EndpointTrust(account, Interlocked.Increment(ref _generation), prefix is null ? null : $"{prefix}.{Domain}", vanity, mode, DerOf(ca));
        _trust[account] = trust;
        foreach (var subscriber in _host!.Services.GetServices<ITrustSubscriber>())
            await subscriber.ApplyAsync(trust, CancellationToken.None);
    }

    /// <summary>Sets what an account has revoked, as the manager would after a committed change.</summary>
    public async Task RevokeAsync(string account, EndpointRevocation? revocation)
    {
        var trust = _trust[account] with { Generation = Interlocked.Increment(ref _generation), Revocation = revocation };
        _trust[account] = trust;
        foreach (var subscriber in _host!.Services.GetServices<ITrustSubscriber>())
            await subscriber.ApplyAsync(trust, CancellationToken.None);
    }

    /// <summary>A bundle as the manager hands it on; what is no PEM goes on as it is, to be found unusable.</summary>
    public static ReadOnlyMemory<byte> DerOf(string pem)
    {
        try
        {
            return BundleDer.FromPem(pem);
        }
        catch (CaBundleException)
        {
            return Encoding.UTF8.GetBytes(pem);
        }
    }

    /// <summary>Changes the truth without telling the gateway: a lost notification.</summary>
    public void SetSilently(string account, string prefix, MtlsMode mode, string ca) =>
        _trust[account] = new EndpointTrust(account, Interlocked.Increment(ref _generation), $"{prefix}.{Domain}", null, mode, DerOf(ca));

    /// <summary>While it is not over, whoever asks for the truth waits.</summary>
    public Task TruthIsThere { get; set; } = Task.CompletedTask;

    public async Task<IReadOnlyList<EndpointTrust>> ChangesSinceAsync(long generation, CancellationToken cancellationToken)
    {
        await TruthIsThere.WaitAsync(cancellationToken);
        return [.. _trust.Values.Where(t => t.Generation > generation).OrderBy(t => t.Generation)];
    }

    public void Report(Refusal refusal)
    {
        lock (_refusals)
            _refusals.Add(refusal);
    }

    /// <summary>From here on only what comes now counts.</summary>
    public void ForgetRefusals()
    {
        lock (_refusals)
            _refusals.Clear();
    }

    public IReadOnlyList<RefusalView> List(string? accountId, long afterSequence = 0, int limit = 100) => [];

    private async Task ServeAsync(HttpContext context)
    {
        var origin = context.Features.Get<IAgentOrigin>()!;
        if (context.WebSockets.IsWebSocketRequest)
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            await Task.Delay(Timeout.Infinite, origin.Revoked).ContinueWith(_ => { }, TaskScheduler.Default);
            await socket.CloseOutputAsync(System.Net.WebSockets.WebSocketCloseStatus.PolicyViolation, origin.RevokedBecause!.Code.Name(), CancellationToken.None);
            return;
        }
        if (context.Request.Path == "/hold")
        {
            Holding.TrySetResult();
            await Release.Task.WaitAsync(context.RequestAborted);
        }
        var text = new StringBuilder()
            .Append("authority=").Append(origin.Authority).Append('\n')
            .Append("address=").Append(origin.HostAndPort).Append('\n')
            .Append("account=").Append(origin.EndpointAccountId).Append('\n')
            .Append("subject=").Append(origin.Certificate?.Subject).Append('\n')
            .Append("protocol=").Append(context.Request.Protocol).Append('\n');
        foreach (var (name, value) in context.Request.Headers)
            text.Append("header ").Append(name).Append('=').Append(value).Append('\n');
        var body = Encoding.UTF8.GetBytes(text.ToString());
        // With its length it goes out in one piece, and who reads some of it has all of it.
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body);
    }

    public async ValueTask DisposeAsync()
    {
        Release.TrySetResult();
        if (_host is not null)
        {
            using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            await _host.StopAsync(soon.Token);
            _host.Dispose();
        }
        _directory.Dispose();
    }
}
