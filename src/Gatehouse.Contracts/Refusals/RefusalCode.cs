namespace Gatehouse.Contracts;

/// <summary>Why a client was turned away. A closed list; the wire names are in <see cref="RefusalCodes"/>.</summary>
public enum RefusalCode
{
    /// <summary>The endpoint is STRICT and the client showed no certificate.</summary>
    ClientCertificateRequired,

    /// <summary>The certificate was not issued by a CA of the account.</summary>
    CertificateUnknownCa,

    /// <summary>A certificate of the chain is past its notAfter.</summary>
    CertificateExpired,

    /// <summary>A certificate of the chain is before its notBefore (or a clock is wrong).</summary>
    CertificateNotYetValid,

    /// <summary>The extended key usage is present and lacks clientAuth, or the key usage forbids signing.</summary>
    CertificatePurpose,

    /// <summary>The certificate is on the account's CRL.</summary>
    CertificateRevoked,

    /// <summary>The certificate is on the account's deny list.</summary>
    CertificateDenied,

    /// <summary>The issuing intermediate was not sent.</summary>
    CertificateChainIncomplete,

    /// <summary>The certificate was issued by something that is not a CA.</summary>
    CertificateIssuerNotCa,

    /// <summary>A key or signature of the chain is too weak.</summary>
    CertificateWeak,

    /// <summary>The chain has too many or too large certificates.</summary>
    CertificateTooLarge,

    /// <summary>The certificate cannot be read, or demands something that is not supported.</summary>
    CertificateMalformed,

    /// <summary>The account's CA bundle cannot be used; nobody gets in until it is replaced.</summary>
    TrustUnusable,

    /// <summary>The account's CRL is past its nextUpdate and its policy says to refuse.</summary>
    CrlStale,

    /// <summary>The ClientHello names no server.</summary>
    SniMissing,

    /// <summary>The ClientHello names a server that is not served here.</summary>
    SniUnknown,

    /// <summary>Host or :authority names another server than the ClientHello did.</summary>
    HostMismatch,

    /// <summary>The request names another account than the endpoint's.</summary>
    AccountMismatch,

    /// <summary>The account is STRICT and this way in carries no client certificate.</summary>
    MtlsRequired,

    /// <summary>The endpoint was deleted or renamed.</summary>
    EndpointDisabled,

    /// <summary>Too many attempts.</summary>
    RateLimited,
}
