using Gatehouse.Contracts;
using Gatehouse.LogService.Accounts;
using Gatehouse.LogService.Blobs;
using Gatehouse.LogService.Blobs.Files;
using Gatehouse.LogService.Blobs.S3;
using Gatehouse.LogService.Downloads;
using Gatehouse.LogService.Journal;
using Gatehouse.LogService.Operators;
using Gatehouse.LogService.Protocol;
using Gatehouse.LogService.Streams;
using Gatehouse.LogService.Streams.Memory;
using Gatehouse.LogService.Streams.Redis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Gatehouse.LogService;

/// <summary>Adds the log service to a host and maps its routes. It needs an <see cref="IAgentAdmission"/>.</summary>
public static class LogServiceRole
{
    /// <summary>Adds the role. <see cref="TimeProvider"/> may be registered before; the system's is used otherwise.</summary>
    public static IServiceCollection AddLogService(this IServiceCollection services, LogServiceOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(options.Secret);
        ArgumentException.ThrowIfNullOrEmpty(options.GlobalToken);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        if (options.RedisConnectionString is null)
            services.AddSingleton<StreamJournal>().AddSingleton<ILiveStore, MemoryStreams>();
        else
            services.AddSingleton<RedisLink>().AddSingleton<ILiveStore, RedisStreams>();
        if (options.S3 is null)
            services.AddSingleton<IBlobStore, FileBlobs>();
        else
            services.AddSingleton<IBlobStore, S3Blobs>();
        services.AddSingleton<BlobRetention>().AddSingleton<LogMetrics>().AddSingleton<RefusedUploads>().AddSingleton<BlobUpload>().AddSingleton<BlobEndpoints>().AddSingleton<BlobRemover>()
            .AddSingleton<BlobLinks>().AddSingleton<LinkEndpoints>().AddSingleton<ZipDownloads>().AddSingleton<DownloadEndpoints>();
        services.AddSingleton<LineKeeper>().AddSingleton<StreamCloser>().AddSingleton<Tail>().AddSingleton<StreamEndpoints>();
        services.AddSingleton<LogGate>().AddSingleton<LogFaults>().AddSingleton<ServiceEndpoints>().AddSingleton<WriteBodies>();
        services.AddSingleton<OperatorLogs>();
        services.AddSingleton<AccountCleanup>().AddSingleton<IAccountData>(provider => provider.GetRequiredService<AccountCleanup>());
        services.AddSingleton<LogServiceLife>().AddHostedService(provider => provider.GetRequiredService<LogServiceLife>());
        return services;
    }

    /// <summary>Maps the service's routes as they are behind its prefix. On every request that names an account it needs the feature <see cref="IAgentOrigin"/>; without it each is refused.</summary>
    public static IEndpointRouteBuilder MapLogServiceAgentApi(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        var all = endpoints.MapGroup("").AddEndpointFilter(services.GetRequiredService<LogFaults>());
        services.GetRequiredService<ServiceEndpoints>().MapPublic(all);
        services.GetRequiredService<LinkEndpoints>().MapPublic(all);

        var account = all.MapGroup("").AddEndpointFilter(services.GetRequiredService<LogGate>());
        services.GetRequiredService<StreamEndpoints>().Map(account);
        services.GetRequiredService<BlobEndpoints>().Map(account);
        services.GetRequiredService<LinkEndpoints>().MapAccount(account);
        services.GetRequiredService<DownloadEndpoints>().Map(account);
        ServiceEndpoints.MapAccount(account);

        all.MapFallback("/{**path}", (HttpContext context) => LogAnswers.Error(StatusCodes.Status404NotFound, "The log service has no such route."));
        return endpoints;
    }

    /// <summary>Maps what operators read, on their own listener. Needs an <see cref="IOperatorAdmission"/>, which the manager offers.</summary>
    public static IEndpointRouteBuilder MapLogServiceOperatorApi(this IEndpointRouteBuilder endpoints)
    {
        endpoints.ServiceProvider.GetRequiredService<OperatorLogs>().Map(endpoints);
        return endpoints;
    }
}
