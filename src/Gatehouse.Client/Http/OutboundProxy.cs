using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Gatehouse.Client;

/// <summary>One proxy for everything but the hosts it is told to leave alone. Loopback is never proxied.</summary>
public sealed class OutboundProxy : IWebProxy
{
    private readonly Uri _proxy;
    private readonly ProxyBypass _bypass;

    /// <summary>Makes one.</summary>
    /// <param name="proxy">Address of the proxy; user and password in it are taken as its credentials.</param>
    /// <param name="bypass">Whom to reach directly.</param>
    public OutboundProxy(Uri proxy, ProxyBypass bypass)
    {
        _bypass = bypass;
        Origin = proxy.AbsoluteUri;
        _proxy = new Uri(proxy.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped));
        if (proxy.UserInfo.Length > 0)
        {
            var parts = proxy.UserInfo.Split(':', 2);
            Credentials = new NetworkCredential(Uri.UnescapeDataString(parts[0]), parts.Length == 2 ? Uri.UnescapeDataString(parts[1]) : "");
        }
    }

    /// <summary>An address of its parts.</summary>
    /// <param name="scheme"><c>http</c> or <c>https</c>.</param>
    /// <param name="host">A host name or address.</param>
    /// <param name="port">1 to 65535.</param>
    /// <param name="user">As it is, unescaped; null for none.</param>
    /// <param name="password">As it is, unescaped; counts with a user only.</param>
    public static Uri AddressOf(string scheme, string host, int port, string? user, string? password)
    {
        var address = new UriBuilder(scheme, host, port);
        if (user is not null)
        {
            address.UserName = Uri.EscapeDataString(user);
            address.Password = Uri.EscapeDataString(password ?? "");
        }

        return address.Uri;
    }

    /// <summary>Reads an address as <c>HTTPS_PROXY</c> has it: <c>http://user:password@proxy.example:3128</c>; without a scheme it is http.</summary>
    public static bool TryParseAddress(string text, [NotNullWhen(true)] out Uri? address)
    {
        var withScheme = text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text;
        return Uri.TryCreate(withScheme, UriKind.Absolute, out address) && address is { Scheme: "http" or "https", Host.Length: > 0 };
    }

    /// <inheritdoc />
    public ICredentials? Credentials { get; set; }

    /// <summary>The proxy with its credentials, to hand on to a process of one's own. Secret.</summary>
    public string Origin { get; }

    /// <summary>Whom to reach directly, as a list.</summary>
    public string Bypass => _bypass.ToString();

    /// <summary>The proxy without its credentials.</summary>
    public string Address => _proxy.GetLeftPart(UriPartial.Authority);

    /// <inheritdoc />
    public Uri? GetProxy(Uri destination) => IsBypassed(destination) ? null : _proxy;

    /// <inheritdoc />
    public bool IsBypassed(Uri host) => _bypass.Matches(host);
}
