using System.Collections.Frozen;

namespace Gatehouse.Contracts;

/// <summary>The stable wire names of <see cref="RefusalCode"/>, as scripts and dashboards see them.</summary>
public static class RefusalCodes
{
    private static readonly FrozenDictionary<RefusalCode, string> s_names = new Dictionary<RefusalCode, string>
    {
        [RefusalCode.ClientCertificateRequired] = "client_certificate_required",
        [RefusalCode.CertificateUnknownCa] = "certificate_unknown_ca",
        [RefusalCode.CertificateExpired] = "certificate_expired",
        [RefusalCode.CertificateNotYetValid] = "certificate_not_yet_valid",
        [RefusalCode.CertificatePurpose] = "certificate_purpose",
        [RefusalCode.CertificateRevoked] = "certificate_revoked",
        [RefusalCode.CertificateDenied] = "certificate_denied",
        [RefusalCode.CertificateChainIncomplete] = "certificate_chain_incomplete",
        [RefusalCode.CertificateIssuerNotCa] = "certificate_issuer_not_ca",
        [RefusalCode.CertificateWeak] = "certificate_weak",
        [RefusalCode.CertificateTooLarge] = "certificate_too_large",
        [RefusalCode.CertificateMalformed] = "certificate_malformed",
        [RefusalCode.TrustUnusable] = "trust_unusable",
        [RefusalCode.CrlStale] = "crl_stale",
        [RefusalCode.SniMissing] = "sni_missing",
        [RefusalCode.SniUnknown] = "sni_unknown",
        [RefusalCode.HostMismatch] = "host_mismatch",
        [RefusalCode.AccountMismatch] = "account_mismatch",
        [RefusalCode.MtlsRequired] = "mtls_required",
        [RefusalCode.EndpointDisabled] = "endpoint_disabled",
        [RefusalCode.RateLimited] = "rate_limited",
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, RefusalCode> s_codes =
        s_names.ToFrozenDictionary(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal);

    /// <summary>The wire name, for example <c>certificate_expired</c>.</summary>
    public static string Name(this RefusalCode code) => s_names[code];

    /// <summary>The code of a wire name; false when it is none of ours.</summary>
    public static bool TryParse(string? name, out RefusalCode code)
    {
        code = default;
        return name is not null && s_codes.TryGetValue(name, out code);
    }
}
