using System.CommandLine;
using Gatehouse.Cli.Output;
using Gatehouse.Contracts;

namespace Gatehouse.Cli.Commands;

/// <summary><c>mtls deny</c>: certificates and keys that are refused whatever the CA and its lists say.</summary>
internal static class DenyCommands
{
    public static Command Build() => new("deny", "Deny list: for certificates and keys that cannot wait for the next CRL") { Add(), List(), Remove() };

    private static Command Add()
    {
        var account = SharedOptions.Account();
        var what = new DeniedOptions();
        var note = new Option<string?>("--note") { Description = "Why, for people", HelpName = "TEXT" };
        var command = new Command("add", "Deny a certificate or a key: by its file, its serial number and issuer, its SHA-256, or its public key. Open connections end within a second") { account };
        what.AddTo(command);
        command.Add(note);
        command.Runs(async (call, cancellationToken) =>
        {
            var request = await what.ReadAsync(call, cancellationToken) with { Note = call.Get(note) };
            var denied = await call.Client.DenyAsync(call.Get(account), request, cancellationToken);
            call.Print(denied, ContractsJson.Default.DeniedView, sheet =>
            {
                sheet.Line($"Denied from now on at account {call.Get(account)}:");
                sheet.Facts(
                    ("  id", denied.Id), ("  by", By(denied.Kind)), ("  value", denied.Value), ("  issuer", denied.Issuer), ("  note", denied.Note),
                    ("  since", Words.When(denied.CreatedAt)));
            });
        });
        return command;
    }

    private static Command List()
    {
        var account = SharedOptions.Account();
        var command = new Command("list", "List what the account denies, oldest first") { account };
        command.Runs(async (call, cancellationToken) =>
        {
            var denied = await call.Client.ListDeniedAsync(call.Get(account), cancellationToken);
            call.Print(denied, ContractsJson.Default.IReadOnlyListDeniedView, sheet =>
            {
                if (denied.Count == 0)
                {
                    sheet.Line($"Account {call.Get(account)} denies nothing.");
                    return;
                }

                sheet.Table(
                    ["ID", "BY", "VALUE", "ISSUER", "SINCE", "NOTE"],
                    denied.Select(entry => new[] { entry.Id, By(entry.Kind), entry.Value, entry.Issuer, Words.When(entry.CreatedAt), entry.Note }));
            });
        });
        return command;
    }

    private static Command Remove()
    {
        var account = SharedOptions.Account();
        var id = new Argument<string>("ID") { Description = "The entry, as 'deny list' names it" };
        id.Validators.Add(result => SharedOptions.RejectUnusableName(result.Tokens, result.AddError));
        var command = new Command("remove", "Take an entry off the deny list: what it denied gets in again, unless a CRL says no") { id, account };
        command.Runs(async (call, cancellationToken) =>
        {
            await call.Client.RemoveDeniedAsync(call.Get(account), call.Get(id), cancellationToken);
            call.Print(
                new Dictionary<string, bool> { ["removed"] = true }, CliJson.Default.DictionaryStringBoolean,
                sheet => sheet.Line($"Entry {call.Get(id)} of account {call.Get(account)} removed."));
        });
        return command;
    }

    private static string By(DenyBy kind) => kind switch
    {
        DenyBy.Serial => "serial",
        DenyBy.Key => "key",
        _ => "sha256",
    };
}
