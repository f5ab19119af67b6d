using System.Buffers;
using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Gatehouse.Gateway;

/// <summary>Which header lines go from one connection to the other (RFC 9110 §7.6.1).</summary>
internal static class HeaderRules
{
    private static readonly SearchValues<char> s_lineBreaks = SearchValues.Create("\r\n\0");

    private static readonly SearchValues<char> s_token = SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    // About one connection, or about a proxy and its neighbour.
    private static readonly FrozenSet<string> s_hopByHop = FrozenSet.ToFrozenSet(
    [
        "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization", "proxy-authentication-info",
        "te", "trailer", "transfer-encoding", "upgrade", "http2-settings",
    ], StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// True for a message of HTTP/2 with fields about a connection of HTTP/1.1 (RFC 9113 §8.2.2): who writes such has another proxy's message in mind, where they mean something.
    /// The HTTP server resets the stream for two of them, <c>connection</c> and <c>te</c>, and lets the others pass.
    /// </summary>
    public static bool IsMalformedHttp2(HttpRequest request)
    {
        if (!HttpProtocol.IsHttp2(request.Protocol))
            return false;
        var headers = request.Headers;
        return headers.TransferEncoding.Count > 0 || headers.Upgrade.Count > 0 || headers.KeepAlive.Count > 0 || headers.Connection.Count > 0 || headers.ProxyConnection.Count > 0
            || (headers.TE.Count > 0 && !headers.TE.Equals("trailers"));
    }

    public static bool IsHopByHop(string name) => s_hopByHop.Contains(name);

    /// <summary>True for a method or a header's name as RFC 9110 §5.6.2 has them: nothing in it can end it, whoever let it through.</summary>
    public static bool IsToken(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExcept(s_token);

    /// <summary>True when a <c>Connection</c> header says that <paramref name="name"/> is for this connection only. Nobody can take the host off a request that way.</summary>
    public static bool IsNamedIn(StringValues connection, string name)
    {
        if (name.Equals("Host", StringComparison.OrdinalIgnoreCase))
            return false;
        foreach (var line in connection)
        {
            if (HasToken(line, name))
                return true;
        }
        return false;
    }

    /// <summary>True when <paramref name="token"/> is an element of a comma-separated list.</summary>
    public static bool HasToken(ReadOnlySpan<char> list, ReadOnlySpan<char> token)
    {
        foreach (var element in list.Split(','))
        {
            if (list[element].Trim(" \t").Equals(token, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    /// <summary>False for a value that would end its line, whoever let it through.</summary>
    public static bool IsSafe(string value) => !value.AsSpan().ContainsAny(s_lineBreaks);
}
