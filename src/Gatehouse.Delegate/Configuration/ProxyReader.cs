using Gatehouse.Client;

namespace Gatehouse.Delegate;

/// <summary>The way out: <c>PROXY_*</c> of the public documentation (protocol sheet §8.1), else <c>HTTPS_PROXY</c> or <c>HTTP_PROXY</c> by the manager's scheme.</summary>
internal sealed class ProxyReader(EnvironmentReader env)
{
    internal OutboundProxy? Read(ManagerAddress manager)
    {
        var bypass = env.Optional("NO_PROXY") ?? env.Optional("no_proxy") ?? "";
        if (!env.Flag("PROXY_MANAGER", whenUnset: true))
            bypass += "," + manager.Origin.Host;
        return FromParts() is { } parts ? new OutboundProxy(parts, new ProxyBypass(bypass))
            : FromAddress(manager) is { } address ? new OutboundProxy(address, new ProxyBypass(bypass))
            : null;
    }

    private Uri? FromParts()
    {
        if (env.Optional("PROXY_HOST") is not { } host)
            return null;
        var scheme = env.OneOf("PROXY_SCHEME", ["http", "https"], "http");
        var port = env.Number("PROXY_PORT", 1, 65535, scheme == "https" ? 443 : 8080);
        if (Uri.CheckHostName(host) == UriHostNameType.Unknown)
        {
            env.Problem($"PROXY_HOST is “{EnvironmentReader.WithoutUser(host)}”: it must be a host name or address; scheme and port have variables of their own.");
            return null;
        }

        return OutboundProxy.AddressOf(scheme, host, port, env.Optional("PROXY_USER"), env.Optional("PROXY_PASSWORD"));
    }

    private Uri? FromAddress(ManagerAddress manager)
    {
        // HTTP_PROXY in upper case is left alone by many programs because CGI sets it from a header; a delegate is no CGI program.
        foreach (var name in manager.IsTls ? new[] { "HTTPS_PROXY", "https_proxy" } : ["HTTP_PROXY", "http_proxy"])
        {
            if (env.Optional(name) is not { } text)
                continue;
            if (OutboundProxy.TryParseAddress(text, out var address))
                return address;
            env.Problem($"{name} is “{EnvironmentReader.WithoutUser(text)}”: it must be an address such as http://proxy.example:3128.");
        }

        return null;
    }
}
