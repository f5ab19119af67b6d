namespace Gatehouse.Cli.Doctor;

/// <summary>The delegate's proxy variables: <c>PROXY_*</c> of the public documentation, else <c>HTTPS_PROXY</c>.</summary>
internal static class ProxyVariables
{
    /// <summary>The proxy's address with its credentials; null when none is set. Whether it is one, the examination says.</summary>
    public static string? Read(Func<string, string?> variable)
    {
        string? Set(string name) => variable(name) is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;
        if (Set("PROXY_HOST") is not { } host)
            return Set("HTTPS_PROXY") ?? Set("https_proxy");
        var scheme = Set("PROXY_SCHEME") ?? "http";
        var user = Set("PROXY_USER") is { } name ? $"{Uri.EscapeDataString(name)}:{Uri.EscapeDataString(Set("PROXY_PASSWORD") ?? "")}@" : "";
        return $"{scheme}://{user}{host}:{Set("PROXY_PORT") ?? (scheme == "https" ? "443" : "8080")}";
    }

    /// <summary>Whom to reach directly: <c>NO_PROXY</c>, and the manager itself with <c>PROXY_MANAGER=false</c>.</summary>
    public static string? Bypass(Func<string, string?> variable, string manager)
    {
        var list = variable("NO_PROXY") ?? variable("no_proxy");
        return bool.TryParse(variable("PROXY_MANAGER"), out var proxied) && !proxied && Uri.TryCreate(manager, UriKind.Absolute, out var url) ? $"{list},{url.Host}" : list;
    }
}
