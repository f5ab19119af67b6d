using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;

namespace Gatehouse.Gateway;

/// <summary>Deletes from requests every header by which a service could be made to believe in an identity (threats A6, A7).</summary>
internal static class IdentityHeaders
{
    // Ours, RFC 9440's, and those that proxies and frameworks are known to believe. Compared with '_' read as '-'.
    private static readonly FrozenSet<string> s_names = FrozenSet.ToFrozenSet(
    [
        "agent-mtls-authority", "client-cert", "client-cert-chain",
        "x-client-cert", "x-client-certificate", "x-client-verify", "x-client-dn", "x-client-subject",
        "x-forwarded-client-cert", "x-forwarded-tls-client-cert", "x-forwarded-tls-client-cert-info", "x-arr-clientcert", "x-amzn-mtls-clientcert",
        "x-ssl-cert", "x-ssl-client-cert", "x-ssl-client-verify", "x-ssl-client-dn", "x-ssl-client-s-dn", "x-ssl-client-i-dn", "x-ssl-client-serial",
        "x-ssl-client-sha1", "x-ssl-client-fingerprint", "ssl-client-cert", "ssl-client-verify", "ssl-client-subject-dn", "ssl-client-issuer-dn",
        "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-prefix", "x-real-ip", "forwarded",
    ], StringComparer.OrdinalIgnoreCase);

    /// <summary>Deletes them, in any case and with underscores for hyphens, however often they occur.</summary>
    public static void Strip(IHeaderDictionary headers)
    {
        List<string>? found = null;
        foreach (var (name, _) in headers)
        {
            if (IsIdentity(name))
                (found ??= []).Add(name);
        }
        foreach (var name in found ?? [])
            headers.Remove(name);
    }

    /// <summary>True for a header that only the gateway may set.</summary>
    public static bool IsIdentity(string name)
    {
        var plain = name.Contains('_', StringComparison.Ordinal) ? name.Replace('_', '-') : name;
        return s_names.Contains(plain) || plain.StartsWith("gatehouse-", StringComparison.OrdinalIgnoreCase);
    }
}
