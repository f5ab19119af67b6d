using Gatehouse.Contracts;
using Gatehouse.Tls;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Gateway;

/// <summary>How the host puts the gateway role together.</summary>
public static partial class GatewayRole
{
    /// <summary>Adds the role. It needs an <see cref="ITrustSource"/> and an <see cref="IRefusalLog"/>, and must be added after the role that offers them, so that it starts after it.</summary>
    public static IServiceCollection AddGateway(this IServiceCollection services, GatewayOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddHttpForwarder();
        services.AddSingleton(options);
        services.AddSingleton(_ => TlsEngines.Create(options.TlsEngine, options.Tls));
        services.AddSingleton<TrustIndex>();
        services.AddSingleton<AgentDirectory>();
        services.AddSingleton<LiveConnections>();
        services.AddSingleton<HandshakeLimits>();
        services.AddSingleton<ConnectionBudget>();
        services.AddSingleton<GatewayHealth>();
        services.AddSingleton<GatewayMetrics>();
        services.AddSingleton<ServiceForwarder>();
        services.AddSingleton<AgentConnectionMiddleware>();
        services.AddSingleton<ServerIdentitySource>();
        services.AddSingleton<TrustWatcher>();
        services.AddSingleton<ITrustSubscriber>(p => p.GetRequiredService<TrustWatcher>());
        services.AddHostedService(p => p.GetRequiredService<ServerIdentitySource>());
        services.AddHostedService(p => p.GetRequiredService<TrustWatcher>());
        return services;
    }

    /// <summary>Makes a Kestrel listener the agent listener: TLS, verdict, refusals.</summary>
    public static ListenOptions UseAgentTls(this ListenOptions listen)
    {
        listen.Protocols = HttpProtocols.Http1AndHttp2;
        var middleware = listen.ApplicationServices.GetRequiredService<AgentConnectionMiddleware>();
        var engine = listen.ApplicationServices.GetRequiredService<ITlsEngine>();
        Log.EndsTls(listen.ApplicationServices.GetRequiredService<ILogger<AgentConnectionMiddleware>>(), engine.Name, engine.Details);
        listen.Use(next => context => middleware.OnConnectionAsync(context, next));
        return listen;
    }

    /// <summary>Checks every request of the agent listener's branch and forwards what is not served in this process.</summary>
    public static IApplicationBuilder UseAgentRequests(this IApplicationBuilder branch) => branch.UseMiddleware<AgentRequestMiddleware>();

    private static partial class Log
    {
        [LoggerMessage(2003, LogLevel.Information, "The agent listener ends TLS with {Engine}: {Details}")]
        public static partial void EndsTls(ILogger logger, string engine, string details);
    }
}
