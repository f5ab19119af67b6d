namespace Gatehouse.Pki.Verification;

/// <summary>Why one path is no good.</summary>
internal sealed record Failure(CertificateFault Fault, string Message, string NextStep)
{
    /// <summary>
    /// How near the path came to acceptance: of several failed paths the nearest is the one worth mending, and the one we tell.
    /// The right issuer but expired says more than "unknown".
    /// </summary>
    public int Nearness => Fault switch
    {
        CertificateFault.Denied => 12, // Whoever denied it wants to read that, and nothing else.
        CertificateFault.Revoked => 11,
        CertificateFault.CrlStale => 10,
        CertificateFault.Expired or CertificateFault.NotYetValid => 9,
        CertificateFault.Purpose => 8,
        CertificateFault.Weak => 7,
        CertificateFault.Malformed => 6,
        CertificateFault.TooLarge => 5,
        CertificateFault.IssuerNotCa => 4,
        CertificateFault.ChainIncomplete => 3,
        _ => 1,
    };

    /// <summary>The nearer of two; the first one when they are equally near.</summary>
    public static Failure Nearer(Failure? first, Failure second) => first is null || second.Nearness > first.Nearness ? second : first;
}
