namespace Gatehouse.Contracts;

/// <summary>
/// The one predicate of admission, called by the gateway and by every service behind it, so that no way in is
/// judged by a rule of its own. The only behaviour in this assembly, and for that reason (ADR 0002).
/// </summary>
/// <remarks>Truth table: protocol sheet §3.1. It looks at no certificate: the authority stands for a verified one.</remarks>
public static class Admission
{
    /// <summary>Decides whether a request for <paramref name="accountId"/> may go on to the token check.</summary>
    /// <param name="endpoint">The account's own endpoint, or null when it has none.</param>
    /// <param name="authority">FQDN of the endpoint whose client certificate check the connection passed; null or empty when it passed none.</param>
    /// <param name="accountId">The account the request names.</param>
    /// <exception cref="ArgumentException"><paramref name="accountId"/> is empty: a programming error, not a verdict.</exception>
    public static AdmissionDecision Decide(EndpointRule? endpoint, string? authority, string accountId)
    {
        ArgumentException.ThrowIfNullOrEmpty(accountId);
        if (endpoint is not null && !string.Equals(endpoint.AccountId, accountId, StringComparison.Ordinal))
            return Refuse(RefusalCode.AccountMismatch);

        if (string.IsNullOrEmpty(authority))
            return endpoint is null || endpoint.Mode == MtlsMode.LOOSE
                ? new AdmissionDecision(AdmissionKind.AcceptPlain, null)
                : Refuse(RefusalCode.MtlsRequired);

        // An authority without an endpoint, or another than the endpoint's, can only be another account's.
        return endpoint is not null && string.Equals(endpoint.Fqdn, authority, StringComparison.Ordinal)
            ? new AdmissionDecision(AdmissionKind.AcceptMtls, null)
            : Refuse(RefusalCode.AccountMismatch);
    }

    private static AdmissionDecision Refuse(RefusalCode code) => new(AdmissionKind.Refuse, code);
}
