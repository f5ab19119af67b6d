using Microsoft.AspNetCore.Http;

namespace Gatehouse.Gateway;

/// <summary>
/// Forwards HTTP/1.1 requests to services that speak it in the clear, on the thread that serves the client's socket. What it does not do
/// (upgrades, HTTP/2, TLS to the service) stays with YARP; why there are two: docs/adr/0011.
/// </summary>
internal sealed class Http1Forwarder(ForwardedIdentity identity)
{
    /// <summary>True when this forwarder can do it.</summary>
    public static bool CanForward(HttpRequest request, Uri service) =>
        service.Scheme == Uri.UriSchemeHttp && HttpProtocol.IsHttp11(request.Protocol) && request.Headers.Upgrade.Count == 0 && !HttpMethods.IsConnect(request.Method)
        && RequestHead.IsPlain(request);

    /// <summary>Forwards a request and passes the answer on.</summary>
    /// <param name="context">Nothing of its answer has been sent.</param>
    /// <param name="pool">Of the service.</param>
    /// <param name="target">Path and query for the service.</param>
    /// <returns>What failed. When the answer had begun, the client's connection is aborted: it must not take a part for the whole.</returns>
    /// <exception cref="BadHttpRequestException">The client's request is broken.</exception>
    public async ValueTask<ForwardFailure> ForwardAsync(HttpContext context, UpstreamPool pool, RequestTarget target)
    {
        try
        {
            if (pool.TryTakeIdle() is { } kept && await new Exchange(context, pool, kept, identity).RunAsync(target))
                return ForwardFailure.None;
            // None was kept, or its end came before the request: once more on a new one.
            await new Exchange(context, pool, await pool.ConnectAsync(context.RequestAborted), identity).RunAsync(target);
            return ForwardFailure.None;
        }
        catch (UpstreamException e)
        {
            if (context.Response.HasStarted)
                context.Abort();
            return context.RequestAborted.IsCancellationRequested ? ForwardFailure.ClientGone : e.Failure;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException and not BadHttpRequestException)
        {
            // Reading from the client or writing to it.
            return ForwardFailure.ClientGone;
        }
    }
}
