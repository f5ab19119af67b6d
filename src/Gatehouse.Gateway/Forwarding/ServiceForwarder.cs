using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Gatehouse.Gateway;

/// <summary>Forwards to services that run elsewhere, streaming both ways, websockets included.</summary>
internal sealed partial class ServiceForwarder(IHttpForwarder forwarder, GatewayOptions options, ILogger<ServiceForwarder> logger) : IDisposable
{
    private static readonly PathString s_logService = "/log-service";
    private static readonly PathString s_tiService = "/ti-service";

    private readonly ForwardedIdentityTransformer _transformer = new(options);
    private readonly ForwarderRequestConfig _config = new() { ActivityTimeout = TimeSpan.FromMinutes(5) };
    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        EnableMultipleHttp2Connections = true,
        ActivityHeadersPropagator = new ReverseProxyPropagator(DistributedContextPropagator.Current),
        ConnectTimeout = TimeSpan.FromSeconds(5),
    });

    public void Dispose() => _client.Dispose();

    /// <summary>True when the path belongs to a service that is not in this process, or that is nowhere (then <paramref name="service"/> has no address).</summary>
    public bool IsElsewhere(PathString path, out ForwardedService service)
    {
        if (path.StartsWithSegments(s_logService, StringComparison.Ordinal))
            service = new("the log service", "services.logService", options.LogServiceAddress, s_logService);
        else if (path.StartsWithSegments(s_tiService, StringComparison.Ordinal))
            service = new("the TI service", "services.tiService", options.TiServiceAddress, s_tiService);
        else
            service = new("the manager", "services.manager", options.ManagerAddress, PathString.Empty);
        return service.Address is not null || service.Prefix.HasValue;
    }

    /// <summary>Forwards, or says in a problem why it cannot.</summary>
    public async Task ForwardAsync(HttpContext context, ForwardedService service, RequestOrigin origin)
    {
        if (service.Address is null)
        {
            await ProblemWriter.WriteAsync(context, StatusCodes.Status404NotFound, "service_not_configured",
                $"This server runs without {service.Name}; the operator can name one with {service.ConfigurationKey}.");
            return;
        }

        // What is streamed through is bounded by the service, not by us.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
        context.Request.Path.StartsWithSegments(service.Prefix, out var rest);
        context.Request.Path = rest.HasValue ? rest : "/";
        var error = await forwarder.SendAsync(context, service.Address.AbsoluteUri.TrimEnd('/'), _client, _config, _transformer, origin.Revoked);
        if (error == ForwarderError.None || context.RequestAborted.IsCancellationRequested)
            return;

        Log.Failed(logger, service.Name, error);
        if (!context.Response.HasStarted)
        {
            var status = context.Response.StatusCode is >= 500 ? context.Response.StatusCode : StatusCodes.Status502BadGateway;
            await ProblemWriter.WriteAsync(context, status, "service_unavailable", $"{service.Name} did not answer ({error}). Try again in a moment.");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2201, LogLevel.Warning, "Forwarding to {Service} failed: {Error}")]
        public static partial void Failed(ILogger logger, string service, ForwarderError error);
    }
}

/// <summary>A service behind the gateway.</summary>
/// <param name="Name">For people.</param>
/// <param name="ConfigurationKey">Where its address is configured.</param>
/// <param name="Address">Null when it is nowhere.</param>
/// <param name="Prefix">Taken off the path before it is forwarded.</param>
internal sealed record ForwardedService(string Name, string ConfigurationKey, Uri? Address, PathString Prefix);
