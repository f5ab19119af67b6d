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
        identity.Describe(httpContext, new Lines(proxyRequest));
    }

    // YARP knows the hop-by-hop headers of the standard, not those that the client names (RFC 9110 §7.6.1).
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
