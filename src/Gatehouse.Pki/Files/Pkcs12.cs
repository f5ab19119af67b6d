using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki.Files;

/// <summary>Opens and writes PKCS#12 (.p12, .pfx). Keys stay in memory.</summary>
internal static class Pkcs12
{
    /// <summary>Its certificates and keys as PEM blocks; the password is asked for only when it needs one.</summary>
    /// <exception cref="PkiFileException">Wrong password, or damaged.</exception>
    public static List<PemBlock> Open(byte[] der, Func<string?>? password)
    {
        // Ephemeral: the key is never written to the platform's key store.
        const X509KeyStorageFlags Flags = X509KeyStorageFlags.Exportable | X509KeyStorageFlags.EphemeralKeySet;
        try
        {
            return Blocks(X509CertificateLoader.LoadPkcs12Collection(der, "", Flags));
        }
        catch (CryptographicException)
        {
            // It has a password, or is damaged; both are told apart below.
        }

        string word = password?.Invoke() ?? throw new PkiFileException("is PKCS#12 with a password, and no password was given.");
        try
        {
            return Blocks(X509CertificateLoader.LoadPkcs12Collection(der, word, Flags));
        }
        catch (Exception e) when (e is CryptographicException or PlatformNotSupportedException)
        {
            throw new PkiFileException(
                "is PKCS#12, and the password does not open it; or it is damaged, or encrypted in an old way (RC2, as OpenSSL 1 and old Java did it). "
                + "If the password is right, convert it with \"openssl pkcs12 -legacy -in FILE -nodes -out all.pem\".", e);
        }
    }

    /// <summary>Writes key, certificate and chain, encrypted with AES-256.</summary>
    public static byte[] Write(ReadOnlyMemory<byte> leaf, IEnumerable<ReadOnlyMemory<byte>> chain, AsymmetricAlgorithm key, string password)
    {
        using X509Certificate2 bare = X509CertificateLoader.LoadCertificate(leaf.Span);
        using X509Certificate2 joined = key is RSA rsa ? bare.CopyWithPrivateKey(rsa) : bare.CopyWithPrivateKey((ECDsa)key);
        var all = new X509Certificate2Collection(joined);
        foreach (ReadOnlyMemory<byte> certificate in chain)
            all.Add(X509CertificateLoader.LoadCertificate(certificate.Span));
        return all.ExportPkcs12(Pkcs12ExportPbeParameters.Pbes2Aes256Sha256, password);
    }

    private static List<PemBlock> Blocks(X509Certificate2Collection all)
    {
        var blocks = new List<PemBlock>();
        // The leaf first, as PEM files have it: the loader returns what the file's bags say.
        foreach (X509Certificate2 certificate in all.OrderByDescending(one => one.HasPrivateKey))
        {
            using (certificate)
            {
                blocks.Add(new PemBlock("CERTIFICATE", certificate.RawData, ""));
                using AsymmetricAlgorithm? key = certificate.GetRSAPrivateKey() ?? (AsymmetricAlgorithm?)certificate.GetECDsaPrivateKey();
                if (key is not null)
                    blocks.Add(new PemBlock("PRIVATE KEY", key.ExportPkcs8PrivateKey(), ""));
            }
        }

        return blocks;
    }
}
