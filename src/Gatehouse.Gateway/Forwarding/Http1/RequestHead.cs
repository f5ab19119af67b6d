using System.Buffers;
using System.Diagnostics;
using Microsoft.AspNetCore.Http;

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
    public static bool IsPlain(HttpRequest request) => !(request.QueryString.Value ?? "").AsSpan().ContainsAnyExcept(s_query);

    /// <summary>Writes it into <paramref name="output"/>, identity headers last: nothing the client sent can take them off again (threat A7).</summary>
    /// <param name="output">Is emptied first.</param>
    /// <param name="request">The client's.</param>
    /// <param name="target">Where to.</param>
    /// <param name="body">How the body will be sent.</param>
    /// <param name="identity">What the gateway says of the client.</param>
    /// <exception cref="BadHttpRequestException">A header that cannot be sent as it is.</exception>
    public static void Write(SendBuffer output, HttpRequest request, RequestTarget target, RequestBody body, ForwardedIdentity identity)
    {
        output.Clear();
        output.Append(request.Method);
        output.Append(" "u8);
        output.Append(target.Prefix);
        output.Append(target.Path.HasValue ? target.Path.ToUriComponent() : "/");
        output.Append(request.QueryString.Value ?? "");
        output.Append(" HTTP/1.1\r\n"u8);

        var connection = request.Headers.Connection;
        var tracing = Activity.Current;
        foreach (var (name, values) in request.Headers)
        {
            if (HeaderRules.IsHopByHop(name) || name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) || IdentityHeaders.IsIdentity(name)
                || (connection.Count > 0 && HeaderRules.IsNamedIn(connection, name)) || (tracing is not null && IsTracing(name)))
                continue;
            foreach (var value in values)
                Write(output, name, value ?? "");
        }

        if (body.IsChunked)
            output.Append("Transfer-Encoding: chunked\r\n"u8);
        else if (body.Length is { } length)
        {
            output.Append("Content-Length: "u8);
            output.Append(length);
            output.Append("\r\n"u8);
        }
        if (tracing is not null)
            DistributedContextPropagator.Current.Inject(tracing, output, static (carrier, name, value) => Write((SendBuffer)carrier!, name, value));
        identity.Describe(request.HttpContext, new Lines(output));
        output.Append("\r\n"u8);
    }

    private static void Write(SendBuffer output, string name, string value)
    {
        if (!HeaderRules.IsSafe(value))
            throw new BadHttpRequestException($"The header {name} holds a line break or NUL.");
        output.AppendHeader(name, value);
    }

    private static bool IsTracing(string name)
    {
        foreach (var field in DistributedContextPropagator.Current.Fields)
        {
            if (field.Equals(name, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    private readonly struct Lines(SendBuffer output) : IIdentityLines
    {
        public void Add(string name, string value) => Write(output, name, value);
    }
}
