using System.CommandLine;
using System.Text;
using Gatehouse.Cli.Output;
using Gatehouse.Contracts;

namespace Gatehouse.Cli.Commands;

internal static class TokenCommands
{
    public static Command Build() => new("token", "Delegate tokens: what a delegate proves its account with") { Create(), List(), Revoke() };

    private static Command Create()
    {
        var account = SharedOptions.Account();
        var name = Name();
        var format = new Option<string>("--format")
        {
            Description = "hex for Kubernetes Secrets and runners, base64 for delegates set up from the public documentation's Docker command; our delegate takes both",
            HelpName = "hex|base64",
            DefaultValueFactory = _ => "hex",
        };
        format.AcceptOnlyFromAmong("hex", "base64");
        var expires = new Option<TimeSpan?>("--expires-in") { Description = "Stop by itself after this time, for example 90d or 12h; default never", HelpName = "TIME", CustomParser = Durations.Parse };
        var command = new Command("create", "Create a token and print its value, this once") { account, name, format, expires };
        command.Runs(async (call, cancellationToken) =>
        {
            var revokeAfter = call.Get(expires) is { } after ? call.Time.GetUtcNow() + after : (DateTimeOffset?)null;
            var token = await call.Client.CreateTokenAsync(call.Get(account), new CreateTokenRequest(call.Get(name), revokeAfter), cancellationToken);
            token = token with { Value = InFormat(token.Value, call.Get(format)) };
            call.Print(token, ContractsJson.Default.TokenView, sheet => sheet.Line(token.Value ?? ""));
            call.Say($"Token {Safe.Line(token.Name)} of account {Safe.Line(token.AccountId)} created. Its value is shown this once: keep it where the delegate reads it.");
        });
        return command;
    }

    private static Command List()
    {
        var account = SharedOptions.Account();
        var command = new Command("list", "List an account's tokens, without values") { account };
        command.Runs(async (call, cancellationToken) =>
        {
            var tokens = await call.Client.ListTokensAsync(call.Get(account), cancellationToken);
            call.Print(tokens, ContractsJson.Default.IReadOnlyListTokenView, sheet => sheet.Table(
                ["NAME", "STATUS", "CREATED", "REVOKED", "REVOKES ITSELF"],
                tokens.Select(token => new[]
                {
                    token.Name, token.Status, Words.When(token.CreatedAt), Words.When(token.RevokedAt), Words.When(token.RevokeAfter),
                })));
        });
        return command;
    }

    private static Command Revoke()
    {
        var account = SharedOptions.Account();
        var name = Name();
        var command = new Command("revoke", "Revoke a token; delegates that use it are refused at once") { account, name };
        command.Runs(async (call, cancellationToken) =>
        {
            var token = await call.Client.RevokeTokenAsync(call.Get(account), call.Get(name), cancellationToken);
            call.Print(token, ContractsJson.Default.TokenView, sheet => sheet.Line($"Token {token.Name} revoked."));
        });
        return command;
    }

    private static Option<string> Name()
    {
        var option = new Option<string>("--name") { Description = "The token's name, unique in the account", HelpName = "NAME", Required = true };
        option.Validators.Add(result => SharedOptions.RejectUnusableName(result.Tokens, result.AddError));
        return option;
    }

    /// <summary>Base64 is that of the hex text, not of the bytes (protocol sheet §4.1).</summary>
    private static string? InFormat(string? hex, string format) =>
        hex is not null && format == "base64" ? Convert.ToBase64String(Encoding.ASCII.GetBytes(hex)) : hex;
}
