namespace Gatehouse.Pki.Parsing;

/// <summary>Families of public keys.</summary>
internal enum KeyAlgorithm
{
    Unsupported = 0,
    Rsa,

    /// <summary>An RSA key that may be used with PSS only.</summary>
    RsaPss,
    Ec,
}
