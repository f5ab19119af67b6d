using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Gatehouse.Cli.SelfTest.Wire;

/// <summary>
/// An open TLS connection, and the raw one below it. Believes every server certificate: an attacker does, and nothing secret is ever sent;
/// whether it is the right one is a check of its own.
/// </summary>
internal sealed class TlsLine : IAsyncDisposable
{
    private readonly Socket _socket;

    private TlsLine(Socket socket, Stream raw, SslStream secured) => (_socket, Raw, Secured) = (socket, raw, secured);

    /// <summary>Below TLS.</summary>
    public Stream Raw { get; }

    /// <summary>Above TLS.</summary>
    public SslStream Secured { get; }

    /// <summary>For example <c>TLS 1.3</c>.</summary>
    public string Protocol => Secured.SslProtocol switch { SslProtocols.Tls13 => "TLS 1.3", SslProtocols.Tls12 => "TLS 1.2", var other => other.ToString() };

    /// <summary>Connects and ends the handshake.</summary>
    public static async Task<TlsLine> OpenAsync(TlsCall call, CancellationToken cancellationToken)
    {
        var socket = await call.Site.ConnectAsync(cancellationToken);
        var raw = new NetworkStream(socket, ownsSocket: true);
        var secured = new SslStream(call.Below?.Invoke(raw) ?? raw, leaveInnerStreamOpen: false);
        try
        {
            await secured.AuthenticateAsClientAsync(Options(call), cancellationToken);
            return new TlsLine(socket, raw, secured);
        }
        catch
        {
            await secured.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Without a goodbye: the other side may be gone, or asleep.
        _socket.Dispose();
        await Secured.DisposeAsync();
    }

    private static SslClientAuthenticationOptions Options(TlsCall call) => new()
    {
        TargetHost = call.ServerName ?? "",
        EnabledSslProtocols = call.Protocols,
        ApplicationProtocols = [call.Http2 ? SslApplicationProtocol.Http2 : SslApplicationProtocol.Http11],
        ClientCertificateContext = call.OnCertificateRequest is null ? call.Certificate : null,
        LocalCertificateSelectionCallback = call.OnCertificateRequest is not { } asked ? null : (_, _, _, server, issuers) =>
        {
            // The first call is a guess before the handshake; the server's request brings its certificate.
            if (server is not null)
                asked(issuers);
            return null!;
        },
        AllowTlsResume = false,
        CertificateChainPolicy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true },
#pragma warning disable CA5359 // See the type's summary.
        RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
#pragma warning restore CA5359
        {
            if (certificate is X509Certificate2 leaf)
                call.OnServerCertificate?.Invoke(leaf, chain);
            return true;
        },
    };
}
