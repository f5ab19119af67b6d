using System.CommandLine;
using Gatehouse.Contracts;

namespace Gatehouse.Cli.Commands;

internal static class FlagCommands
{
    public static Command Build() => new("flag", "Feature flags of an account") { Set(), List() };

    private static Command Set()
    {
        var flag = new Argument<string>("FLAG") { Description = "For example CI_OVERRIDE_SERVICE_URLS" };
        flag.Validators.Add(result => SharedOptions.RejectUnusableName(result.Tokens, result.AddError));
        var value = new Argument<string>("on|off") { Description = "The new state" };
        value.AcceptOnlyFromAmong("on", "off");
        var account = SharedOptions.Account();
        var command = new Command("set", "Turn a flag on or off") { flag, value, account };
        command.Runs(async (call, cancellationToken) =>
        {
            var set = await call.Client.SetFlagAsync(call.Get(account), call.Get(flag), call.Get(value) == "on", cancellationToken);
            call.Print(set, ContractsJson.Default.FlagView, sheet => sheet.Line($"{set.Name} is {OnOff(set)} for account {call.Get(account)}."));
        });
        return command;
    }

    private static Command List()
    {
        var account = SharedOptions.Account();
        var command = new Command("list", "List an account's flags") { account };
        command.Runs(async (call, cancellationToken) =>
        {
            var flags = await call.Client.ListFlagsAsync(call.Get(account), cancellationToken);
            call.Print(flags, ContractsJson.Default.IReadOnlyListFlagView, sheet => sheet.Table(
                ["FLAG", "STATE", "WHAT IT DOES"], flags.Select(flag => new[] { flag.Name, OnOff(flag), flag.Description })));
        });
        return command;
    }

    private static string OnOff(FlagView flag) => flag.On ? "on" : "off";
}
