using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Gatehouse.Gateway;

/// <summary>
/// Forwards requests to services that speak HTTP/1.1 in the clear, on the thread that serves the client's socket. What it does not do
/// (upgrades, gRPC, TLS to the service) stays with YARP; why there are two: docs/adr/0011.
/// </summary>
internal sealed class Http1Forwarder(ForwardedIdentity identity, ServiceFailures failures)
{
    /// <summary>True when this forwarder can do it.</summary>
    public static bool CanForward(HttpRequest request, Uri service) =>
        service.Scheme == Uri.UriSchemeHttp
        && (HttpProtocol.IsHttp11(request.Protocol) || HttpProtocol.IsHttp2(request.Protocol))
        && request.Headers.Upgrade.Count == 0 && !HttpMethods.IsConnect(request.Method)
        && RequestHead.IsPlain(request) && !IsGrpc(request);

    /// <summary>
    /// Forwards a request and passes the answer on, or says in a problem why it cannot. When the answer had begun, the client's connection is
    /// aborted: it must not take a part for the whole.
    /// </summary>
    /// <param name="context">Nothing of its answer has been sent.</param>
    /// <param name="service">Has an address.</param>
    /// <param name="pool">Of the service.</param>
    /// <param name="target">Path and query for the service.</param>
    /// <param name="client">Whose request it is.</param>
    /// <exception cref="BadHttpRequestException">The client's request is broken.</exception>
    public async Task ForwardAsync(HttpContext context, ForwardedService service, UpstreamPool pool, RequestTarget target, AgentConnection client)
    {
        // What is streamed through is bounded by the service, not by us.
        if (RequestBody.IsExpected(context.Request) && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
        ForwardFailure failure;
        try
        {
            var owner = client.AccountId ?? "";
            if (pool.TryTakeIdle(owner) is { } kept && await new Exchange(context, pool, kept, client, identity).RunAsync(target))
                return;
            // None was kept, or its end came before the request: once more on a new one.
            await new Exchange(context, pool, await pool.ConnectAsync(owner, context.RequestAborted), client, identity).RunAsync(target);
            return;
        }
        catch (UpstreamException e)
        {
            if (context.Response.HasStarted)
                context.Abort();
            failure = e.Failure;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException and not BadHttpRequestException)
        {
            return; // Reading from the client, or writing to it.
        }
        if (failure != ForwardFailure.ClientGone && !context.RequestAborted.IsCancellationRequested)
            await failures.TellAsync(context, service, StatusOf(failure), failure.ToString());
    }

    private static int StatusOf(ForwardFailure failure) => failure switch
    {
        ForwardFailure.TimedOut => StatusCodes.Status504GatewayTimeout,
        ForwardFailure.Busy => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status502BadGateway,
    };

    // Its status is in the trailers, which we drop.
    private static bool IsGrpc(HttpRequest request) =>
        HttpProtocol.IsHttp2(request.Protocol) && request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true;
}
