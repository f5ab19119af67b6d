using System.Buffers;
using System.Globalization;

namespace Gatehouse.Gateway;

/// <summary>Reads the names that clients send, in SNI and in Host, into the one spelling that is looked up.</summary>
internal static class HostName
{
    /// <summary>A DNS name is at most this long (RFC 1035 §2.3.4).</summary>
    private const int MaxLength = 253;

    private static readonly SearchValues<char> s_allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.:[]");
    private static readonly SearchValues<char> s_upperCase = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    // How other clients of the protocol ask for gRPC on the same endpoint (protocol sheet §1.5).
    private static readonly string[] s_servicePrefixes = ["api-manager-grpc-", "manager-grpc-", "events-grpc-"];

    /// <summary>
    /// Lower case, without a port and without the root's dot; null when it is no plain DNS name (or IP literal): then it can be none of ours.
    /// </summary>
    public static string? Normalize(string? host)
    {
        if (string.IsNullOrEmpty(host))
            return null;

        var name = WithoutPort(host.AsSpan());
        if (name.Length > 1 && name[^1] == '.')
            name = name[..^1];
        // An empty label is no name: one dot comes off, not one each time that somebody asks.
        if (name.Length > 1 && name[^1] == '.')
            return null;
        if (name.Length is 0 or > MaxLength)
            return null;

        // Letters, digits, hyphen, dot; colon and brackets of an IPv6 literal. Nothing else can be a name of ours.
        if (name.ContainsAnyExcept(s_allowed))
            return null;
        if (name.ContainsAny(s_upperCase))
            return name.ToString().ToLowerInvariant();
        // As nearly every client sends it: nothing is made.
        return name.Length == host.Length ? host : name.ToString();
    }

    /// <summary>The endpoint's name inside a service name such as <c>manager-grpc-customer1.agent.example.io</c>; the name itself when it has no such prefix.</summary>
    public static string WithoutServicePrefix(string normalized)
    {
        foreach (var prefix in s_servicePrefixes)
        {
            if (normalized.StartsWith(prefix, StringComparison.Ordinal) && normalized.Length > prefix.Length)
                return normalized[prefix.Length..];
        }
        return normalized;
    }

    private static ReadOnlySpan<char> WithoutPort(ReadOnlySpan<char> host)
    {
        if (host[0] == '[')
        {
            var end = host.IndexOf(']');
            return end < 0 ? [] : host[..(end + 1)];
        }
        var colon = host.IndexOf(':');
        if (colon < 0)
            return host;
        var port = host[(colon + 1)..];
        // "name:port" only: a second colon, letters in the port, or a port that cannot be are nobody's name.
        return port.Length <= 5 && port.IndexOfAnyExceptInRange('0', '9') < 0 && int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= ushort.MaxValue ? host[..colon] : [];
    }
}
