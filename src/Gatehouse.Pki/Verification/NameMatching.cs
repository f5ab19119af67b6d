using System.Net;
using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki.Verification;

/// <summary>Does a name lie in a subtree? One rule per form (RFC 5280 §4.2.1.10).</summary>
internal static class NameMatching
{
    /// <summary>
    /// True when <paramref name="name"/> lies in <paramref name="subtree"/>; both are of one form. Null when it cannot be told, which the
    /// caller must take for the worse.
    /// </summary>
    /// <param name="name">What a certificate carries.</param>
    /// <param name="subtree">What a CA permits or excludes.</param>
    /// <param name="excluding">True when the subtree is an excluded one: then a wildcard that could stand for a name inside counts as inside.</param>
    public static bool? IsWithin(GeneralName name, GeneralName subtree, bool excluding) => name.Kind switch
    {
        GeneralNameKind.Dns => Dns(name.Text!, subtree.Text!, excluding),
        GeneralNameKind.Rfc822 => Mail(name.Text!, subtree.Text!),
        GeneralNameKind.Uri => Uri(name.Text!, subtree.Text!),
        GeneralNameKind.IpAddress => Address(name.Bytes.Span, subtree.Bytes.Span),
        GeneralNameKind.Directory => name.Name!.IsWithin(subtree.Name!),
        _ => null,
    };

    private static bool Dns(string name, string subtree, bool excluding)
    {
        name = name.TrimEnd('.');
        if (subtree.Length == 0)
            return true;
        if (excluding && name.StartsWith("*.", StringComparison.Ordinal) && EndsWith(subtree.TrimStart('.'), name[1..]))
            return true;
        // A leading dot is not in the RFC, but OpenSSL and others read it as "subdomains only".
        if (subtree[0] == '.')
            return EndsWith(name, subtree);
        return name.Equals(subtree, StringComparison.OrdinalIgnoreCase) || EndsWith(name, "." + subtree);
    }

    private static bool? Mail(string name, string subtree)
    {
        int at = name.LastIndexOf('@');
        if (at <= 0 || at == name.Length - 1)
            return null;
        string host = name[(at + 1)..];
        int subtreeAt = subtree.LastIndexOf('@');
        if (subtreeAt >= 0)
        {
            return host.Equals(subtree[(subtreeAt + 1)..], StringComparison.OrdinalIgnoreCase)
                && name.AsSpan(0, at).SequenceEqual(subtree.AsSpan(0, subtreeAt));
        }

        return HostWithin(host, subtree);
    }

    // §4.2.1.10: a URI without a host name that is a domain name cannot be judged.
    private static bool? Uri(string name, string subtree)
    {
        int start = name.IndexOf("://", StringComparison.Ordinal);
        if (start < 0)
            return null;
        string authority = name[(start + 3)..];
        int end = authority.AsSpan().IndexOfAny('/', '?', '#');
        if (end >= 0)
            authority = authority[..end];
        authority = authority[(authority.LastIndexOf('@') + 1)..];
        int colon = authority.LastIndexOf(':');
        string host = colon >= 0 && !authority.EndsWith(']') ? authority[..colon] : authority;
        if (host.Length == 0 || host[0] == '[' || IPAddress.TryParse(host, out _))
            return null;
        return HostWithin(host, subtree);
    }

    private static bool HostWithin(string host, string subtree) => subtree.Length == 0
        || (subtree[0] == '.' ? EndsWith(host, subtree) : host.Equals(subtree, StringComparison.OrdinalIgnoreCase));

    private static bool? Address(ReadOnlySpan<byte> name, ReadOnlySpan<byte> subtree)
    {
        if (name.Length is not (4 or 16))
            return null;
        if (subtree.Length != name.Length * 2)
            return false; // The other family.
        for (int i = 0; i < name.Length; i++)
        {
            if (((name[i] ^ subtree[i]) & subtree[name.Length + i]) != 0)
                return false;
        }

        return true;
    }

    private static bool EndsWith(string text, string end) => text.EndsWith(end, StringComparison.OrdinalIgnoreCase);
}
