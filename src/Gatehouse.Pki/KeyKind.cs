namespace Gatehouse.Pki;

/// <summary>The key pairs we make.</summary>
public enum KeyKind
{
    /// <summary><c>rsa:2048</c>, as the documented recipe.</summary>
    Rsa2048,

    /// <summary><c>rsa:3072</c>.</summary>
    Rsa3072,

    /// <summary><c>rsa:4096</c>.</summary>
    Rsa4096,

    /// <summary><c>ec:p256</c>.</summary>
    EcP256,

    /// <summary><c>ec:p384</c>.</summary>
    EcP384,
}
