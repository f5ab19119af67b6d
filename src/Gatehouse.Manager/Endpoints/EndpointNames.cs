using System.Collections.Frozen;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Manager.Protocol;

namespace Gatehouse.Manager.Endpoints;

/// <summary>Which names an account's endpoint may take: the checks that need no database.</summary>
internal sealed class EndpointNames(ManagerOptions options)
{
    /// <summary>Agents put these before their host to reach gRPC (protocol sheet §1.5), so they belong to the endpoint behind them.</summary>
    private static readonly string[] s_routedPrefixes = ["manager-grpc-", "events-grpc-", "api-manager-grpc-"];

    private static readonly FrozenSet<string> s_reserved = new[]
    {
        "www", "api", "admin", "app", "agent", "agents", "gatehouse", "gateway", "manager", "console", "operator", "delegate", "delegates",
        "log-service", "ti-service", "logs", "stream", "events", "status", "health", "metrics", "auth", "login", "sso", "account", "accounts",
        "mail", "smtp", "imap", "pop", "ftp", "ns", "ns1", "ns2", "dns", "mx", "cdn", "static", "assets", "docs", "help", "support",
        "security", "root", "localhost", "internal", "autodiscover", "wpad", "isatap",
    }.ToFrozenSet(StringComparer.Ordinal);

    private readonly FrozenSet<string> _extra = options.ExtraReservedPrefixes.Select(Lower).ToFrozenSet(StringComparer.Ordinal);
    private readonly FrozenSet<string> _shared = options.SharedHosts.Select(Lower).ToFrozenSet(StringComparer.Ordinal);
    private readonly string _domain = Lower(options.AgentDomain);

    /// <summary>False: the write side of the API is off (sheet §1.3).</summary>
    public bool HasDomain => _domain.Length > 0;

    public string FqdnOf(string prefix) => $"{prefix}.{_domain}";

    /// <summary>The prefix as it is stored, or why it cannot be one (sheet §2.3, checks 7 to 9, made strict as §2.4 asks).</summary>
    public Outcome<string> Normalize(string? prefix)
    {
        if (string.IsNullOrWhiteSpace(prefix))
            return Invalid("No domain prefix is given.");
        var lower = Lower(prefix.Trim());
        if (lower.Contains('.'))
            return Invalid($"The domain prefix '{Show(prefix)}' has a dot; it must be one level, such as customer1.");
        if (!HostNames.IsLabel(lower))
            return Invalid($"The domain prefix '{Show(prefix)}' is not a DNS label of 1 to 63 letters, digits and inner hyphens.");
        if (lower.StartsWith("xn--", StringComparison.Ordinal))
            return Invalid($"The domain prefix '{Show(prefix)}' is an encoded international name, which is not allowed because it may look like another.");
        if (FqdnOf(lower).Length > HostNames.MaxLength)
            return Invalid($"The domain prefix makes the name {FqdnOf(lower).Length} characters long; {HostNames.MaxLength} is the limit of DNS.");
        return lower;
    }

    /// <summary>Why a normalised prefix is not for any account; null when it is free as far as names go.</summary>
    public Fault? Reserved(string prefix) =>
        s_reserved.Contains(prefix) || _extra.Contains(prefix) || _shared.Contains(FqdnOf(prefix)) || s_routedPrefixes.Any(routed => prefix.StartsWith(routed, StringComparison.Ordinal))
            ? Invalid($"The domain prefix '{prefix}' is reserved; choose another.")
            : null;

    /// <summary>The vanity host as it is stored (empty: none), or why it cannot be one.</summary>
    public Outcome<string> NormalizeVanity(string? host)
    {
        if (string.IsNullOrWhiteSpace(host))
            return "";
        var lower = Lower(host.Trim());
        if (!HostNames.IsHostName(lower) || !lower.Contains('.'))
            return Invalid($"The vanity host '{Show(host)}' is not a host name such as delegates.example.com.");
        if (lower == _domain || lower.EndsWith("." + _domain, StringComparison.Ordinal))
            return Invalid($"The vanity host '{lower}' lies under the agent domain {_domain}; use a domain prefix for that.");
        if (_shared.Contains(lower))
            return Invalid($"The vanity host '{lower}' is a shared host of this server.");
        if (s_routedPrefixes.Any(routed => lower.StartsWith(routed, StringComparison.Ordinal)))
            return Invalid($"The vanity host '{lower}' begins with a prefix that agents use for gRPC; choose another.");
        return lower;
    }

    private static string Lower(string text) => text.ToLowerInvariant();

    private static string Show(string text) => Bounded.Text(text, 80);

    private static Fault Invalid(string message) => Fault.Of(ProtocolErrorCode.InvalidRequest, message);
}
