using Gatehouse.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Gatehouse.Gateway;

/// <summary>
/// The way of a request on the agent listener: host = SNI's endpoint? account = endpoint's? then identity headers off, the verified
/// origin on, and forward. Nothing before this reads the request; nothing after it asks who the client is.
/// </summary>
internal sealed class AgentRequestMiddleware(
    RequestDelegate next, AgentDirectory directory, TrustIndex index, LiveConnections live, ServiceForwarder forwarder, IRefusalLog refusals, GatewayMetrics metrics)
{
    /// <summary>Not async itself, as its like in frameworks: every one that waits makes an object for each request.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        // Absent only when the pipeline is wired to a listener that is not ours: fail closed.
        var connection = context.Features.Get<AgentConnection>()
            ?? throw new InvalidOperationException("A request reached the gateway without a verified connection.");

        var claims = AccountClaims.Read(context.Request);
        if (Check(context, connection, claims) is { } refusal)
        {
            if (connection.RevokedBecause is null)
            {
                refusals.Report(refusal);
                metrics.Refused(refusal.Code);
            }
            return RefusalWriter.WriteAsync(context, refusal);
        }

        return connection.AccountId is null && claims.Account is { } account
            ? OnSharedHostAsync(context, connection, account)
            : ForwardAsync(context, connection, null);
    }

    private async Task OnSharedHostAsync(HttpContext context, AgentConnection connection, string account)
    {
        var origin = new RequestOrigin(connection, context, directory.PublicPort);
        live.Add(account, origin);
        try
        {
            await ForwardAsync(context, connection, origin);
        }
        finally
        {
            origin.End();
            live.Remove(account, origin);
        }
    }

    private Task ForwardAsync(HttpContext context, AgentConnection connection, RequestOrigin? origin)
    {
        // Nobody is behind this door whom a client could want a tunnel to. What websockets of HTTP/2 begin with (RFC 8441) is none.
        if (HttpMethods.IsConnect(context.Request.Method) && context.Features.Get<IHttpExtendedConnectFeature>() is not { IsExtendedConnect: true })
            return ProblemWriter.WriteAsync(context, StatusCodes.Status405MethodNotAllowed, "method_not_allowed", "This is no proxy: CONNECT is not served.");
        if (HeaderRules.IsMalformedHttp2(context.Request))
            return ProblemWriter.WriteAsync(context, StatusCodes.Status400BadRequest, "malformed_request", "The request has fields about a connection of HTTP/1.1, which HTTP/2 forbids: connection, keep-alive, proxy-connection, te, transfer-encoding, upgrade.");
        // Users of the public API know the log service by this path (sheet §1).
        if (context.Request.Path.StartsWithSegments("/gateway/log-service", StringComparison.Ordinal, out var rest))
            context.Request.Path = ServiceForwarder.LogService.Add(rest);
        return forwarder.IsElsewhere(context.Request.Path, out var service)
            ? forwarder.ForwardAsync(context, service, connection, origin)
            : HandleHereAsync(context, origin ?? new RequestOrigin(connection, context, directory.PublicPort));
    }

    // Roles of this process wait for databases and disks; other sockets must not wait with them.
    private async Task HandleHereAsync(HttpContext context, RequestOrigin origin)
    {
        IdentityHeaders.Strip(context.Request.Headers);
        context.Features.Set<IAgentOrigin>(origin);
        context.Features.Get<IAgentTransport>()?.LeaveThread();
        if (!Thread.CurrentThread.IsThreadPoolThread)
            await Task.Yield();
        await next(context);
    }

    private Refusal? Check(HttpContext context, AgentConnection connection, AccountClaims claims)
    {
        live.EnsureCurrent(connection);
        if (connection.RevokedBecause is { } revoked)
            return revoked;
        if (CheckHost(context, connection) is { } wrongHost)
            return wrongHost;
        if (claims.IsAmbiguous)
            return Refusals.AmbiguousAccount(connection.Target.Host, connection.RemoteAddress, connection.AccountId);
        if (claims.Account is not { } account)
            return null;

        if (connection.Endpoint is { } endpoint)
        {
            return string.Equals(account, endpoint.AccountId, StringComparison.Ordinal)
                ? null
                : Refusals.AccountMismatch(account, endpoint.AccountId, connection.Target.Host, connection.RemoteAddress, connection.Verdict.Certificate);
        }
        var rule = index.Current.ByAccount.GetValueOrDefault(account)?.Rule;
        return Admission.Decide(rule, null, account).IsAccepted ? null : Refusals.MtlsRequired(rule!, connection.Target.Host, connection.RemoteAddress);
    }

    // Host must name what the ClientHello named: the same endpoint, or the same shared host (threat A3).
    private Refusal? CheckHost(HttpContext context, AgentConnection connection)
    {
        var sent = context.Request.Host.Value ?? "";
        var host = HostName.Normalize(sent);
        EndpointSnapshot? endpoint = null;
        var served = host is not null && directory.TryFind(host, out endpoint);
        var same = served && (connection.AccountId is { } account
            ? endpoint is not null && string.Equals(endpoint.AccountId, account, StringComparison.Ordinal)
            : endpoint is null);
        if (same)
            return null;
        if (served)
            context.Items[RefusalWriter.HostIsServed] = true;
        return Refusals.HostMismatch(connection.Target.Host, sent, connection.RemoteAddress, connection.AccountId);
    }
}
