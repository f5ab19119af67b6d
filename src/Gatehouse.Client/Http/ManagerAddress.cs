using System.Diagnostics.CodeAnalysis;

namespace Gatehouse.Client;

/// <summary>Where the manager is: scheme, host, port and, behind some proxies, a path in front of the protocol's own.</summary>
public sealed class ManagerAddress
{
    private readonly string _prefix;

    private ManagerAddress(Uri origin, string prefix)
    {
        Origin = origin;
        _prefix = prefix;
    }

    /// <summary>Scheme, host and port.</summary>
    public Uri Origin { get; }

    /// <summary>True when it is this machine by its name: <c>localhost</c> or a name below it.</summary>
    public bool IsLoopback => Origin.IsLoopback || Dialer.IsLoopbackName(Origin.IdnHost);

    /// <summary>True for https.</summary>
    public bool IsTls => Origin.Scheme == Uri.UriSchemeHttps;

    /// <summary>Reads an address such as <c>https://customer1.agent.example.io:8443</c>. A trailing slash and a path are tolerated.</summary>
    /// <param name="text">The address.</param>
    /// <param name="address">The result.</param>
    /// <param name="problem">What is wrong, to follow the name of the variable it came from.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out ManagerAddress? address, [NotNullWhen(false)] out string? problem)
    {
        address = null;
        problem = "must be an address such as https://customer1.agent.example.io:8443";
        if (!Uri.TryCreate(text.Trim(), UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0)
            return false;
        if (uri.UserInfo.Length > 0)
        {
            problem = "must not hold a user or password";
            return false;
        }

        if (uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            problem = "must not hold a query or fragment";
            return false;
        }

        problem = null;
        address = new ManagerAddress(new Uri(uri.GetLeftPart(UriPartial.Authority)), uri.AbsolutePath.TrimEnd('/'));
        return true;
    }

    /// <summary>The address of one call.</summary>
    /// <param name="route">A template of <see cref="Contracts.Routes.Agent"/>.</param>
    /// <param name="values">Replace <c>{name}</c> in the template.</param>
    /// <param name="query">Added as the query; values are escaped.</param>
    public Uri At(string route, IReadOnlyList<(string Name, string Value)> values, IReadOnlyList<(string Name, string Value)> query)
    {
        foreach (var (name, value) in values)
            route = route.Replace("{" + name + "}", Uri.EscapeDataString(value), StringComparison.Ordinal);
        var text = string.Join('&', query.Select(pair => $"{pair.Name}={Uri.EscapeDataString(pair.Value)}"));
        return new Uri(Origin, text.Length == 0 ? _prefix + route : $"{_prefix}{route}?{text}");
    }

    /// <inheritdoc />
    public override string ToString() => Origin.GetLeftPart(UriPartial.Authority) + _prefix;
}
