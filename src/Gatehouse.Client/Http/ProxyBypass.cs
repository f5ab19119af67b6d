using System.Net;

namespace Gatehouse.Client;

/// <summary>A NO_PROXY list as curl reads it: names with all names below them, addresses, networks (<c>10.0.0.0/8</c>), <c>*</c>; an optional port; separated by commas or blanks.</summary>
public sealed class ProxyBypass
{
    private readonly string[] _entries;

    /// <summary>Reads a list; null or empty bypasses loopback only.</summary>
    public ProxyBypass(string? list) =>
        _entries = (list ?? "").Split([',', ' ', ';', '|'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>True when the address is to be reached directly.</summary>
    public bool Matches(Uri destination)
    {
        var host = destination.IdnHost.Trim('[', ']').TrimEnd('.');
        if (Dialer.IsLoopbackName(host) || (IPAddress.TryParse(host, out var own) && IPAddress.IsLoopback(own)))
            return true;
        return _entries.Any(entry => Matches(entry, host, destination.Port));
    }

    /// <inheritdoc />
    public override string ToString() => string.Join(',', _entries);

    private static bool Matches(string entry, string host, int port)
    {
        if (entry == "*")
            return true;
        if (IPNetwork.TryParse(entry, out var network))
            return IPAddress.TryParse(host, out var address) && network.Contains(address);
        if (IPAddress.TryParse(entry.Trim('[', ']'), out var exact))
            return IPAddress.TryParse(host, out var address) && exact.Equals(address);
        var colon = entry.LastIndexOf(':');
        if (colon > 0 && int.TryParse(entry.AsSpan(colon + 1), out var onlyPort))
        {
            if (onlyPort != port)
                return false;
            entry = entry[..colon];
        }

        entry = entry.TrimStart('*').Trim('.');
        return entry.Length > 0 && host.EndsWith(entry, StringComparison.OrdinalIgnoreCase)
            && (host.Length == entry.Length || host[^(entry.Length + 1)] == '.');
    }
}
