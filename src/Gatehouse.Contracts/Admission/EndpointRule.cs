namespace Gatehouse.Contracts;

/// <summary>What <see cref="Admission"/> needs to know of an account's mTLS endpoint.</summary>
/// <param name="AccountId">The account that owns the endpoint.</param>
/// <param name="Fqdn">Lower-case FQDN: what the authority header must equal, byte for byte.</param>
/// <param name="Mode">The mode; null (a damaged record) is judged as <see cref="MtlsMode.STRICT"/>.</param>
public sealed record EndpointRule(string AccountId, string Fqdn, MtlsMode? Mode);
