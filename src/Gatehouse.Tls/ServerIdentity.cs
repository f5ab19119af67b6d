using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gatehouse.Tls;

/// <summary>A server certificate with its key and chain, parsed once and shared by every connection. Immutable: a new certificate is a new object.</summary>
/// <remarks>Never disposed: handshakes in flight still use the old one after a swap; the finalizer of its handles frees it.</remarks>
public sealed class ServerIdentity
{
    private readonly Lazy<SslStreamCertificateContext> _context;

    private ServerIdentity(X509Certificate2 leaf, X509Certificate2Collection chain)
    {
        Leaf = leaf;
        Chain = chain;
        // offline: no look-up of missing intermediates and no OCSP stapling by ourselves: no network, ever.
        _context = new(() => SslStreamCertificateContext.Create(leaf, chain, offline: true));
    }

    /// <summary>The certificate that names the server.</summary>
    public X509Certificate2 Leaf { get; }

    /// <summary>Its intermediates.</summary>
    internal X509Certificate2Collection Chain { get; }

    /// <summary>The portable engine's form of it. Made when it is asked first: it reads the machine's root certificates, which nobody else needs.</summary>
    internal SslStreamCertificateContext Context => _context.Value;

    /// <summary>Reads a PEM certificate (leaf first, then its intermediates) and its unencrypted PEM key.</summary>
    /// <exception cref="CryptographicException">Either cannot be read, or the key is not the leaf's.</exception>
    public static ServerIdentity FromPem(string certificatePem, string keyPem)
    {
        var leaf = X509Certificate2.CreateFromPem(certificatePem, keyPem);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(certificatePem);
        chain.RemoveAt(0);
        return new ServerIdentity(leaf, chain);
    }
}
