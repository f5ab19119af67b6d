using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Gatehouse.Cli.Doctor.Wire;
using Gatehouse.Cli.SelfTest.Wire;
using Gatehouse.Client;

namespace Gatehouse.Cli.Doctor.Steps;

/// <summary>The name, the port, and the proxy if there is one.</summary>
internal static class NetworkStep
{
    /// <summary>A connection; null, with the reason among the findings, when there is none to be had.</summary>
    public static async Task<Stream?> OpenAsync(WayOut way, Uri target, Findings findings, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var (host, port) = way.PlaceFor(target);
        var proxy = way.ProxyFor(target);
        var there = proxy is null ? $"{host}:{port}" : $"the proxy {proxy}";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            if (!IPAddress.TryParse(host, out _))
                findings.Saw("name", $"{host} is {string.Join(", ", (await Dns.GetHostAddressesAsync(host, limit.Token)).Take(4).Select(address => address.ToString()))}");
            var stream = await way.OpenAsync(target, limit.Token);
            findings.Saw("connection", proxy is null ? $"to {there}" : $"to {target.Host}:{target.Port} through {there}");
            return stream;
        }
        catch (SocketException e)
        {
            OfSocket(findings, e, host, there, proxy);
        }
        catch (ProxyException e)
        {
            OfProxy(findings, e, target, proxy!);
        }
        catch (ServerCertificateException e)
        {
            findings.Diagnose(Rank.Network, DoctorCodes.ProxyNotTrusted, $"{Capital(there)} is spoken to over TLS, and is not believed: {e.Message}", e.NextStep, $"openssl s_client -connect {host}:{port} </dev/null");
        }
        catch (Exception e) when (proxy is not null && Faults.Read(e) is { Ending: Ending.OwnFault } fault && fault.Detail.Contains("frame", StringComparison.Ordinal))
        {
            findings.Diagnose(Rank.Network, DoctorCodes.ProxyIsNone, $"{Capital(there)} does not speak TLS itself.", "Its address begins with http:// then, though what goes through it is https: HTTPS_PROXY=http://host:port, or PROXY_SCHEME=http.", "env | grep -i proxy");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            findings.Diagnose(Rank.Network, proxy is null ? DoctorCodes.ConnectionTimedOut : DoctorCodes.ProxyNotReachable, $"{there} does not answer: packets are dropped on the way.",
                proxy is null ? "A firewall is in between, or the way out is a proxy: ask the network's people to let this machine out, or set HTTPS_PROXY." : "Check HTTPS_PROXY or PROXY_HOST.", $"curl -v --connect-timeout 5 telnet://{host}:{port}");
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            findings.Diagnose(Rank.Network, proxy is null ? DoctorCodes.NotReachable : DoctorCodes.ProxyIsNone, $"{there} broke off: {Output.Safe.Line(e.Message)}", "Check the proxy's scheme, host and port.");
        }

        return null;
    }

    private static void OfSocket(Findings findings, SocketException e, string host, string there, string? proxy)
    {
        var unknown = e.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain;
        if (proxy is not null)
        {
            findings.Diagnose(Rank.Network, DoctorCodes.ProxyNotReachable, unknown ? $"The name of the proxy, {host}, has no address here." : $"{Capital(there)} does not answer ({e.SocketErrorCode}).",
                "Check HTTPS_PROXY or PROXY_HOST and PROXY_PORT; if this machine needs no proxy, unset them, or put the gateway into NO_PROXY.", "env | grep -i proxy");
        }
        else if (unknown)
        {
            findings.Diagnose(Rank.Network, DoctorCodes.NameUnknown, $"The name {host} has no address here.", "Check the spelling, and the DNS this machine (or pod) uses.", $"getent hosts {Shell.Quote(host)}");
        }
        else if (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            findings.Diagnose(Rank.Network, DoctorCodes.ConnectionRefused, $"Nothing listens at {there}.", "Check the port in the address, and that the gateway runs.", "gatehouse account list   # on the server: does it run?");
        }
        else
        {
            findings.Diagnose(Rank.Network, DoctorCodes.NotReachable, $"{there} cannot be reached ({e.SocketErrorCode}).", "Check this machine's network and routes.", "ip route");
        }
    }

    private static void OfProxy(Findings findings, ProxyException e, Uri target, string proxy)
    {
        var status = e.Answer.Status;
        if (status == 407)
        {
            findings.Diagnose(Rank.Network, DoctorCodes.ProxyPassword, $"The proxy {proxy} wants a user and password, or other ones (407).", "Set them: HTTPS_PROXY=http://user:password@host:port, or PROXY_USER and PROXY_PASSWORD.");
        }
        else if (status == 0)
        {
            findings.Diagnose(Rank.Network, DoctorCodes.ProxyIsNone, $"What answers at {proxy} is no HTTP proxy.", "Check HTTPS_PROXY or PROXY_HOST, PROXY_PORT and PROXY_SCHEME; SOCKS does not do.", "env | grep -i proxy");
        }
        else
        {
            findings.Diagnose(Rank.Network, DoctorCodes.ProxyRefuses, $"The proxy {proxy} opens no tunnel to {target.Host}:{target.Port} (it says {status}).",
                "Have the proxy let this host and port through (CONNECT), without opening TLS; or put the gateway into NO_PROXY if it can be reached directly.", $"curl -v --proxy {Shell.Quote(proxy)} {target.GetLeftPart(UriPartial.Authority)}/");
        }
    }

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
