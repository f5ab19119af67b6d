using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Forwarder;

namespace Gatehouse.Gateway;

/// <summary>Puts the verified identity on a forwarded request. It runs after YARP dropped the hop-by-hop headers, so that a <c>Connection</c> header cannot take it off again (threat A7).</summary>
internal sealed class ForwardedIdentityTransformer(ForwardedIdentity identity) : HttpTransformer
{
    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        RemoveNamed(httpContext.Request.Headers.Connection, proxyRequest);
        var connection = httpContext.Features.Get<AgentConnection>()
            ?? throw new InvalidOperationException("A request is forwarded without a verified connection.");
        identity.Describe(connection, new Lines(proxyRequest));
    }

    public override async ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        var goesOn = await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        if (proxyResponse?.Headers.NonValidated.TryGetValues("Connection", out var named) == true)
        {
            var headers = httpContext.Response.Headers;
            foreach (var name in headers.Keys.Where(name => HeaderRules.IsNamedIn(new StringValues([.. named]), name)).ToList())
                headers.Remove(name);
        }
        return goesOn;
    }

    // YARP knows the hop-by-hop headers of the standard, not those that a message names (RFC 9110 §7.6.1).
    private static void RemoveNamed(StringValues connection, HttpRequestMessage request)
    {
        if (connection.Count == 0)
            return;
        foreach (var headers in (HttpHeaders?[])[request.Headers, request.Content?.Headers])
        {
            foreach (var name in headers?.NonValidated.Select(header => header.Key).Where(name => HeaderRules.IsNamedIn(connection, name)).ToList() ?? [])
                headers!.Remove(name);
        }
    }

    private readonly struct Lines(HttpRequestMessage request) : IIdentityLines
    {
        public void Add(string name, string value)
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }
}
