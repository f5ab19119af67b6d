using System.CommandLine;
using Gatehouse.Cli.Certificates;
using Gatehouse.Cli.Output;
using Gatehouse.Pki;

namespace Gatehouse.Cli.Commands;

/// <summary><c>certs inspect</c>, <c>verify</c> and <c>lint</c>: what the server would see and say, without asking it.</summary>
internal static class CertificateChecks
{
    public static Command Inspect()
    {
        var file = new Argument<string>("FILE") { Description = "Certificates, requests or keys: PEM, DER or PKCS#12. Of keys only the public half is shown" };
        var password = Passwords.Option("--password-file", "the file");
        var command = new Command("inspect", "Show what is in a certificate file") { file, password };
        command.Runs(async (call, cancellationToken) =>
        {
            var path = call.Get(file);
            using var content = await PkiFiles.ReadAsync(path, "certificate file", Passwords.Source(call, password, $"'{path}'"), cancellationToken);
            var facts = content.Certificates.Select(der => CertificateFacts.TryRead(der)
                ?? throw CliException.Failed($"'{path}' holds a certificate that cannot be read. Was it cut or changed?")).ToList();
            call.Print(
                new InspectedFile(content.Format, facts, content.Requests, content.Keys, content.Others, content.Damaged), CliJson.Default.InspectedFile,
                sheet => InspectionSheet.Show(sheet, content, facts));
            if (content.Keys.Count > 0)
            {
                call.Say("This file holds a private key. Keep it from everybody else, never hand it over with a certificate, and do not upload it.");
            }
            else if (content.Requests.Count > 0 && facts.Count == 0)
            {
                call.Say("This is a certificate request (CSR), not a certificate. 'gatehouse certs sign' makes one of it.");
            }
        });
        return command;
    }

    public static Command Verify()
    {
        var ca = new Option<string>("--ca") { Description = "The CA bundle that Gatehouse has, or is to get", HelpName = "FILE", Required = true };
        var key = new Option<string?>("--key") { Description = "The client's private key: does it belong to the certificate?", HelpName = "FILE" };
        var password = Passwords.Option("--key-password-file", "the key");
        var file = new Argument<string>("FILE") { Description = "The client certificate and its intermediates if it has any, in any order" };
        var command = new Command("verify", "Would a delegate with this certificate get in? Judged as the gateway does. Exit code 0: yes, 1: no") { file, ca, key, password };
        command.Runs(async (call, cancellationToken) =>
        {
            using var bundle = await PkiFiles.ReadAsync(call.Get(ca), "CA bundle", null, cancellationToken);
            var verdict = await ClientVerdict.OfFilesAsync(
                call.Get(file), call.Get(key), Passwords.Source(call, password, $"the key '{call.Get(key)}'"), PkiFiles.CertificatesOf(bundle, call.Get(ca)), call.Time.GetUtcNow(), cancellationToken);
            verdict = verdict with { BundleErrors = CertificateText.For(verdict.BundleErrors, call.Get(ca)), BundleWarnings = CertificateText.For(verdict.BundleWarnings, call.Get(ca)) };
            call.Print(verdict, CliJson.Default.ClientVerdict, verdict.Show);
            return verdict.Accepted ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }

    public static Command Lint()
    {
        var client = new Option<bool>("--client") { Description = "Look at a delegate's certificate, not at a CA bundle" };
        var key = new Option<string?>("--key") { Description = "With --client: its private key", HelpName = "FILE" };
        var password = Passwords.Option("--key-password-file", "the key");
        var file = new Argument<string>("FILE") { Description = "A CA bundle as it would be uploaded; with --client a delegate's certificate" };
        var command = new Command("lint", "What is wrong, or will be, with a CA bundle or a client certificate, each with the command that mends it. Exit code 0: no error, 1: errors") { file, client, key, password };
        command.Runs(async (call, cancellationToken) =>
        {
            var now = call.Time.GetUtcNow();
            IReadOnlyList<LintFinding> findings;
            if (call.Get(client) || call.Get(key) is not null)
            {
                var source = Passwords.Source(call, password, "the private key");
                using var content = await PkiFiles.ReadAsync(call.Get(file), "certificate file", source, cancellationToken);
                using var keyContent = call.Get(key) is { } keyPath ? await PkiFiles.ReadAsync(keyPath, "key file", source, cancellationToken) : null;
                findings = CertificateText.For(ClientLint.Check(content, keyContent, now), call.Get(file), call.Get(key));
            }
            else
            {
                findings = BundleFiles.Lint(await BundleFiles.ReadTextAsync(call.Get(file), cancellationToken), call.Get(file), now);
            }

            var usable = !findings.Any(finding => finding.Severity == LintSeverity.Error);
            call.Print(new LintedFile(usable, findings), CliJson.Default.LintedFile, sheet =>
            {
                CertificateText.Findings(sheet, call.Get(file), findings);
                if (findings.Count == 0)
                {
                    sheet.Line($"{call.Get(file)}: nothing to complain about.");
                }
            });
            return usable ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }
}
