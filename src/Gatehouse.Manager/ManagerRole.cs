using Gatehouse.Contracts;
using Gatehouse.Manager.Accounts;
using Gatehouse.Manager.Audit;
using Gatehouse.Manager.Delegates;
using Gatehouse.Manager.Endpoints;
using Gatehouse.Manager.Flags;
using Gatehouse.Manager.Operators;
using Gatehouse.Manager.Protocol;
using Gatehouse.Manager.Readiness;
using Gatehouse.Manager.Refusals;
using Gatehouse.Manager.Revocation;
using Gatehouse.Manager.Storage;
using Gatehouse.Manager.Storage.CompiledModel;
using Gatehouse.Manager.TaskOutput;
using Gatehouse.Manager.Tasks;
using Gatehouse.Manager.Tokens;
using Gatehouse.Manager.Upgrades;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gatehouse.Manager;

/// <summary>Adds the manager role to a host and maps its routes. It offers <see cref="ITrustSource"/>, <see cref="IRefusalLog"/>, <see cref="IAgentAdmission"/>, <see cref="IOperatorAdmission"/> and <see cref="IServiceTokenIssuer"/>, and calls every <see cref="ITrustSubscriber"/>.</summary>
public static class ManagerRole
{
    /// <summary>Adds the role. <see cref="TimeProvider"/> may be registered before; the system's is used otherwise.</summary>
    /// <exception cref="OptionsValidationException"><paramref name="options"/> have mistakes; all of them are in it.</exception>
    public static IServiceCollection AddManager(this IServiceCollection services, ManagerOptions options)
    {
        if (options.Validate() is { Count: > 0 } errors)
            throw new OptionsValidationException(nameof(ManagerOptions), typeof(ManagerOptions), errors);

        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddMetrics();
        // Existing delegates send their credential in the stream's query (sheet §5.8); the host's request log writes addresses in full.
        services.AddLogging(logging => logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None));
        services.AddStorage(options);

        services.AddSingleton<AccountRegistry>().AddSingleton<AccountService>().AddSingleton<AccountEndpoints>();
        services.AddSingleton(provider => new TrustRegistry(
            new Lazy<IEnumerable<ITrustSubscriber>>(() => [.. provider.GetServices<ITrustSubscriber>()]),
            provider.GetRequiredService<AccountRegistry>(), provider.GetRequiredService<DelegateDirectory>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<TrustRegistry>>()));
        services.AddSingleton<ITrustSource>(provider => provider.GetRequiredService<TrustRegistry>());
        services.AddSingleton<EndpointNames>().AddSingleton<EndpointService>().AddSingleton<MtlsEndpoints>();
        services.AddSingleton<RevocationChange>().AddSingleton<CrlUpload>().AddSingleton<CrlService>().AddSingleton<CrlPolicyService>().AddSingleton<DenyService>()
            .AddSingleton<RevocationSummary>().AddSingleton<CrlWatch>().AddSingleton<RevocationEndpoints>();
        services.AddSingleton<TokenRegistry>().AddSingleton<TokenVerifier>().AddSingleton<TokenService>().AddSingleton<TokenEndpoints>();
        services.AddSingleton<DelegateDirectory>().AddSingleton<DelegateStreams>().AddSingleton<PresenceWriter>().AddSingleton<DelegateService>()
            .AddSingleton<DelegateViews>().AddSingleton<DelegateEndpoints>().AddSingleton<StreamEndpoint>();
        services.AddSingleton<TaskBoard>().AddSingleton<TaskDispatcher>().AddSingleton<TaskLife>().AddSingleton<TaskWatch>().AddSingleton<TaskServiceAddresses>().AddSingleton<TaskPackages>()
            .AddSingleton<TaskService>().AddSingleton<TaskQueue>().AddSingleton<TaskViews>().AddSingleton<TaskEndpoints>();
        services.AddSingleton<OutputStore>().AddSingleton<OutputEndpoints>();
        services.AddSingleton<FlagRegistry>().AddSingleton<FlagEndpoints>();
        services.AddSingleton<ReadinessEndpoints>().AddSingleton<UpgradeEndpoints>();
        services.AddSingleton<RefusalLog>().AddSingleton<IRefusalLog>(provider => provider.GetRequiredService<RefusalLog>());
        services.AddSingleton<OperatorKey>().AddSingleton<IAgentAdmission, AgentAdmission>().AddSingleton<IOperatorAdmission, OperatorAdmission>().AddSingleton<AgentGate>().AddSingleton<IServiceTokenIssuer, ServiceTokenIssuer>().AddSingleton<ManagerMetrics>().AddSingleton<Retention>();
        services.AddPart<TokenRegistry>().AddPart<DelegateDirectory>().AddPart<TrustRegistry>().AddPart<TaskLife>().AddPart<FlagRegistry>();

        services.AddSingleton<IHostedService>(provider => new ManagerStartup(
            provider.GetRequiredService<ManagerDatabase>(), provider.GetRequiredService<OperatorKey>(), provider.GetRequiredService<AccountRegistry>(),
            provider.GetServices<IAccountPart>(), provider.GetRequiredService<TaskWatch>(),
            provider.GetRequiredService<DelegateStreams>(), provider.GetRequiredService<OutputStore>()));
        services.AddSingleton<ManagerJobs>().AddHostedService(provider => provider.GetRequiredService<ManagerJobs>());
        return services;
    }

    /// <summary>Maps the delegate protocol. Needs websockets and, on every request, the feature <see cref="IAgentOrigin"/>; without it each is refused.</summary>
    public static IEndpointRouteBuilder MapManagerAgentApi(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        var all = endpoints.MapGroup("").AddEndpointFilter(Crash(services, wrapper: true));
        var delegates = services.GetRequiredService<DelegateEndpoints>();
        delegates.MapPublic(all);

        var admitted = all.MapGroup("").AddEndpointFilter(services.GetRequiredService<AgentGate>());
        delegates.MapAgent(admitted);
        services.GetRequiredService<TaskEndpoints>().MapAgent(admitted);
        services.GetRequiredService<OutputEndpoints>().MapAgent(admitted);
        services.GetRequiredService<UpgradeEndpoints>().Map(admitted);
        services.GetRequiredService<StreamEndpoint>().Map(admitted);

        all.MapFallback("/api/{**path}", NoSuchCall);
        all.MapFallback("/stream/{**path}", NoSuchCall);
        return endpoints;

        static IResult NoSuchCall(HttpContext context) => new Fault(
            StatusCodes.Status404NotFound, Contracts.Protocol.ProtocolErrorCode.ResourceNotFound,
            $"There is no call {Bounded.Text(context.Request.Method, 16)} {Bounded.Text(context.Request.Path, 200)} here.").ProtocolError();
    }

    /// <summary>Maps the admin API and the mTLS endpoint API. Both ask for the operator key themselves.</summary>
    public static IEndpointRouteBuilder MapManagerOperatorApi(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        var key = services.GetRequiredService<OperatorKey>();
        services.GetRequiredService<MtlsEndpoints>().Map(
            endpoints.MapGroup("").AddEndpointFilter(Crash(services, wrapper: true)).AddEndpointFilter(new OperatorGate(key, wrapper: true)).WithTags("mTLS endpoint"));

        var admin = endpoints.MapGroup("").AddEndpointFilter(Crash(services, wrapper: false)).AddEndpointFilter(new OperatorGate(key, wrapper: false));
        services.GetRequiredService<AccountEndpoints>().Map(admin);
        admin.MapAudit();
        admin.MapRefusals();

        var account = admin.MapGroup("").AddEndpointFilter(new AccountFilter(services.GetRequiredService<AccountRegistry>()));
        services.GetRequiredService<TokenEndpoints>().Map(account);
        services.GetRequiredService<DelegateEndpoints>().MapOperator(account);
        services.GetRequiredService<ReadinessEndpoints>().Map(account);
        services.GetRequiredService<RevocationEndpoints>().Map(account);
        services.GetRequiredService<FlagEndpoints>().Map(account);
        services.GetRequiredService<TaskEndpoints>().MapOperator(account);
        services.GetRequiredService<OutputEndpoints>().MapOperator(account);

        admin.MapFallback("/api/{**path}", (HttpContext context) => new Fault(
            StatusCodes.Status404NotFound, "not_found",
            $"There is no operation {Bounded.Text(context.Request.Method, 16)} {Bounded.Text(context.Request.Path, 200)} here; /openapi/v1.json lists what there is.").Problem(context));
        return endpoints;
    }

    private static void AddStorage(this IServiceCollection services, ManagerOptions options)
    {
        // Before the key ring looks for its folder: it would make it with the process's umask.
        PrivateFiles.EnsureFolder(options.DataDirectory);
        PrivateFiles.EnsureFolder(options.KeyDirectory);
        services.AddDataProtection().SetApplicationName("gatehouse").PersistKeysToFileSystem(new DirectoryInfo(options.KeyDirectory));
        services.AddPooledDbContextFactory<ManagerDbContext>(builder => builder
            .UseSqlite(options.SqliteConnectionString)
            // Built beforehand, for SQLite: building it was a fifth of the server's start.
            .UseModel(ManagerDbContextModel.Instance).AddInterceptors(new SqlitePragmas()));
        services.AddSingleton(provider => new ManagerDatabase(new(provider.GetRequiredService<IDbContextFactory<ManagerDbContext>>), options));
        services.AddSingleton<Secrets>();
    }

    private static IServiceCollection AddPart<T>(this IServiceCollection services)
        where T : class, IAccountPart => services.AddSingleton<IAccountPart>(provider => provider.GetRequiredService<T>());

    private static CrashFilter Crash(IServiceProvider services, bool wrapper) => new(services.GetRequiredService<ILogger<CrashFilter>>(), wrapper);
}
