using System.Globalization;
using System.Security.Cryptography;
using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki.Keys;

/// <summary>Names a key for people by what is public of it.</summary>
internal static class KeyText
{
    /// <summary>For example <c>RSA 2048, public key SHA-256 3F2A…</c>: enough to see which of two keys it is.</summary>
    public static string Describe(AsymmetricAlgorithm key)
    {
        string kind = key is RSA ? "RSA " : "EC ";
        return kind + key.KeySize.ToString(CultureInfo.InvariantCulture) + ", " + Fingerprint(key.ExportSubjectPublicKeyInfo());
    }

    /// <summary>The public key by its fingerprint, shortened.</summary>
    public static string Fingerprint(ReadOnlySpan<byte> subjectPublicKeyInfo) =>
        "public key SHA-256 " + Convert.ToHexString(SHA256.HashData(subjectPublicKeyInfo))[..16] + "…";

    /// <summary>The format of a key's PEM block, for people.</summary>
    public static string Format(PemBlock block) => block.Label switch
    {
        "PRIVATE KEY" => "PKCS#8",
        "ENCRYPTED PRIVATE KEY" => "PKCS#8, encrypted",
        "RSA PRIVATE KEY" => "PKCS#1",
        "EC PRIVATE KEY" => "SEC 1",
        "OPENSSH PRIVATE KEY" => "OpenSSH",
        var other => PeerText.Safe(other, 40),
    } + (block.IsLegacyEncrypted ? ", encrypted in OpenSSL's old format" : "");
}
