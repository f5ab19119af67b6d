using System.CommandLine;
using Gatehouse.Cli.Certificates;
using Gatehouse.Cli.Output;
using Gatehouse.Contracts;

namespace Gatehouse.Cli.Commands;

/// <summary><c>mtls crl</c>: the account's revocation lists, and what is done when one is out of date.</summary>
internal static class CrlCommands
{
    public static Command Build() => new("crl", "Certificate revocation lists (CRLs) of the account's CAs") { Add(), List(), Remove(), Policy() };

    private static Command Add()
    {
        var account = SharedOptions.Account();
        var file = new Argument<string>("FILE") { Description = "The CRL, PEM or DER, at most 8 MiB of DER" };
        var force = new Option<bool>("--force") { Description = "Also a list that is older than the one it replaces, is signed by no CA of the bundle, or is out of date and would shut everybody out" };
        var command = new Command("add", "Upload a CRL; it takes the place of the one before it, and open connections of revoked clients end within a second") { file, account, force };
        command.Runs(async (call, cancellationToken) =>
        {
            var content = await ReadAsync(call.Get(file), cancellationToken);
            var stored = await call.Client.AddCrlAsync(call.Get(account), content, call.Get(force), cancellationToken);
            call.Print(stored, ContractsJson.Default.CrlUploadView, sheet =>
            {
                sheet.Line(stored switch
                {
                    { Changed: false } => "This very list was there already; nothing changed.",
                    { Replaced: { } replaced } => $"CRL stored in the place of number {replaced.Number ?? Words.Nothing} of {Words.When(replaced.ThisUpdate)}; it counts from now on.",
                    _ => "CRL stored; it counts from now on.",
                });
                Facts(sheet, stored.Crl);
                foreach (var warning in stored.Warnings)
                {
                    sheet.Line($"Warning: {warning}");
                }
            });
        });
        return command;
    }

    private static Command List()
    {
        var account = SharedOptions.Account();
        var command = new Command("list", "List the account's CRLs, with their age and what it means") { account };
        command.Runs(async (call, cancellationToken) =>
        {
            var crls = await call.Client.ListCrlsAsync(call.Get(account), cancellationToken);
            call.Print(crls, ContractsJson.Default.IReadOnlyListCrlView, sheet =>
            {
                if (crls.Count == 0)
                {
                    sheet.Line($"Account {call.Get(account)} has no CRLs.");
                    return;
                }

                sheet.Table(
                    ["ID", "ISSUER", "NUMBER", "CERTIFICATES", "THIS UPDATE", "NEXT UPDATE", "STATE"],
                    crls.Select(crl => new[] { crl.Id, crl.Issuer, crl.Number, $"{crl.Count}", Words.When(crl.ThisUpdate), Words.When(crl.NextUpdate), crl.State }));
                foreach (var crl in crls)
                {
                    if (crl.Warning is { } warning)
                    {
                        sheet.Line($"{crl.Id}: {warning}");
                    }
                }
            });
        });
        return command;
    }

    private static Command Remove()
    {
        var account = SharedOptions.Account();
        var id = new Argument<string>("ID") { Description = "The list, as 'crl list' names it" };
        id.Validators.Add(result => SharedOptions.RejectUnusableName(result.Tokens, result.AddError));
        var command = new Command("remove", "Take a CRL out: whoever is on it, and on no other, gets in again") { id, account };
        command.Runs(async (call, cancellationToken) =>
        {
            await call.Client.RemoveCrlAsync(call.Get(account), call.Get(id), cancellationToken);
            call.Print(
                new Dictionary<string, bool> { ["removed"] = true }, CliJson.Default.DictionaryStringBoolean,
                sheet => sheet.Line($"CRL {call.Get(id)} of account {call.Get(account)} removed."));
        });
        return command;
    }

    private static Command Policy()
    {
        var account = SharedOptions.Account();
        var policy = new Argument<string?>("strict|grace|ignore-stale")
        {
            Description = "When a list is past its nextUpdate: strict refuses everybody it speaks for, grace does after the grace time, ignore-stale goes on with the old list. Left out: show what is set",
            Arity = ArgumentArity.ZeroOrOne,
        };
        policy.AcceptOnlyFromAmong("strict", "grace", "ignore-stale");
        var grace = new Option<TimeSpan?>("--grace") { Description = "The grace time after nextUpdate, for example 12h; at most 90d", HelpName = "TIME", CustomParser = Durations.Parse };
        var command = new Command("policy", "Show or change what is done with CRLs that are out of date") { policy, account, grace };
        command.Runs(async (call, cancellationToken) =>
        {
            var (wanted, time) = (call.Get(policy), call.Get(grace));
            var now = wanted is null && time is null
                ? await call.Client.GetCrlPolicyAsync(call.Get(account), cancellationToken)
                : await call.Client.SetCrlPolicyAsync(call.Get(account), new SetCrlPolicyRequest(wanted, time is { } span ? (long)span.TotalSeconds : null), cancellationToken);
            call.Print(now, ContractsJson.Default.CrlPolicyView, sheet => sheet.Line(Text(now)));
        });
        return command;
    }

    /// <summary>Also for <c>mtls show</c>.</summary>
    public static string Text(CrlPolicyView policy) => policy.Policy switch
    {
        StaleCrlPolicy.Grace => $"grace: past its nextUpdate a CRL still counts for {Words.Span(TimeSpan.FromSeconds(policy.GraceSeconds))}, then everybody it speaks for is refused.",
        StaleCrlPolicy.IgnoreStale => "ignore-stale: past its nextUpdate a CRL goes on counting; new revocations are missed until it is replaced.",
        _ => "strict: past its nextUpdate everybody a CRL speaks for is refused.",
    };

    private static void Facts(Sheet sheet, CrlView crl) => sheet.Facts(
        ("  id", crl.Id),
        ("  issuer", crl.Issuer),
        ("  number", crl.Number),
        ("  certificates", $"{crl.Count}"),
        ("  thisUpdate", Words.When(crl.ThisUpdate)),
        ("  nextUpdate", Words.When(crl.NextUpdate)),
        ("  state", crl.State),
        ("  SHA-256", crl.Sha256));

    // Whoever mistypes may name the CA's key, which lies beside its list: that never leaves this machine.
    private static async Task<byte[]> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var content = await InputFile.ReadAsync(path, "CRL file", Limits.MaxCrlUploadBytes, cancellationToken);
        return content.AsSpan().IndexOf("PRIVATE KEY-----"u8) < 0
            ? content
            : throw CliException.BadInput($"'{path}' holds a private key, so it was not sent. Give the list alone (openssl ca -gencrl -out FILE).");
    }
}
