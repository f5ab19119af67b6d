using System.CommandLine;
using Gatehouse.Cli.Output;
using Gatehouse.Contracts;

namespace Gatehouse.Cli.Commands;

internal static class DelegateCommands
{
    public static Command Build()
    {
        var account = SharedOptions.Account();
        var command = new Command("delegates", "List an account's delegates: who is connected, over which way, with which certificate") { account };
        command.Runs(async (call, cancellationToken) =>
        {
            var delegates = await call.Client.ListDelegatesAsync(call.Get(account), cancellationToken);
            call.Print(delegates, ContractsJson.Default.IReadOnlyListDelegateView, sheet => Show(sheet, delegates, call.Get(account)));
        });
        return command;
    }

    /// <summary>Also for readiness, which lists delegates.</summary>
    public static void Show(Sheet sheet, IReadOnlyList<DelegateView> delegates, string account)
    {
        if (delegates.Count == 0)
        {
            sheet.Line($"Account {account} has no delegates.");
            return;
        }

        sheet.Table(
            ["NAME", "STATE", "MTLS", "THROUGH", "TAGS", "TASKS", "LAST HEARTBEAT"],
            delegates.Select(one => new[]
            {
                one.Name, State(one), Words.YesNo(one.Mtls), one.ConnectedThrough, Words.List(one.Tags), $"{one.RunningTasks}", Words.When(one.LastHeartbeat),
            }));
        foreach (var one in delegates)
        {
            if (one.Certificate is { } certificate)
            {
                sheet.Line();
                sheet.Line($"{one.Name} showed this certificate:");
                Certificate(sheet, certificate);
            }

            if (Skew(one) is { } skew)
            {
                sheet.Line();
                sheet.Line(skew);
            }
        }
    }

    public static void Certificate(Sheet sheet, PresentedCertificate certificate) => sheet.Facts(
        ("  subject", certificate.Subject),
        ("  issuer", certificate.Issuer),
        ("  serial", certificate.SerialNumber),
        ("  SHA-256", certificate.Sha256),
        ("  notAfter", Words.When(certificate.NotAfter)));

    private static string State(DelegateView one) => one switch
    {
        { Status: not "ENABLED" } => one.Status,
        { Connected: false } => "not connected",
        { StreamOpen: true } => "connected",
        _ => "connected (polling)",
    };

    private static string? Skew(DelegateView one) => one.ClockSkewSeconds is { } seconds && Math.Abs(seconds) >= 120
        ? $"{one.Name}: its clock is {Words.Span(TimeSpan.FromSeconds(Math.Abs(seconds)))} {(seconds > 0 ? "ahead of" : "behind")} the server's. Set it right: certificates and tokens are judged by time."
        : null;
}
