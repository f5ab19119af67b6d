using System.Diagnostics;
using System.Net;
using System.Text;
using Gatehouse.Tls;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Gatehouse.Gateway;

/// <summary>
/// Forwards to services that run elsewhere, streaming both ways: to HTTP/1.1 in the clear by our own forwarder, the rest (websockets, gRPC, TLS to
/// the service) by YARP (docs/adr/0011).
/// </summary>
internal sealed class ServiceForwarder : IDisposable
{
    public static readonly PathString LogService = "/log-service";
    private static readonly PathString s_tiService = "/ti-service";

    private readonly IHttpForwarder _yarp;
    private readonly GatewayOptions _options;
    private readonly ServiceFailures _failures;
    private readonly ForwardedService _log, _ti, _sto, _scs, _manager;
    private readonly Http1Forwarder _http1;
    private readonly ForwardedIdentityTransformer _transformer;
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
        // As the HTTP server reads them.
        RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
    });

    public ServiceForwarder(IHttpForwarder yarp, GatewayOptions options, TimeProvider time, ILogger<ServiceForwarder> logger)
    {
        (_yarp, _options, _failures) = (yarp, options, new ServiceFailures(logger));
        var identity = new ForwardedIdentity(options);
        (_http1, _transformer) = (new Http1Forwarder(identity, _failures), new ForwardedIdentityTransformer(identity));
        _log = new("the log service", "services.logService", options.LogServiceAddress, LogService, Pool(options.LogServiceAddress), options.LogServiceIsHere);
        _ti = new("the TI service", "services.tiService", options.TiServiceAddress, s_tiService, Pool(options.TiServiceAddress), options.TiServiceIsHere);
        _sto = Foreign("the STO service", "services.stoService", options.StoServiceAddress, options.StoServicePath);
        _scs = Foreign("the SCS service", "services.scsService", options.ScsServiceAddress, options.ScsServicePath);
        _manager = new("the manager", "services.manager", options.ManagerAddress, PathString.Empty, Pool(options.ManagerAddress));

        // Not of ours: it does not ask for admission itself, so no request reaches it without an account that was judged here.
        ForwardedService Foreign(string name, string key, Uri? address, string path) => new(name, key, address, path, Pool(address), NeedsAccount: true);

        // As many as there can be clients: the limit of open files has room for one to a service with each (OpenFiles in the host).
        UpstreamPool? Pool(Uri? address) => address is null ? null : new UpstreamPool(address, options.MaxConnections, time, inLoop: TlsEngines.Resolve(options.TlsEngine) == TlsEngineKind.OpenSsl);
    }

    public void Dispose()
    {
        _client.Dispose();
        foreach (var service in (ForwardedService[])[_log, _ti, _sto, _scs, _manager])
            service.Pool?.Dispose();
    }

    /// <summary>True when the path belongs to a service that is not in this process, or that is nowhere (then <paramref name="service"/> has no address).</summary>
    public bool IsElsewhere(PathString path, out ForwardedService service)
    {
        service = path.StartsWithSegments(LogService, StringComparison.Ordinal) ? _log
            : path.StartsWithSegments(s_tiService, StringComparison.Ordinal) ? _ti
            : path.StartsWithSegments(_sto.Prefix, StringComparison.Ordinal) ? _sto
            : path.StartsWithSegments(_scs.Prefix, StringComparison.Ordinal) ? _scs
            : _manager;
        return service.Address is not null || (service.Prefix.HasValue && !service.IsHere);
    }

    /// <summary>Forwards, or says in a problem why it cannot.</summary>
    /// <param name="context">The request.</param>
    /// <param name="service">From <see cref="IsElsewhere"/>.</param>
    /// <param name="client">Whose request it is.</param>
    /// <param name="origin">Of a request on a shared host that names an account and is judged by itself; null: the connection's.</param>
    public Task ForwardAsync(HttpContext context, ForwardedService service, AgentConnection client, RequestOrigin? origin)
    {
        if (service is not { Address: { } address, Pool: { } pool })
        {
            return ProblemWriter.WriteAsync(context, StatusCodes.Status404NotFound, "service_not_configured",
                $"This server runs without {service.Name}; the operator can name one with {service.ConfigurationKey}.");
        }
        // The answer would show the client what it must not see: the gateway's own credential (RFC 9110 §9.3.8).
        if (HttpMethods.IsTrace(context.Request.Method) || context.Request.Method.Equals("TRACK", StringComparison.OrdinalIgnoreCase))
        {
            return ProblemWriter.WriteAsync(context, StatusCodes.Status405MethodNotAllowed, "method_not_allowed", $"{context.Request.Method} is not forwarded to {service.Name}.");
        }
        if (service.NeedsAccount && client.AccountId is null && origin is null)
        {
            return ProblemWriter.WriteAsync(context, StatusCodes.Status400BadRequest, "account_required",
                $"Requests for {service.Name} name their account on a shared host: add accountId to the query, or use the account's own endpoint.");
        }
        context.Request.Path.StartsWithSegments(service.Prefix, out var rest);
        return _options.OwnHttp1Forwarder && Http1Forwarder.CanForward(context.Request, address)
            ? _http1.ForwardAsync(context, service, pool, new RequestTarget(address.AbsolutePath.TrimEnd('/'), rest), client)
            : ByYarpAsync(context, service, rest.HasValue ? rest : "/", origin?.Revoked ?? client.Revoked);
    }

    private async Task ByYarpAsync(HttpContext context, ForwardedService service, PathString path, CancellationToken revoked)
    {
        // What is streamed through is bounded by the service, not by us.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
        IdentityHeaders.Strip(context.Request.Headers);
        context.Request.Path = path;
        var error = await _yarp.SendAsync(context, service.Address!.AbsoluteUri.TrimEnd('/'), _client, _config, _transformer, revoked);
        if (error != ForwarderError.None && !context.RequestAborted.IsCancellationRequested)
            await _failures.TellAsync(context, service, context.Response.StatusCode is >= 500 and var status ? status : StatusCodes.Status502BadGateway, error.ToString());
    }
}

/// <summary>A service behind the gateway.</summary>
/// <param name="Name">For people.</param>
/// <param name="ConfigurationKey">Where its address is configured.</param>
/// <param name="Address">Null when it is nowhere.</param>
/// <param name="Prefix">Taken off the path before it is forwarded.</param>
/// <param name="Pool">Our own connections to it; null when it is nowhere.</param>
/// <param name="IsHere">It is a role of this process, reached when it has no address.</param>
/// <param name="NeedsAccount">It judges nobody's mode: a request must be of an account that the gateway judged.</param>
internal sealed record ForwardedService(
    string Name, string ConfigurationKey, Uri? Address, PathString Prefix, UpstreamPool? Pool, bool IsHere = false, bool NeedsAccount = false);
