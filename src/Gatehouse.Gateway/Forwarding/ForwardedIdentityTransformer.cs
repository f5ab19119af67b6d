using Gatehouse.Contracts;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Gatehouse.Gateway;

/// <summary>Puts the verified identity on a forwarded request. It runs after YARP dropped the hop-by-hop headers, so that a <c>Connection</c> header cannot take it off again (threat A7).</summary>
internal sealed class ForwardedIdentityTransformer(GatewayOptions options) : HttpTransformer
{
    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        var origin = httpContext.Features.Get<IAgentOrigin>()
            ?? throw new InvalidOperationException("A request is forwarded without its verified origin.");

        // The authority is the endpoint record's, never what the client sent (protocol sheet §1.4).
        Set(proxyRequest, HeaderNames.AgentMtlsAuthority, origin.Authority);
        Set(proxyRequest, HeaderNames.ClusterCredential, options.ClusterSecret);
        Set(proxyRequest, "X-Forwarded-For", origin.RemoteAddress);
        Set(proxyRequest, "X-Forwarded-Proto", "https");
        if (options.ForwardClientCertificate && httpContext.Features.Get<AgentConnection>() is { Verdict.Authority: not null } connection)
        {
            // Byte sequences of RFC 8941, as RFC 9440 §2 wants them.
            Set(proxyRequest, "Client-Cert", Bytes(connection.Chain.Leaf));
            Set(proxyRequest, "Client-Cert-Chain", string.Join(", ", connection.Chain.Intermediates.Select(Bytes)));
        }
    }

    private static string Bytes(ReadOnlyMemory<byte> der) => $":{Convert.ToBase64String(der.Span)}:";

    private static void Set(HttpRequestMessage request, string name, string? value)
    {
        request.Headers.Remove(name);
        if (!string.IsNullOrEmpty(value))
            request.Headers.TryAddWithoutValidation(name, value);
    }
}
