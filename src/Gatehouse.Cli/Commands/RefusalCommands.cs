using System.CommandLine;
using Gatehouse.Cli.Output;
using Gatehouse.Client.Operator;
using Gatehouse.Contracts;

namespace Gatehouse.Cli.Commands;

internal static class RefusalCommands
{
    private const int MaxAtOnce = 1000;
    private static readonly TimeSpan s_followInterval = TimeSpan.FromSeconds(1);

    public static Command Build()
    {
        var account = SharedOptions.Account();
        account.Required = false;
        account.Description = "Of this account; default all, those without an account included";
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on and print new ones as they happen, until Ctrl-C (as JSON: one object a line)" };
        var limit = new Option<int>("--limit") { Description = "At most this many, the newest", HelpName = "N", DefaultValueFactory = _ => 50 };
        limit.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > MaxAtOnce)
            {
                result.AddError($"--limit must be 1 to {MaxAtOnce}.");
            }
        });
        var command = new Command("refusals", "Who was turned away, and why") { account, follow, limit };
        command.Runs((call, cancellationToken) => call.Get(follow)
            ? FollowAsync(call, call.Get(account), call.Get(limit), cancellationToken)
            : ListAsync(call, call.Get(account), call.Get(limit), cancellationToken));
        return command;
    }

    private static async Task<int> ListAsync(Invocation call, string? account, int limit, CancellationToken cancellationToken)
    {
        var refusals = await call.Client.ListRefusalsAsync(account, after: 0, limit, cancellationToken);
        call.Print(refusals, ContractsJson.Default.IReadOnlyListRefusalView, sheet =>
        {
            foreach (var refusal in refusals)
            {
                Show(sheet, refusal);
            }
        });
        if (refusals.Count == 0)
        {
            call.Say(account is null ? "No refusals." : $"No refusals for account {account}.");
        }

        return ExitCodes.Done;
    }

    /// <summary>Ends only by Ctrl-C, which is how it is meant to end.</summary>
    private static async Task<int> FollowAsync(Invocation call, string? account, int limit, CancellationToken cancellationToken)
    {
        long seen = 0;
        var everReached = false;
        var reachable = true;
        using var timer = new PeriodicTimer(s_followInterval, call.Time);
        try
        {
            do
            {
                try
                {
                    var refusals = await call.Client.ListRefusalsAsync(account, seen, everReached ? MaxAtOnce : limit, cancellationToken);
                    everReached = reachable = true;
                    foreach (var refusal in refusals.OrderBy(refusal => refusal.Sequence))
                    {
                        seen = Math.Max(seen, refusal.Sequence);
                        ShowFollowed(call, refusal);
                    }
                }
                catch (OperatorApiException e) when (e.IsTransient && everReached)
                {
                    if (reachable)
                    {
                        call.Say($"{Safe.Line(e.Message)} Trying again.");
                        reachable = false;
                    }
                }
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ctrl-C.
        }

        return ExitCodes.Done;
    }

    private static void ShowFollowed(Invocation call, RefusalView refusal)
    {
        if (call.Json)
        {
            call.Terminal.Out.WriteLine(JsonText.Line(refusal, ContractsJson.Default.RefusalView));
        }
        else
        {
            Show(new Sheet(call.Terminal), refusal);
        }
    }

    private static void Show(Sheet sheet, RefusalView refusal)
    {
        sheet.Line($"{Words.When(refusal.LastSeen)}  {refusal.Code}  x{refusal.Count}  account {refusal.AccountId ?? "unknown"}  at {refusal.Host ?? "no name"}  from {refusal.RemoteAddress ?? "unknown"}");
        sheet.Facts(
            ("  why", refusal.Message),
            ("  next", refusal.NextStep),
            ("  subject", refusal.Certificate?.Subject),
            ("  issuer", refusal.Certificate?.Issuer),
            ("  serial", refusal.Certificate?.SerialNumber),
            ("  SHA-256", refusal.Certificate?.Sha256),
            ("  notAfter", refusal.Certificate is { } certificate ? Words.When(certificate.NotAfter) : null));
        sheet.Line();
    }
}
