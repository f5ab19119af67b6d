using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Gatehouse.Cli.Doctor.Wire;

/// <summary>
/// A TLS connection that looks at everything and believes nothing: the server's certificate is kept and judged afterwards, so that a bad one can be
/// described. Nothing secret is sent on a line whose server was not judged good.
/// </summary>
internal sealed class TlsLook : IAsyncDisposable
{
    private TlsLook(SslStream stream) => Stream = stream;

    public SslStream Stream { get; }

    public X509Certificate2? Server { get; private set; }

    /// <summary>What else the server sent.</summary>
    public X509Certificate2Collection Sent { get; } = [];

    /// <summary>The server asked for a client certificate. Known only when none was shown.</summary>
    public bool Requested { get; private set; }

    public string Protocol => Stream.SslProtocol switch { SslProtocols.Tls13 => "TLS 1.3", SslProtocols.Tls12 => "TLS 1.2", var other => other.ToString() };

    /// <summary>Ends the handshake, with a certificate or without.</summary>
    public static async Task<TlsLook> OpenAsync(Stream raw, string host, SslStreamCertificateContext? certificate, CancellationToken cancellationToken)
    {
        var look = new TlsLook(new SslStream(raw, leaveInnerStreamOpen: false));
        try
        {
            await look.Stream.AuthenticateAsClientAsync(look.Options(host, certificate), cancellationToken);
            return look;
        }
        catch
        {
            await look.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => Stream.DisposeAsync();

    private SslClientAuthenticationOptions Options(string host, SslStreamCertificateContext? certificate) => new()
    {
        TargetHost = host,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ApplicationProtocols = [SslApplicationProtocol.Http11],
        ClientCertificateContext = certificate,
        LocalCertificateSelectionCallback = certificate is not null ? null : (_, _, _, server, _) =>
        {
            // The first call is a guess before the handshake; the server's request brings its certificate.
            Requested |= server is not null;
            return null!;
        },
        AllowTlsResume = false,
        CertificateChainPolicy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true },
#pragma warning disable CA5359 // See the type's summary.
        RemoteCertificateValidationCallback = (_, shown, chain, _) =>
#pragma warning restore CA5359
        {
            // Copies: the platform frees its own after the handshake.
            if (shown is not null)
                Server = X509CertificateLoader.LoadCertificate(shown.GetRawCertData());
            foreach (var one in chain?.ChainPolicy.ExtraStore ?? [])
                Sent.Add(X509CertificateLoader.LoadCertificate(one.RawData));
            return true;
        },
    };
}
