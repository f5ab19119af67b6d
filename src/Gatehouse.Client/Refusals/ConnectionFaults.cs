using System.Net.Sockets;
using System.Security.Authentication;

namespace Gatehouse.Client;

/// <summary>Turns what the platform throws when no answer comes into words for the person who has to mend it.</summary>
public static class ConnectionFaults
{
    /// <summary>Explains a failed exchange.</summary>
    /// <param name="cause">What was thrown: <see cref="HttpRequestException"/>, <see cref="IOException"/>, <see cref="SocketException"/>, <see cref="OperationCanceledException"/> of a limit.</param>
    /// <param name="address">Where the request went; only scheme, host and port are shown.</param>
    /// <param name="identity">The client certificate that was shown, if any.</param>
    public static ConnectionFailedException Explain(Exception cause, Uri address, LoadedIdentity? identity)
    {
        var at = address.GetLeftPart(UriPartial.Authority);
        for (Exception? inner = cause; inner is not null; inner = inner.InnerException)
        {
            if (inner is ServerCertificateException certificate)
                return new(ConnectionFaultKind.ServerNotTrusted, certificate.Message, certificate.NextStep, cause);
            if (inner is SocketException socket)
                return OfSocket(socket, at, address.Host, identity, cause);
        }

        if (cause is OperationCanceledException or TimeoutException || cause.InnerException is TimeoutException)
            return new(ConnectionFaultKind.TimedOut, $"{at} did not answer in time.", "Check the network between here and there, firewalls and proxies included.", cause);
        if (cause is HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError })
            return new(ConnectionFaultKind.Proxy, $"The proxy did not open a tunnel to {at}.", "Check HTTPS_PROXY or PROXY_HOST, the proxy's user and password, and what it lets through.", cause);
        if (cause is HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError })
            return NameNotFound(at, address.Host, cause);
        if (IsClosedEarly(cause))
            return Closed(at, identity, cause);
        if (cause is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } or AuthenticationException)
            return OfTls(at, identity, cause);
        return new(ConnectionFaultKind.Interrupted, $"The exchange with {at} broke off ({PeerText.Clean(cause.Message, 200)}).", "It is tried again; look at the server's log when it goes on.", cause);
    }

    private static ConnectionFailedException OfSocket(SocketException socket, string at, string host, LoadedIdentity? identity, Exception cause) => socket.SocketErrorCode switch
    {
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => NameNotFound(at, host, cause),
        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown => Closed(at, identity, cause),
        SocketError.TimedOut => new(ConnectionFaultKind.TimedOut, $"{at} did not answer in time.", "Check the network between here and there, firewalls and proxies included.", cause),
        SocketError.ConnectionRefused => new(ConnectionFaultKind.NotReachable, $"Nothing listens at {at}.", "Check host and port, and that the server runs.", cause),
        _ => new(ConnectionFaultKind.NotReachable, $"{at} cannot be reached ({socket.SocketErrorCode}).", "Check the network between here and there.", cause),
    };

    private static ConnectionFailedException NameNotFound(string at, string host, Exception cause) =>
        new(ConnectionFaultKind.NameNotFound, $"The name {host} of {at} has no address here.", "Check the name and this machine's DNS.", cause);

    private static ConnectionFailedException Closed(string at, LoadedIdentity? identity, Exception cause)
    {
        // TLS 1.3: the client's handshake ends well before the server has looked at its certificate (sheet §1.6), so a refusal shows as a broken first read.
        var isTls = at.StartsWith("https:", StringComparison.OrdinalIgnoreCase);
        var why = (isTls, identity) switch
        {
            (true, { } shown) => " With mTLS that usually means the gateway refused the client certificate (" + shown.Describe() + ").",
            (true, null) => " With TLS that can mean the gateway wants a client certificate, and none is configured.",
            _ => "",
        };
        return new(ConnectionFaultKind.ClosedBeforeAnswer, $"{at} closed the connection before an answer.{why}",
            isTls ? "If it stays so, compare the certificate with the CA bundle of the account's mTLS endpoint; the gateway's operator sees the reason in `gatehouse refusals`." : "It is tried again.", cause);
    }

    private static ConnectionFailedException OfTls(string at, LoadedIdentity? identity, Exception cause)
    {
        var reason = PeerText.Clean((cause.InnerException?.InnerException ?? cause.InnerException ?? cause).Message, 200);
        var shown = identity is null ? "No client certificate is configured." : $"The client certificate is {identity.Describe()}.";
        return new(ConnectionFaultKind.Tls, $"The TLS handshake with {at} failed ({reason}). {shown}", "TLS 1.2 or 1.3 is needed at both ends; a proxy that opens TLS cannot be in between.", cause);
    }

    private static bool IsClosedEarly(Exception cause)
    {
        if (cause is HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded })
            return true;
        for (Exception? inner = cause; inner is not null; inner = inner.InnerException)
        {
            if (inner is EndOfStreamException or HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded })
                return true;

            // SslStream's own words for an end of stream during the handshake, and for the alert of a refused certificate; it has no type for them.
            if (inner is IOException or AuthenticationException
                && (inner.Message.Contains("unexpected EOF", StringComparison.Ordinal) || inner.Message.Contains("alert", StringComparison.OrdinalIgnoreCase)))
                return true;
        }

        return false;
    }
}
