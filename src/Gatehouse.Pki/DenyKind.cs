namespace Gatehouse.Pki;

/// <summary>By what a deny-list entry recognises a certificate.</summary>
public enum DenyKind
{
    /// <summary>Serial number and issuer: this certificate, and any other the CA wrongly gave the same number.</summary>
    SerialAndIssuer,

    /// <summary>SHA-256 of the DER: exactly this certificate.</summary>
    CertificateSha256,

    /// <summary>SHA-256 of the SubjectPublicKeyInfo: every certificate of this key, renewed ones included.</summary>
    PublicKeySha256,
}
