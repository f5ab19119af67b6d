using System.Formats.Asn1;
using System.Security.Cryptography;
using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki.Keys;

/// <summary>Reads the private keys people have: PKCS#8, plain or encrypted, PKCS#1 and SEC 1. Decoded bytes are wiped after use.</summary>
internal static class PrivateKeyReader
{
    /// <summary>Reads the one private key of a PEM text.</summary>
    /// <exception cref="PrivateKeyException">None, several, encrypted without a password, damaged, or of another kind than RSA and EC.</exception>
    public static AsymmetricAlgorithm Read(string? pem, string? password)
    {
        List<PemBlock> blocks = [.. PemText.Read(pem ?? "", max: 64).Where(block => block.IsPrivateKey)];
        try
        {
            return blocks.Count switch
            {
                0 => throw new PrivateKeyException("contains no private key. It must be PEM (-----BEGIN PRIVATE KEY-----)."),
                1 => ReadBlock(blocks[0], () => password),
                _ => throw new PrivateKeyException($"contains {blocks.Count} private keys. Leave the one that belongs to the certificate."),
            };
        }
        finally
        {
            foreach (PemBlock block in blocks)
                CryptographicOperations.ZeroMemory(block.Der);
        }
    }

    /// <summary>Reads the private key of one PEM block; the password is asked for only when it is encrypted. Does not wipe the block.</summary>
    /// <exception cref="PrivateKeyException">Encrypted without a password, damaged, or of another kind than RSA and EC.</exception>
    public static AsymmetricAlgorithm ReadBlock(PemBlock block, Func<string?> password)
    {
        try
        {
            return Read(block, password);
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException or ArgumentException)
        {
            throw new PrivateKeyException("is damaged: its private key cannot be read. Copy it again, or make a new key and certificate.", e);
        }
    }

    private static AsymmetricAlgorithm Read(PemBlock block, Func<string?> password)
    {
        if (block.IsLegacyEncrypted)
            throw new PrivateKeyException("is encrypted in OpenSSL's old format (Proc-Type: 4,ENCRYPTED), which is not supported. Decrypt it with \"openssl pkey -in client.key -out plain.key\" and use that.");
        if (block.Der is not { } der)
            throw new PrivateKeyException("is damaged: its PEM block has no end, or is not Base64. Copy it again, the BEGIN and END lines included.");
        switch (block.Label)
        {
            case "PRIVATE KEY":
                return ReadPkcs8(der);
            case "RSA PRIVATE KEY":
                return Import(RSA.Create(), key => key.ImportRSAPrivateKey(der, out _));
            case "EC PRIVATE KEY":
                return Import(ECDsa.Create(), key => key.ImportECPrivateKey(der, out _));
            case "ENCRYPTED PRIVATE KEY":
                return ReadEncrypted(der, password());
            case "OPENSSH PRIVATE KEY":
                throw new PrivateKeyException("is in OpenSSH's format. Convert it with \"ssh-keygen -p -m PKCS8 -f client.key\".");
            default:
                throw new PrivateKeyException($"holds a key of a kind that is not supported ({PeerText.Safe(block.Label, 40)}). RSA and EC keys in PKCS#8, PKCS#1 or SEC 1 are.");
        }
    }

    private static AsymmetricAlgorithm ReadPkcs8(byte[] der)
    {
        AsnReader info = new AsnReader(der, AsnEncodingRules.BER).ReadSequence();
        info.ReadInteger();
        string oid = info.ReadSequence().ReadObjectIdentifier();
        return oid switch
        {
            Oids.Rsa => Import(RSA.Create(), key => key.ImportPkcs8PrivateKey(der, out _)),
            Oids.EcPublicKey => Import(ECDsa.Create(), key => key.ImportPkcs8PrivateKey(der, out _)),
            _ => throw new PrivateKeyException($"holds a key of a kind that is not supported ({Oids.AlgorithmName(oid)}). RSA and EC keys are."),
        };
    }

    // Which kind it is shows only after decrypting, so both are tried.
    private static AsymmetricAlgorithm ReadEncrypted(byte[] der, string? password)
    {
        if (password is null)
            throw new PrivateKeyException("is encrypted, and no password was given. Decrypt it with \"openssl pkey -in client.key -out plain.key\" and use that.");
        try
        {
            return Import(RSA.Create(), key => key.ImportEncryptedPkcs8PrivateKey(password, der, out _));
        }
        catch (CryptographicException)
        {
            try
            {
                return Import(ECDsa.Create(), key => key.ImportEncryptedPkcs8PrivateKey(password, der, out _));
            }
            catch (CryptographicException e)
            {
                throw new PrivateKeyException("is encrypted, and the password does not open it.", e);
            }
        }
    }

    private static TKey Import<TKey>(TKey key, Action<TKey> import)
        where TKey : AsymmetricAlgorithm
    {
        try
        {
            import(key);
            return key;
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }
}
