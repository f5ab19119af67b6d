namespace Gatehouse.Pki;

/// <summary>Why a client certificate is refused, or cannot be judged. A closed list; each has one refusal code on the wire.</summary>
public enum CertificateFault
{
    /// <summary>No path of valid signatures leads to a trusted CA.</summary>
    UnknownCa,

    /// <summary>A certificate of the path is past its notAfter.</summary>
    Expired,

    /// <summary>A certificate of the path is before its notBefore, or a clock is wrong.</summary>
    NotYetValid,

    /// <summary>Extended key usage, key usage or the kind of certificate forbids its use by a TLS client.</summary>
    Purpose,

    /// <summary>On a CRL of the account.</summary>
    Revoked,

    /// <summary>On the deny list of the account.</summary>
    Denied,

    /// <summary>The issuer is an intermediate that was not sent.</summary>
    ChainIncomplete,

    /// <summary>Signed by something that is no CA, or that may not sign at this depth.</summary>
    IssuerNotCa,

    /// <summary>A key or a signature of the path is too weak.</summary>
    Weak,

    /// <summary>Too many, too large, or too costly to check.</summary>
    TooLarge,

    /// <summary>Cannot be read, or demands something that is not supported.</summary>
    Malformed,

    /// <summary>The account's CA bundle cannot be used.</summary>
    TrustUnusable,

    /// <summary>The account's CRL is past its nextUpdate and the policy says to refuse.</summary>
    CrlStale,
}
