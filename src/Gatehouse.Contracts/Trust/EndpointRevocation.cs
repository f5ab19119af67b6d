namespace Gatehouse.Contracts;

/// <summary>What an account has revoked, as the gateway needs it. What of it cannot be read shuts the endpoint for certificates; it never opens it.</summary>
/// <param name="Crls">The account's CRLs as DER, at most <see cref="Limits.MaxCrls"/>. Unchanged lists keep their memory from one change to the next.</param>
/// <param name="CrlPolicy">For lists past their nextUpdate.</param>
/// <param name="CrlGrace">For <see cref="StaleCrlPolicy.Grace"/>: time after nextUpdate.</param>
/// <param name="Denied">The deny list, at most <see cref="Limits.MaxDenied"/>.</param>
public sealed record EndpointRevocation(
    IReadOnlyList<ReadOnlyMemory<byte>> Crls, StaleCrlPolicy CrlPolicy, TimeSpan CrlGrace, IReadOnlyList<DeniedCertificate> Denied);

/// <summary>One entry of a deny list, normalized when it was made.</summary>
/// <param name="Kind">What <paramref name="Value"/> is.</param>
/// <param name="Value">Upper-case hex.</param>
/// <param name="Issuer">With <see cref="DenyBy.Serial"/>: <c>#</c> and the hex of the issuer's DER name. Null otherwise.</param>
public sealed record DeniedCertificate(DenyBy Kind, string Value, string? Issuer);
