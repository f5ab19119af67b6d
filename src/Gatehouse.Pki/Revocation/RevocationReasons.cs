namespace Gatehouse.Pki.Revocation;

/// <summary>ReasonFlags (RFC 5280 §4.2.1.13): bit n of the string is bit n here.</summary>
[Flags]
internal enum RevocationReasons
{
    None = 0,
    KeyCompromise = 1 << 1,
    CaCompromise = 1 << 2,
    AffiliationChanged = 1 << 3,
    Superseded = 1 << 4,
    CessationOfOperation = 1 << 5,
    CertificateHold = 1 << 6,
    PrivilegeWithdrawn = 1 << 7,
    AaCompromise = 1 << 8,

    /// <summary>What a list without onlySomeReasons covers.</summary>
    All = 0x1FE,
}
