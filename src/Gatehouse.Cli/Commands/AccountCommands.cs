using System.CommandLine;
using Gatehouse.Cli.Output;
using Gatehouse.Contracts;

namespace Gatehouse.Cli.Commands;

internal static class AccountCommands
{
    private const int PageSize = 200;

    public static Command Build() => new("account", "Accounts: the customers whose delegates come in") { Create(), List(), Show(), Delete() };

    private static Command Create()
    {
        var id = SharedOptions.AccountArgument("1 to 64 letters, digits, '_' and '-'");
        var name = new Option<string?>("--name") { Description = "For people; default the id", HelpName = "TEXT" };
        var command = new Command("create", "Create an account") { id, name };
        command.Runs(async (call, cancellationToken) =>
        {
            var account = await call.Client.CreateAccountAsync(new CreateAccountRequest(call.Get(id), call.Get(name)), cancellationToken);
            call.Print(account, ContractsJson.Default.AccountView, sheet => sheet.Line($"Account {account.Id} created."));
        });
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "List all accounts");
        command.Runs(async (call, cancellationToken) =>
        {
            var accounts = new List<AccountView>();
            string? after = null;
            do
            {
                var page = await call.Client.ListAccountsAsync(after, PageSize, cancellationToken);
                accounts.AddRange(page.Items);
                after = page.Next;
            }
            while (after is not null);

            call.Print(accounts, CliJson.Default.ListAccountView, sheet => sheet.Table(
                ["ID", "NAME", "MTLS ENDPOINT", "MODE", "CONNECTED", "CREATED"],
                accounts.Select(account => new[]
                {
                    account.Id, account.Name, account.MtlsFqdn, account.MtlsMode?.ToString(), $"{account.ConnectedDelegates}", Words.When(account.CreatedAt),
                })));
        });
        return command;
    }

    private static Command Show()
    {
        var id = SharedOptions.AccountArgument("The account");
        var command = new Command("show", "Show one account") { id };
        command.Runs(async (call, cancellationToken) =>
        {
            var account = await call.Client.GetAccountAsync(call.Get(id), cancellationToken);
            call.Print(account, ContractsJson.Default.AccountView, sheet => sheet.Facts(
                ("Account", account.Id),
                ("Name", account.Name),
                ("Created", Words.When(account.CreatedAt)),
                ("mTLS endpoint", account.MtlsFqdn ?? "none"),
                ("Mode", account.MtlsMode?.ToString()),
                ("Connected delegates", $"{account.ConnectedDelegates}")));
        });
        return command;
    }

    private static Command Delete()
    {
        var id = SharedOptions.AccountArgument("The account");
        var command = new Command("delete", "Delete an account with its endpoint, tokens, delegates and tasks; its delegates are refused at once") { id };
        command.Runs(async (call, cancellationToken) =>
        {
            var account = call.Get(id);
            await call.Client.DeleteAccountAsync(account, cancellationToken);
            call.Print(new Dictionary<string, bool> { ["deleted"] = true }, CliJson.Default.DictionaryStringBoolean, sheet => sheet.Line($"Account {account} deleted."));
        });
        return command;
    }
}
