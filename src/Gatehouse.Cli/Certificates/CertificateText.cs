using Gatehouse.Cli.Output;
using Gatehouse.Pki;

namespace Gatehouse.Cli.Certificates;

/// <summary>Certificates and findings for people.</summary>
internal static class CertificateText
{
    public static void Facts(Sheet sheet, CertificateFacts facts) => sheet.Facts(
        ("Subject", facts.Subject),
        ("Issuer", facts.IsSelfIssued ? $"{facts.Issuer} (itself)" : facts.Issuer),
        ("Serial", facts.SerialNumber),
        ("SHA-256", facts.Sha256),
        ("Valid from", Words.When(facts.NotBefore)),
        ("Valid until", Words.When(facts.NotAfter)),
        ("Kind", $"X.509 v{facts.Version}{(facts.IsCa ? ", CA" : "")}, {facts.PublicKey}, {facts.SignatureAlgorithm}"),
        ("Purpose", facts.Purposes is null ? null : Words.List(facts.Purposes)),
        ("Names", facts.DnsNames.Count == 0 ? null : Words.List(facts.DnsNames)));

    /// <summary>One line each, and the command that mends it below.</summary>
    public static void Findings(Sheet sheet, string what, IEnumerable<LintFinding> findings)
    {
        foreach (var finding in findings)
        {
            sheet.Line($"{what}, {(finding.Severity == LintSeverity.Error ? "error" : "warning")} {finding.Code}: {finding.Message}");
            if (finding.Command is { } command)
            {
                sheet.Line($"  {command}");
            }
        }
    }

    /// <summary>A bundle's findings in the form of every lint.</summary>
    public static IReadOnlyList<LintFinding> Of(IEnumerable<CaBundleFinding> errors, IEnumerable<CaBundleFinding> warnings) =>
    [
        .. errors.Select(error => new LintFinding(LintSeverity.Error, error.Code, error.Message, error.Command)),
        .. warnings.Select(warning => new LintFinding(LintSeverity.Warning, warning.Code, warning.Message, warning.Command)),
    ];
}
