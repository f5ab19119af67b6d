namespace Gatehouse.Contracts;

/// <summary>An account's mTLS endpoint as the gateway needs it: one row of the truth, at one generation.</summary>
/// <param name="AccountId">The owner.</param>
/// <param name="Generation">Raised over all endpoints by every change of trust; a higher one wins.</param>
/// <param name="Fqdn">Dedicated name, lower case; null when the account has no endpoint (any more).</param>
/// <param name="VanityHost">The account's own host name, lower case, or null.</param>
/// <param name="Mode">LOOSE or STRICT; null is judged as STRICT.</param>
/// <param name="CaCertificates">All that is trusted for this endpoint: CA certificates as DER, one behind the other. Empty: the bundle cannot be used, and nobody with a certificate gets in.</param>
/// <param name="Revocation">CRLs and deny list; null: none.</param>
public sealed record EndpointTrust(
    string AccountId, long Generation, string? Fqdn, string? VanityHost, MtlsMode? Mode, ReadOnlyMemory<byte> CaCertificates,
    EndpointRevocation? Revocation = null)
{
    /// <summary>True when the endpoint was deleted: its names stop at once.</summary>
    public bool IsDeleted => Fqdn is null;
}
