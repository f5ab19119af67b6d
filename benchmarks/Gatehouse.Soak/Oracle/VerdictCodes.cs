namespace Gatehouse.Soak.Oracle;

/// <summary>How verdicts look from outside.</summary>
internal static class VerdictCodes
{
    /// <summary>A name that is not served any more: no handshake; an open connection is told either.</summary>
    public static readonly string[] NoSuchEndpoint = [Alert(112), "endpoint_disabled", "host_mismatch", "sni_unknown"];

    /// <summary>The connection ended without a word: right for a client that may be refused, since a revoked connection is cut after a grace.</summary>
    public const string Cut = "cut";

    /// <summary>Answered in place of another refusal when a client was refused too often.</summary>
    public const string RateLimited = "rate_limited";

    /// <summary>The name of an alert, for example <c>alert 48</c>.</summary>
    public static string Alert(int number) => $"alert {number}";

    /// <summary>The alerts that stand for a code where refusals are alerts. TLS 1.2 has none for a missing certificate but handshake_failure (RFC 5246 §7.4.6).</summary>
    private static string[] AlertsOf(string code) => code switch
    {
        "certificate_unknown_ca" => [Alert(48)],
        "certificate_expired" => [Alert(45)],
        "certificate_revoked" or "certificate_denied" => [Alert(44)],
        "client_certificate_required" => [Alert(116), Alert(40)],
        _ => [],
    };

    /// <summary>True when <paramref name="seen"/> is one of the forms in which a refusal with one of <paramref name="expected"/> reaches a client.</summary>
    public static bool Fits(string seen, IReadOnlyList<string> expected) =>
        seen is Cut or RateLimited || expected.Any(code => code == seen || AlertsOf(code).Contains(seen));
}
