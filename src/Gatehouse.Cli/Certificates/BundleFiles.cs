using Gatehouse.Pki;

namespace Gatehouse.Cli.Certificates;

/// <summary>CA bundles on this machine: read as they would be uploaded, judged as the server judges them.</summary>
internal static class BundleFiles
{
    /// <summary>The text as it would be uploaded; of a file that is no text, its bytes as characters: the lint says what it is.</summary>
    public static async Task<string> ReadTextAsync(string path, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(new MemoryStream(await InputFile.ReadAsync(path, "CA bundle", PkiFile.MaxBytes, cancellationToken)));
        return await reader.ReadToEndAsync(cancellationToken);
    }

    /// <summary>The server's own lint. A private key is told differently here: it has not left this machine yet.</summary>
    public static IReadOnlyList<LintFinding> Lint(string text, DateTimeOffset now)
    {
        var report = CaBundle.Check(text, now);
        var findings = CertificateText.Of(report.Errors, report.Warnings);
        return [.. findings.Select(finding => finding.Code != CaBundleCodes.PrivateKey ? finding : finding with
        {
            Message = "A private key is in the file. It has not left this machine, and must not: do not upload this file. Make one with the certificates alone.",
            Command = "gatehouse certs bundle add clean.crt FILE",
        })];
    }
}
