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

    /// <summary>The text to upload, with what the lint warns of said to the person. Errors are left to the server, which tells them in its answer.</summary>
    /// <exception cref="CliException">Missing, empty, too large, unreadable, or with a private key inside.</exception>
    public static async Task<string> ReadForUploadAsync(Invocation call, string path, CancellationToken cancellationToken)
    {
        var text = await CaFile.ReadAsync(path, cancellationToken);
        foreach (var finding in Lint(text, path, call.Time.GetUtcNow()).Where(one => one.Severity == LintSeverity.Warning))
        {
            call.Say($"Warning, {finding.Code}: {Output.Safe.Line(finding.Message)}{(finding.Command is null ? "" : $" Mend it with: {finding.Command}")}");
        }

        return text;
    }

    /// <summary>The server's own lint, with the file's name in the commands. A private key is told differently here: it has not left this machine yet.</summary>
    public static IReadOnlyList<LintFinding> Lint(string text, string path, DateTimeOffset now)
    {
        var report = CaBundle.Check(text, now);
        return CertificateText.For(
            CertificateText.Of(report.Errors, report.Warnings).Select(finding => finding.Code != CaBundleCodes.PrivateKey ? finding : finding with
            {
                Message = "A private key is in the file. It has not left this machine, and must not: do not upload this file. "
                    + (report.CertificatesOnlyCommand is null ? "Nor is a CA certificate in it that could be used: give the file with the account's CA certificate (ca.crt)." : "Make one with the CA certificates alone."),
                Command = report.CertificatesOnlyCommand,
            }),
            path);
    }
}
