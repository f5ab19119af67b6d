using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Gatehouse.Cli.SelfTest.Wire;

/// <summary>How to make one TLS connection.</summary>
internal sealed record TlsCall
{
    /// <summary>Where to.</summary>
    public required Site Site { get; init; }

    /// <summary>Server name; null sends none.</summary>
    public required string? ServerName { get; init; }

    /// <summary>Certificate to show; null shows none.</summary>
    public SslStreamCertificateContext? Certificate { get; init; }

    /// <summary>Protocol versions to offer.</summary>
    public SslProtocols Protocols { get; init; } = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>Ask for HTTP/2; otherwise HTTP/1.1.</summary>
    public bool Http2 { get; init; }

    /// <summary>Puts a stream of our own below TLS, for example one that cuts the ClientHello.</summary>
    public Func<Stream, Stream>? Below { get; init; }

    /// <summary>Called with what the server sent as acceptable issuers, when it asked for a certificate.</summary>
    public Action<string[]>? OnCertificateRequest { get; init; }

    /// <summary>Called with the server's certificate and the chain it came with.</summary>
    public Action<X509Certificate2, X509Chain?>? OnServerCertificate { get; init; }
}
