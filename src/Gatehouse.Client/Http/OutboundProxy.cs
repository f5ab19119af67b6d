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
