using System.CommandLine;
using Gatehouse.Cli.Certificates;
using Gatehouse.Cli.Output;
using Gatehouse.Contracts;
using Gatehouse.Pki;

namespace Gatehouse.Cli.Commands;

/// <summary><c>certs inspect</c> and <c>certs verify</c>: what the server would see, without asking it.</summary>
internal static class CertificateChecks
{
    public static Command Inspect()
    {
        var file = new Argument<string>("FILE") { Description = "PEM with any number of certificates, or DER" };
        var command = new Command("inspect", "Show what is in a certificate file") { file };
        command.Runs(async (call, cancellationToken) =>
        {
            var blocks = await PemBlocks.ReadAsync(call.Get(file), cancellationToken);
            var facts = blocks.Certificates.Select(der => CertificateFacts.TryRead(der)
                ?? throw CliException.Failed($"'{call.Get(file)}' holds a certificate that cannot be read. Was it cut or changed?")).ToList();
            call.Print(new InspectedFile(facts, blocks.Others), CliJson.Default.InspectedFile, sheet =>
            {
                foreach (var one in facts)
                {
                    Facts(sheet, one);
                    sheet.Line();
                }

                foreach (var other in blocks.Others)
                {
                    sheet.Line($"{other}: not a certificate, not shown.");
                }
            });
            if (blocks.Others.Any(label => label.EndsWith("PRIVATE KEY", StringComparison.Ordinal)))
            {
                call.Say("This file holds a private key. Keep it from everybody else, and never hand it over with a certificate.");
            }
        });
        return command;
    }

    public static Command Verify()
    {
        var ca = new Option<string>("--ca") { Description = "The CA bundle that Gatehouse has, or is to get", HelpName = "FILE", Required = true };
        var key = new Option<string?>("--key") { Description = "The client's private key: does it belong to the certificate?", HelpName = "FILE" };
        var file = new Argument<string>("FILE") { Description = "The client certificate, followed by its intermediates if it has any" };
        var command = new Command("verify", "Would a delegate with this certificate get in? Judged as the gateway does. Exit code 0: yes, 1: no") { file, ca, key };
        command.Runs(async (call, cancellationToken) =>
        {
            var bundle = (await PemBlocks.ReadAsync(call.Get(ca), cancellationToken)).CertificatesPem();
            var chain = await PemBlocks.ReadAsync(call.Get(file), cancellationToken);
            if (chain.Certificates.Count == 0)
            {
                throw CliException.BadInput($"'{call.Get(file)}' holds no certificate.");
            }

            if (call.Get(key) is { } keyFile)
            {
                await CheckKeyAsync(call, call.Get(file), keyFile, cancellationToken);
            }

            var verified = Judge(bundle, chain, call.Time.GetUtcNow());
            call.Print(verified, CliJson.Default.VerifiedFile, sheet => Show(sheet, verified));
            return verified.Accepted && verified.BundleErrors.Count == 0 ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }

    public static void Facts(Sheet sheet, CertificateFacts facts) => sheet.Facts(
        ("Subject", facts.Subject),
        ("Issuer", facts.IsSelfIssued ? $"{facts.Issuer} (itself)" : facts.Issuer),
        ("Serial", facts.SerialNumber),
        ("SHA-256", facts.Sha256),
        ("Valid from", Words.When(facts.NotBefore)),
        ("Valid until", Words.When(facts.NotAfter)),
        ("Kind", $"X.509 v{facts.Version}{(facts.IsCa ? ", CA" : "")}, {facts.PublicKey}, {facts.SignatureAlgorithm}"),
        ("Names", facts.DnsNames.Count == 0 ? null : Words.List(facts.DnsNames)));

    private static VerifiedFile Judge(string bundle, PemBlocks chain, DateTimeOffset now)
    {
        var report = CaBundle.Check(bundle, now);
        try
        {
            var verdict = ClientChainVerifier.Verify(chain.Certificates[0], [.. chain.Certificates.Skip(1)], TrustAnchors.Parse(bundle), now);
            return new VerifiedFile(
                verdict.Accepted, verdict.Fault is { } fault ? Code(fault).Name() : null, verdict.Message, verdict.NextStep, verdict.ValidUntil,
                verdict.Leaf, report.Errors, report.Warnings);
        }
        catch (CaBundleException e)
        {
            return new VerifiedFile(
                false, RefusalCode.TrustUnusable.Name(), e.Message, "Mend the CA bundle.", null, CertificateFacts.TryRead(chain.Certificates[0]), report.Errors, report.Warnings);
        }
    }

    private static void Show(Sheet sheet, VerifiedFile verified)
    {
        sheet.Line(verified.Accepted
            ? $"Accepted until {Words.When(verified.ValidUntil)}."
            : $"Refused, {verified.Code}: {verified.Message} {verified.NextStep}");
        if (verified.Certificate is { } facts)
        {
            Facts(sheet, facts);
        }

        foreach (var finding in verified.BundleErrors)
        {
            sheet.Line($"CA bundle, error {finding.Code}: {finding.Message}");
        }

        foreach (var finding in verified.BundleWarnings)
        {
            sheet.Line($"CA bundle, warning {finding.Code}: {finding.Message}");
        }
    }

    private static async Task CheckKeyAsync(Invocation call, string certificateFile, string keyFile, CancellationToken cancellationToken)
    {
        var certificate = await CaFile.ReadTextAsync(certificateFile, "certificate file", cancellationToken);
        var key = await CaFile.ReadTextAsync(keyFile, "key file", cancellationToken);
        try
        {
            using var identity = PemIdentity.Parse(certificate, key);
        }
        catch (PemIdentityException e)
        {
            throw CliException.Failed(e.Message, e);
        }
    }

    private static RefusalCode Code(CertificateFault fault) => fault switch
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
