using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Gatehouse.Gateway;

/// <summary>Where a request goes at its service.</summary>
/// <param name="Prefix">Path of the service's address, without a slash at its end.</param>
/// <param name="Path">What was checked, decoded; it is encoded again, so that the service reads what the gateway read.</param>
internal readonly record struct RequestTarget(string Prefix, PathString Path);

/// <summary>Writes the head of a forwarded request.</summary>
internal static class RequestHead
{
    private static readonly SearchValues<char> s_query = SearchValues.Create([.. Enumerable.Range(0x21, 0x7e - 0x20).Where(c => c != '#').Select(c => (char)c)]);

    /// <summary>True when query and method are written the same by everybody; the rest is for those who normalize.</summary>
    public static bool IsPlain(HttpRequest request) => HeaderRules.IsToken(request.Method) && !(request.QueryString.Value ?? "").AsSpan().ContainsAnyExcept(s_query);

    /// <summary>Writes it into <paramref name="output"/>, identity headers last: nothing the client sent can take them off again (threat A7).</summary>
    /// <param name="output">Is emptied first.</param>
    /// <param name="request">The client's.</param>
    /// <param name="target">Where to.</param>
    /// <param name="body">How the body will be sent.</param>
    /// <param name="connection">The client's.</param>
    /// <param name="identity">What the gateway says of the client.</param>
    /// <exception cref="BadHttpRequestException">A header that cannot be sent as it is.</exception>
    public static void Write(SendBuffer output, HttpRequest request, RequestTarget target, RequestBody body, AgentConnection connection, ForwardedIdentity identity)
    {
        output.Clear();
        output.Append(request.Method);
        output.Append(" "u8);
        output.Append(target.Prefix);
        output.Append(target.Path.HasValue ? Encode(target.Path, request) : "/");
        output.Append(request.QueryString.Value ?? "");
        output.Append(" HTTP/1.1\r\n"u8);

        var named = request.Headers.Connection;
        foreach (var (name, values) in request.Headers)
        {
            if (HeaderRules.IsHopByHop(name) || name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) || IdentityHeaders.IsIdentity(name)
                || (named.Count > 0 && HeaderRules.IsNamedIn(named, name)))
                continue;
            // HTTP/2 may cut cookies apart; HTTP/1.1 has one line of them (RFC 9113 §8.2.3).
            if (values.Count > 1 && name.Equals("Cookie", StringComparison.OrdinalIgnoreCase))
                Write(output, name, string.Join("; ", values.ToArray()));
            else
                Write(output, name, values);
        }

        if (body.IsChunked)
            output.Append("Transfer-Encoding: chunked\r\n"u8);
        else if (body.Length is { } length)
        {
            output.Append("Content-Length: "u8);
            output.Append(length);
            output.Append("\r\n"u8);
        }
        identity.Describe(connection, new Lines(output));
        output.Append("\r\n"u8);
    }

    // Decoded, a percent sign is one that was sent as %25, or the beginning of a slash that was sent as %2F and left that way. Encoding leaves
    // what looks encoded as it is: for the service, %2561 would become an 'a' that nobody here has seen.
    private static string Encode(PathString path, HttpRequest request)
    {
        if (!path.Value!.Contains('%', StringComparison.Ordinal))
            return path.ToUriComponent();
        var sent = request.HttpContext.Features.Get<IHttpRequestFeature>()!.RawTarget.Split('?')[0];
        if (!sent.Contains("%25", StringComparison.Ordinal))
            return path.ToUriComponent();
        if (sent.Contains("%2F", StringComparison.OrdinalIgnoreCase))
            throw new BadHttpRequestException("The path has both an encoded slash and an encoded percent sign, which the next reader could take for another path.");
        return new PathString(path.Value.Replace("%", "%25", StringComparison.Ordinal)).ToUriComponent();
    }

    private static void Write(SendBuffer output, string name, StringValues values)
    {
        foreach (var value in values)
            Write(output, name, value ?? "");
    }

    private static void Write(SendBuffer output, string name, string value)
    {
        // The HTTP server has checked HTTP/1.1's; what HTTP/2 lets through must not become two lines here.
        if (!HeaderRules.IsToken(name) || !HeaderRules.IsSafe(value))
            throw new BadHttpRequestException("A header's name is none, or its value holds a line break or NUL.");
        output.AppendHeader(name, value);
    }

    private readonly struct Lines(SendBuffer output) : IIdentityLines
    {
        public void Add(string name, string value) => Write(output, name, value);
    }
}
