namespace Gatehouse.Benchmarks.Tls;

/// <summary>How a client shakes hands: TLS version and what it proves itself with. One SSL_CTX; safe to use from several threads.</summary>
internal sealed class TlsProfile : IDisposable
{
    private IntPtr _context;

    /// <param name="version">The only version offered, <see cref="Libssl.Tls12"/> or <see cref="Libssl.Tls13"/>.</param>
    /// <param name="certificatePath">PEM, leaf first; null for a client without a certificate.</param>
    /// <param name="keyPath">PEM of its key.</param>
    public TlsProfile(int version, string? certificatePath, string? keyPath)
    {
        Version = version;
        _context = Libssl.SSL_CTX_new(Libssl.TLS_client_method());
        Libssl.SSL_CTX_ctrl(_context, Libssl.SetMinVersion, version, 0);
        Libssl.SSL_CTX_ctrl(_context, Libssl.SetMaxVersion, version, 0);
        // No cache: sessions are taken and offered by hand. The server is known by its certificate's bytes, so nothing else is verified.
        Libssl.SSL_CTX_ctrl(_context, Libssl.SetSessionCacheMode, 0, 0);
        if (certificatePath is not null
            && (Libssl.SSL_CTX_use_certificate_chain_file(_context, certificatePath) != 1 || Libssl.SSL_CTX_use_PrivateKey_file(_context, keyPath!, Libssl.FileTypePem) != 1))
            throw new InvalidDataException($"libssl does not take {certificatePath} with {keyPath}.");
    }

    public int Version { get; }

    /// <summary>A new SSL object; connections keep the context alive by their own count.</summary>
    internal IntPtr NewSsl() => Libssl.SSL_new(_context);

    public void Dispose()
    {
        if (_context != 0)
            Libssl.SSL_CTX_free(_context);
        _context = 0;
    }
}
