using Gatehouse.Contracts;
using Gatehouse.Gateway;
using Gatehouse.LogService;
using Gatehouse.Manager;
using Gatehouse.Server.Configuration;
using Gatehouse.Sockets;
using Gatehouse.TestIntelligence;
using Gatehouse.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OpenTelemetry.Metrics;

namespace Gatehouse.Server.Hosting;

/// <summary>Composes the roles into one process: two listeners, each with a branch and endpoints of its own.</summary>
internal static class ServerHost
{
    public static IHost Build(ServerConfiguration configuration, string certificatePath, string keyPath, Action<ServerEndpoints> remember) =>
        new HostBuilder()
            .ConfigureLogging(logging => AddLogging(logging, configuration))
            .ConfigureServices(services =>
            {
                services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(30));
                // The manager comes first: it offers the truth that the gateway loads before the listeners open.
                services.AddManager(ManagerOptionsOf(configuration));
                if (configuration.LogServiceIsHere)
                    services.AddLogService(LogServiceOptionsOf(configuration));
                services.AddGateway(GatewayOptionsOf(configuration, certificatePath, keyPath));
                if (configuration.TiServiceIsHere)
                    services.AddTestIntelligence(TestIntelligenceOptionsOf(configuration));
                services.AddSingleton(configuration);
                services.AddSingleton<ServerEndpoints>();
                services.AddOpenTelemetry().WithMetrics(metrics => metrics
                    .AddMeter("Gatehouse.*", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime")
                    // Tags are closed lists. Room for 2,000 combinations in each instrument, as by default, is 6 MB at start and a collection of all generations.
                    .AddView("*", new MetricStreamConfiguration { CardinalityLimit = 500 })
                    .AddPrometheusExporter());
            })
            .ConfigureWebHost(web => web
                .UseKestrel(kestrel => Listen(kestrel, configuration))
                .UseSockets()
                .ConfigureServices(services =>
                {
                    services.AddRouting();
                    // Only our engine knows how to leave the sockets' thread.
                    if (TlsEngines.Resolve(configuration.TlsEngine) == TlsEngineKind.OpenSsl)
                        services.AddSingleton<IConnectionListenerFactory>(s =>
                            new SocketTransport(configuration.AgentListen, s.GetRequiredService<IMemoryPoolFactory<byte>>(), s.GetRequiredService<TimeProvider>()));
                })
                .Configure(app =>
                {
                    remember(app.ApplicationServices.GetRequiredService<ServerEndpoints>());
                    app.UseMiddleware<SafeErrors>();
                    app.MapWhen(context => IsFor(context, Listener.Agent), branch => Agent(branch, configuration));
                    app.MapWhen(context => IsFor(context, Listener.Operator), branch => Operator(branch, configuration));
                }))
            .Build();

    private static bool IsFor(HttpContext context, Listener listener) => context.Features.Get<ListenerTag>()?.Listener == listener;

    private static void Agent(IApplicationBuilder branch, ServerConfiguration configuration)
    {
        branch.UseAgentRequests();
        branch.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.FromSeconds(30), KeepAliveTimeout = TimeSpan.FromSeconds(30) });
        branch.UseRouting();
        branch.UseEndpoints(endpoints =>
        {
            endpoints.MapManagerAgentApi();
            if (configuration.LogServiceIsHere)
                endpoints.MapGroup("/log-service").MapLogServiceAgentApi();
            if (configuration.TiServiceIsHere)
                endpoints.MapTestIntelligence();
        });
    }

    private static void Operator(IApplicationBuilder branch, ServerConfiguration configuration)
    {
        branch.UseRouting();
        branch.UseEndpoints(endpoints =>
        {
            endpoints.MapManagerOperatorApi();
            if (configuration.LogServiceIsHere)
                endpoints.MapLogServiceOperatorApi();
            if (configuration.TiServiceIsHere)
                endpoints.MapTestIntelligenceOperatorApi();
            endpoints.MapHealth();
            endpoints.MapPrometheusScrapingEndpoint("/metrics");
        });
    }

    private static void Listen(KestrelServerOptions kestrel, ServerConfiguration configuration)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = Limits.MaxRequestBodyBytes;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        kestrel.Listen(configuration.AgentListen, listen =>
        {
            Tag(listen, Listener.Agent);
            listen.UseAgentTls();
        });
        kestrel.Listen(configuration.OperatorListen, listen => Tag(listen, Listener.Operator));
    }

    private static void Tag(ListenOptions listen, Listener listener)
    {
        var tag = new ListenerTag(listener);
        listen.Use(next => context =>
        {
            context.Features.Set(tag);
            return next(context);
        });
    }

    private static ManagerOptions ManagerOptionsOf(ServerConfiguration configuration) => new()
    {
        DataDirectory = configuration.DataDirectory,
        ConnectionString = configuration.ConnectionString,
        AgentDomain = configuration.AgentDomain,
        SharedHosts = configuration.SharedHosts,
        OperatorKeyFile = configuration.OperatorKeyFile,
        // A service of somebody else's has a secret of its own: with it tokens are minted, without it none can be.
        LogServiceSecret = configuration.LogServiceIsHere ? LogSecret(configuration) : configuration.LogServiceSecret,
        TiServiceSecret = configuration.TiServiceIsHere ? TiSecret(configuration) : configuration.TiServiceSecret,
        LogServiceUrl = configuration.LogServiceUrl?.AbsoluteUri,
        TiServiceUrl = configuration.TiServiceUrl?.AbsoluteUri,
        StoServiceUrl = configuration.StoServiceUrl?.AbsoluteUri,
        ScsServiceUrl = configuration.ScsServiceUrl?.AbsoluteUri,
        StoServicePath = configuration.StoPath,
        ScsServicePath = configuration.ScsPath,
        DelegateImage = configuration.DelegateImage,
        MtlsImages = configuration.MtlsImages,
        UpgraderImage = configuration.UpgraderImage,
    };

    private static TestIntelligenceOptions TestIntelligenceOptionsOf(ServerConfiguration configuration) => new()
    {
        DataDirectory = configuration.DataDirectory,
        Secret = TiSecret(configuration),
        GlobalToken = configuration.TiServiceGlobalToken,
        AgentDirectory = configuration.TiAgents,
        ReportRetention = configuration.TiReportRetention,
        GraphRetention = configuration.TiGraphRetention,
        AccountQuota = configuration.TiQuota,
        FreeSpaceFloor = configuration.FreeSpaceFloor,
    };

    private static string TiSecret(ServerConfiguration configuration) => ServiceSecret.Of(configuration.TiServiceSecret, configuration.DataDirectory, "ti-service");

    private static LogServiceOptions LogServiceOptionsOf(ServerConfiguration configuration) => new()
    {
        Directory = Path.Combine(configuration.DataDirectory, "logs"),
        Secret = LogSecret(configuration),
        RedisConnectionString = configuration.RedisConnectionString,
        S3 = configuration.S3,
        BlobRetention = configuration.BlobRetention,
        BlobQuota = configuration.BlobQuota,
        FreeSpaceFloor = configuration.FreeSpaceFloor,
        GlobalToken = ServiceSecret.Of(configuration.LogServiceGlobalToken, configuration.DataDirectory, "log-service", "token"),
    };

    private static string LogSecret(ServerConfiguration configuration) => ServiceSecret.Of(configuration.LogServiceSecret, configuration.DataDirectory, "log-service");

    private static GatewayOptions GatewayOptionsOf(ServerConfiguration configuration, string certificatePath, string keyPath)
    {
        // More than there is room for would not only fail: at the limit of open files the runtime itself may give up.
        var room = OpenFiles.RoomForConnections(servicesElsewhere: (configuration.Manager ?? configuration.LogService ?? configuration.TiService ?? configuration.StoService ?? configuration.ScsService) is not null);
        var connections = configuration.Connections == 0 ? room : room == 0 ? configuration.Connections : Math.Min(configuration.Connections, room);
        return new GatewayOptions
        {
            AgentDomain = configuration.AgentDomain,
            SharedHosts = configuration.SharedHosts,
            PublicPort = configuration.PublicPort,
            CertificatePath = certificatePath,
            CertificateKeyPath = keyPath,
            ManagerAddress = configuration.Manager,
            LogServiceAddress = configuration.LogService,
            LogServiceIsHere = configuration.LogServiceIsHere,
            TiServiceAddress = configuration.TiService,
            TiServiceIsHere = configuration.TiServiceIsHere,
            StoServiceAddress = configuration.StoService,
            StoServicePath = configuration.StoPath,
            ScsServiceAddress = configuration.ScsService,
            ScsServicePath = configuration.ScsPath,
            ClusterSecret = configuration.ClusterSecret,
            ForwardClientCertificate = configuration.ForwardClientCertificate,
            MaxConnections = connections,
            // Who has not said whom they want, and who is not in yet, leave three quarters of the room to those who are in.
            MaxConcurrentHandshakes = connections == 0 ? configuration.Handshakes : Math.Min(configuration.Handshakes, Math.Max(1, connections / 8)),
            MaxHandshakesPerEndpoint = connections == 0 ? configuration.HandshakesPerEndpoint : Math.Min(configuration.HandshakesPerEndpoint, Math.Max(2, connections / 16)),
            RefusalsPerSecond = configuration.RefusalsPerSecond,
            TlsEngine = configuration.TlsEngine,
            Tls = new TlsEngineOptions
            {
                RefusalForm = configuration.Refusal,
                Resumption = configuration.Resumption,
                MaxSessions = configuration.TlsSessions,
                TicketKeysPath = configuration.TicketKeys,
                LegacyKeyDecoder = configuration.LegacyKeyDecoder,
            },
        };
    }

    private static void AddLogging(ILoggingBuilder logging, ServerConfiguration configuration)
    {
        logging.SetMinimumLevel(configuration.LogLevel);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("System", LogLevel.Warning);
        logging.AddFilter("Yarp", LogLevel.Warning);
        // While it may log, it makes an activity and a scope for each request, whoever reads them: nobody here.
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        // Kestrel does not see that the agent listener's TLS is ours, and warns that HTTP/2 would not work; it does.
        logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Error);
        // The key folder is the operator's alone (mode 0700), like the database beside it: said in SECURITY.md, not at every start.
        logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        // Start-up failures are told to the person who starts the server, once, by Program.
        logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
        });
    }
}
