using System.CommandLine;
using System.Runtime.CompilerServices;
using Gatehouse.Cli.Output;
using Gatehouse.Contracts;

namespace Gatehouse.Cli.Commands;

internal static class AuditCommands
{
    private const int PageSize = 500;

    public static Command Build() => new("audit", "Who changed what, in a log that shows tampering") { List(), Verify(), Export() };

    private static Command List()
    {
        var account = Account();
        var limit = new Option<int>("--limit") { Description = "At most this many, the newest", HelpName = "N", DefaultValueFactory = _ => 100 };
        limit.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 100_000)
            {
                result.AddError("--limit must be 1 to 100000.");
            }
        });
        var command = new Command("list", "List the newest entries, oldest first") { account, limit };
        command.Runs(async (call, cancellationToken) =>
        {
            var newest = new Queue<AuditEntryView>();
            await foreach (var entry in AllAsync(call, call.Get(account), cancellationToken))
            {
                newest.Enqueue(entry);
                if (newest.Count > call.Get(limit))
                {
                    newest.Dequeue();
                }
            }

            call.Print([.. newest], ContractsJson.Default.IReadOnlyListAuditEntryView, sheet => sheet.Table(
                ["SEQ", "AT", "WHO", "ACTION", "ACCOUNT", "WHAT CHANGED"],
                newest.Select(entry => new[] { $"{entry.Sequence}", Words.When(entry.At), entry.Actor, entry.Action, entry.AccountId, entry.Detail })));
        });
        return command;
    }

    private static Command Verify()
    {
        var command = new Command("verify", "Check that no entry was changed or taken out. Exit code 0: intact, 1: broken");
        command.Runs(async (call, cancellationToken) =>
        {
            var verification = await call.Client.VerifyAuditAsync(cancellationToken);
            call.Print(verification, ContractsJson.Default.AuditVerification, sheet =>
            {
                sheet.Line(verification.Intact
                    ? $"Intact: {verification.Entries} entries."
                    : $"Broken at entry {verification.FirstBroken}: it or what is before it was changed or taken out. Compare with a copy of 'audit export'.");
                sheet.Line($"Head {verification.HeadHash}");
            });
            return verification.Intact ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }

    private static Command Export()
    {
        var account = Account();
        var command = new Command("export", "Print every entry as JSON, one a line, oldest first") { account };
        command.Runs(async (call, cancellationToken) =>
        {
            await foreach (var entry in AllAsync(call, call.Get(account), cancellationToken))
            {
                call.Terminal.Out.WriteLine(JsonText.Line(entry, ContractsJson.Default.AuditEntryView));
            }
        });
        return command;
    }

    private static Option<string> Account()
    {
        var account = SharedOptions.Account();
        account.Required = false;
        account.Description = "Of this account; default all";
        return account;
    }

    private static async IAsyncEnumerable<AuditEntryView> AllAsync(Invocation call, string? account, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long after = 0;
        while (true)
        {
            var page = await call.Client.ListAuditAsync(account, after, PageSize, cancellationToken);
            foreach (var entry in page)
            {
                yield return entry;
            }

            // Not "fewer than asked for": the server may have a smaller limit of its own.
            if (page.Count == 0 || page[^1].Sequence <= after)
            {
                yield break;
            }

            after = page[^1].Sequence;
        }
    }
}
