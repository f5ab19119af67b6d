using System.Text.RegularExpressions;
using Gatehouse.Cli.Doctor;
using Gatehouse.Cli.Output;
using Gatehouse.Pki;

namespace Gatehouse.Cli.Certificates;

/// <summary>Certificates and findings for people.</summary>
internal static partial class CertificateText
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

    /// <summary>The findings with the files' names in the commands, as a shell takes them.</summary>
    /// <param name="findings">As the lint gives them: <c>FILE</c> and <c>KEY-FILE</c> in the commands.</param>
    /// <param name="path">The file looked at.</param>
    /// <param name="keyPath">Its key's file; null when there is none: then no command has one.</param>
    public static IReadOnlyList<LintFinding> For(IEnumerable<LintFinding> findings, string path, string? keyPath = null) =>
        [.. findings.Select(finding => finding with { Command = finding.Command is { } command ? Command(command, path, keyPath) : null })];

    /// <inheritdoc cref="For(IEnumerable{LintFinding}, string, string?)" />
    public static IReadOnlyList<CaBundleFinding> For(IEnumerable<CaBundleFinding> findings, string path) =>
        [.. findings.Select(finding => finding with { Command = finding.Command is { } command ? Command(command, path, null) : null })];

    private static string Command(string command, string path, string? keyPath) =>
        FileWord().Replace(command, word => word.Value == "FILE" ? Shell.QuotePath(path) : keyPath is null ? word.Value : Shell.QuotePath(keyPath));

    // Both words at once: a path may have either in it.
    [GeneratedRegex(@"(?<= )(KEY-)?FILE(?= |$)")]
    private static partial Regex FileWord();

    /// <summary>A bundle's findings in the form of every lint.</summary>
    public static IReadOnlyList<LintFinding> Of(IEnumerable<CaBundleFinding> errors, IEnumerable<CaBundleFinding> warnings) =>
    [
        .. errors.Select(error => new LintFinding(LintSeverity.Error, error.Code, error.Message, error.Command)),
        .. warnings.Select(warning => new LintFinding(LintSeverity.Warning, warning.Code, warning.Message, warning.Command)),
    ];
}
