namespace Gatehouse.Pki.Parsing;

/// <summary>One PEM block.</summary>
/// <param name="Label">What stands after BEGIN.</param>
/// <param name="Der">The decoded bytes; null when the block has no end or its Base64 is damaged.</param>
/// <param name="Headers">Header lines such as <c>Proc-Type: 4,ENCRYPTED</c>; empty for modern blocks.</param>
internal sealed record PemBlock(string Label, byte[]? Der, string Headers)
{
    /// <summary>True for every kind of private key, encrypted ones too.</summary>
    public bool IsPrivateKey => Label.Contains("PRIVATE KEY", StringComparison.OrdinalIgnoreCase);

    /// <summary>True for a plain certificate.</summary>
    public bool IsCertificate => Label is "CERTIFICATE" or "X509 CERTIFICATE";

    /// <summary>True for a key encrypted as OpenSSL did it before PKCS#8: MD5 of the password, and no way to tell a wrong one.</summary>
    public bool IsLegacyEncrypted => Headers.Contains("ENCRYPTED", StringComparison.OrdinalIgnoreCase);
}
