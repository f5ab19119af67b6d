using Gatehouse.Cli.Output;
using Gatehouse.Contracts;
using Gatehouse.Pki;

namespace Gatehouse.Cli.Certificates;

/// <summary>What <c>certs verify</c> finds, and what everything asks that wants to know before it changes anything: the gateway's verdict with the gateway's codes.</summary>
/// <param name="Accepted">Would a delegate with these files get in?</param>
/// <param name="Code">The refusal code; null when the gateway would accept.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="NextStep">The way out.</param>
/// <param name="ValidUntil">When the certificate stops being accepted by itself.</param>
/// <param name="Certificate">The client certificate.</param>
/// <param name="Findings">What is wrong, or will be, with the client's files.</param>
/// <param name="BundleErrors">Why the server would not take the CA bundle.</param>
/// <param name="BundleWarnings">What the server would say about it.</param>
internal sealed record ClientVerdict(
    bool Accepted, string? Code, string Message, string NextStep, DateTimeOffset? ValidUntil, CertificateFacts? Certificate,
    IReadOnlyList<LintFinding> Findings, IReadOnlyList<CaBundleFinding> BundleErrors, IReadOnlyList<CaBundleFinding> BundleWarnings)
{
    /// <summary>Judges a client's files by a CA bundle.</summary>
    /// <exception cref="CliException">They are no certificate, or do not match.</exception>
    public static ClientVerdict Of(PkiFile certificates, PkiFile? key, string bundlePem, DateTimeOffset now)
    {
        try
        {
            var check = ClientCheck.Run(certificates, key, bundlePem, now);
            var verdict = check.Verdict;
            return new ClientVerdict(
                check.Accepted, verdict.Fault is { } fault ? CodeOf(fault).Name() : null, verdict.Message, verdict.NextStep, verdict.ValidUntil, verdict.Leaf,
                check.Findings, check.Bundle.Errors, check.Bundle.Warnings);
        }
        catch (PkiFileException e)
        {
            throw CliException.Failed(e.Message, e);
        }
    }

    /// <summary>Reads the files of a person and judges them.</summary>
    /// <exception cref="CliException">A file cannot be used, or they do not match.</exception>
    public static async Task<ClientVerdict> OfFilesAsync(
        string certificatePath, string? keyPath, Func<string?>? keyPassword, string bundlePem, DateTimeOffset now, CancellationToken cancellationToken)
    {
        using var certificates = await PkiFiles.ReadAsync(certificatePath, "certificate file", keyPassword, cancellationToken);
        using var key = keyPath is null ? null : await PkiFiles.ReadAsync(keyPath, "key file", keyPassword, cancellationToken);
        var verdict = Of(certificates, key, bundlePem, now);
        return verdict with { Findings = CertificateText.For(verdict.Findings, certificatePath, keyPath) };
    }

    /// <summary>For people.</summary>
    public void Show(Sheet sheet)
    {
        sheet.Line(Code is not null ? $"Refused, {Code}: {Message} {NextStep}"
            : Accepted ? $"Accepted until {Words.When(ValidUntil)}."
            : $"The gateway would accept the certificate until {Words.When(ValidUntil)}, but something has to be mended first:");
        if (Certificate is { } facts)
        {
            CertificateText.Facts(sheet, facts);
        }

        CertificateText.Findings(sheet, "Client certificate", Findings);
        CertificateText.Findings(sheet, "CA bundle", CertificateText.Of(BundleErrors, BundleWarnings));
    }

    private static RefusalCode CodeOf(CertificateFault fault) => fault switch
    {
        CertificateFault.UnknownCa => RefusalCode.CertificateUnknownCa,
        CertificateFault.Expired => RefusalCode.CertificateExpired,
        CertificateFault.NotYetValid => RefusalCode.CertificateNotYetValid,
        CertificateFault.Purpose => RefusalCode.CertificatePurpose,
        CertificateFault.Revoked => RefusalCode.CertificateRevoked,
        CertificateFault.Denied => RefusalCode.CertificateDenied,
        CertificateFault.ChainIncomplete => RefusalCode.CertificateChainIncomplete,
        CertificateFault.IssuerNotCa => RefusalCode.CertificateIssuerNotCa,
        CertificateFault.Weak => RefusalCode.CertificateWeak,
        CertificateFault.TooLarge => RefusalCode.CertificateTooLarge,
        CertificateFault.TrustUnusable => RefusalCode.TrustUnusable,
        CertificateFault.CrlStale => RefusalCode.CrlStale,
        _ => RefusalCode.CertificateMalformed,
    };
}
