using Gatehouse.Pki.Files;

namespace Gatehouse.Pki;

/// <summary>Would a gateway with this CA bundle let a delegate with these files in? The gateway's own verdict, before anything is installed.</summary>
/// <param name="Verdict">What the gateway would say.</param>
/// <param name="Bundle">What the server would say when the CA bundle is uploaded.</param>
/// <param name="Findings">What is wrong, or will be, with the client's files by themselves.</param>
public sealed record ClientCheck(Verdict Verdict, CaBundleReport Bundle, IReadOnlyList<LintFinding> Findings)
{
    /// <summary>True when bundle and client are good together, now.</summary>
    public bool Accepted => Verdict.Accepted && Bundle.IsUsable && !Findings.Any(finding => finding.Severity == LintSeverity.Error);

    /// <summary>Judges the files.</summary>
    /// <param name="certificates">The client certificate with its intermediates, in any order.</param>
    /// <param name="key">Its key; null when it is not at hand.</param>
    /// <param name="bundlePem">The CA bundle of the account.</param>
    /// <param name="now">The time to judge dates by.</param>
    /// <exception cref="PkiFileException">Not a certificate, or key and certificate do not match; the message is a whole sentence.</exception>
    public static ClientCheck Run(PkiFile certificates, PkiFile? key, string bundlePem, DateTimeOffset now)
    {
        ClientChain chain = ClientChain.Of(certificates, key);
        CaBundleReport bundle = CaBundle.Check(bundlePem, now);
        return new ClientCheck(Judge(chain, bundlePem, now), bundle, ClientLint.Check(certificates, key, now));
    }

    private static Verdict Judge(ClientChain chain, string bundlePem, DateTimeOffset now)
    {
        try
        {
            return ClientChainVerifier.Verify(chain.Parsed.Der, chain.Others, TrustAnchors.Parse(bundlePem), now);
        }
        catch (CaBundleException e)
        {
            return new Verdict { Fault = CertificateFault.TrustUnusable, Message = e.Message, NextStep = "Mend the CA bundle.", Certificate = chain.Parsed };
        }
    }
}
