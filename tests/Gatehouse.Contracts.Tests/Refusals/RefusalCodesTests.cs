using Gatehouse.Contracts.Protocol;

namespace Gatehouse.Contracts.Tests.Refusals;

public sealed class RefusalCodesTests
{
    /// <summary>The closed list, as scripts and dashboards rely on it.</summary>
    private static readonly string[] s_public =
    [
        "client_certificate_required", "certificate_unknown_ca", "certificate_expired", "certificate_not_yet_valid", "certificate_purpose",
        "certificate_revoked", "certificate_denied", "certificate_chain_incomplete", "certificate_issuer_not_ca", "certificate_weak",
        "certificate_too_large", "certificate_malformed", "trust_unusable", "crl_stale", "sni_missing", "sni_unknown", "host_mismatch",
        "account_mismatch", "mtls_required", "endpoint_disabled", "rate_limited",
    ];

    [Fact]
    public void The_list_is_the_public_one() => Assert.Equal(s_public.Order(), Enum.GetValues<RefusalCode>().Select(code => code.Name()).Order());

    [Fact]
    public void Names_go_both_ways()
    {
        foreach (var code in Enum.GetValues<RefusalCode>())
        {
            Assert.True(RefusalCodes.TryParse(code.Name(), out var parsed));
            Assert.Equal(code, parsed);
        }
        Assert.False(RefusalCodes.TryParse("CERTIFICATE_EXPIRED", out _));
        Assert.False(RefusalCodes.TryParse(null, out _));
    }

    [Fact]
    public void A_refusals_body_never_carries_a_token_codes_name()
    {
        foreach (var code in Enum.GetValues<RefusalCode>())
        {
            var body = RefusalBody.Of(new Refusal(code, "What.", "How."));
            Assert.Equal((code.Name(), ProtocolErrorCode.InvalidAgentMtlsAuthority), (body.Code, Assert.Single(body.ResponseMessages).Code));
            var text = System.Text.Json.JsonSerializer.Serialize(body, ContractsJson.Default.RefusalBody);
            foreach (var fatal in (string[])[ProtocolErrorCode.InvalidToken, ProtocolErrorCode.ExpiredToken, ProtocolErrorCode.RevokedToken])
                Assert.DoesNotContain(fatal, text, StringComparison.Ordinal);
        }
    }
}
