namespace Gatehouse.Pki.Parsing;

/// <summary>Families of signature algorithms.</summary>
internal enum SignatureKind
{
    Unsupported = 0,
    RsaPkcs1,
    RsaPss,
    Ecdsa,
}
