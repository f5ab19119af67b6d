using System.CommandLine;
using Gatehouse.Cli.Certificates;
using Gatehouse.Cli.Commands;
using Gatehouse.Cli.Output;
using Gatehouse.Cli.SelfTest.Wire;
using Gatehouse.Pki;

namespace Gatehouse.Cli.SelfTest;

internal static class SelfTestCommand
{
    private static readonly Option<string> s_url = new("--url") { Description = "The endpoint to attack, for example https://customer1.agent.example.io:8443", HelpName = "URL", Required = true };
    private static readonly Option<string?> s_cert = FileOption("--cert", "Its good client certificate, with --key: it shows that who belongs there is let in");
    private static readonly Option<string?> s_key = FileOption("--key", "The good certificate's key; nothing but signatures leaves this machine");
    private static readonly Option<string?> s_serverCa = FileOption("--server-ca", "Root of the server's certificate; default the system's roots");
    private static readonly Option<string?> s_account = new("--account") { Description = "The endpoint's account", HelpName = "ID" };
    private static readonly Option<string?> s_otherUrl = new("--other-url") { Description = "A second tenant's endpoint on the same gateway, for attacks from one to the other", HelpName = "URL" };
    private static readonly Option<string?> s_otherAccount = new("--other-account") { Description = "The second tenant's account", HelpName = "ID" };
    private static readonly Option<string?> s_otherCert = FileOption("--other-cert", "The second tenant's good client certificate, with --other-key");
    private static readonly Option<string?> s_otherKey = FileOption("--other-key", "Its key");
    private static readonly Option<string?> s_sharedUrl = new("--shared-url") { Description = "A host of the same gateway that is served without client certificate", HelpName = "URL" };
    private static readonly Option<string?> s_connect = new("--connect") { Description = "Connect there for every URL, where names have no address", HelpName = "HOST:PORT" };
    private static readonly Option<TimeSpan?> s_timeout = new("--timeout")
    {
        Description = "Limit of each attempt, and the time within which slow clients must be cut; default 15s",
        HelpName = "TIME",
        CustomParser = Durations.Parse,
    };

    public static Command Build()
    {
        var command = new Command("selftest", "Attack a running gateway as an outsider would, and print a pass list for an auditor. Exit code 0: nothing failed, 1: something did")
        {
            s_url, s_cert, s_key, s_serverCa, s_account, s_otherUrl, s_otherAccount, s_otherCert, s_otherKey, s_sharedUrl, s_connect, s_timeout,
        };
        command.Runs(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(Invocation call, CancellationToken cancellationToken)
    {
        var input = await ReadAsync(call, cancellationToken);
        call.Say("Attacking. It writes nothing behind the gateway; the gateway's log of refusals will be loud.");
        var report = await new SelfTestRun(input, call.Time).RunAsync(cancellationToken);
        call.Print(report, CliJson.Default.SelfTestReport, sheet => ReportSheet.Show(sheet, report));
        return report.Failed == 0 ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static async Task<SelfTestInput> ReadAsync(Invocation call, CancellationToken cancellationToken)
    {
        using var serverCaFile = call.Get(s_serverCa) is { } path ? await PkiFiles.ReadAsync(path, "server CA", null, cancellationToken) : null;
        var serverCa = serverCaFile is null ? null : PkiFiles.CertificatesOf(serverCaFile, call.Get(s_serverCa)!);
        return new SelfTestInput
        {
            Site = SiteOf(call, call.Get(s_url))!,
            Client = await ClientAsync(call, s_cert, s_key, cancellationToken),
            Account = call.Get(s_account),
            Other = SiteOf(call, call.Get(s_otherUrl)),
            OtherClient = await ClientAsync(call, s_otherCert, s_otherKey, cancellationToken),
            OtherAccount = call.Get(s_otherAccount),
            Shared = SiteOf(call, call.Get(s_sharedUrl)),
            ServerCaPem = serverCa,
            Timeout = call.Get(s_timeout) ?? TimeSpan.FromSeconds(15),
        };
    }

    private static Site? SiteOf(Invocation call, string? url) =>
        url is null ? null : Site.Parse(url, call.Get(s_connect), out var why) ?? throw CliException.BadInput(why);

    private static async Task<ClientFiles?> ClientAsync(Invocation call, Option<string?> certificate, Option<string?> key, CancellationToken cancellationToken)
    {
        var (certificatePath, keyPath) = (call.Get(certificate), call.Get(key));
        if (certificatePath is null && keyPath is null)
            return null;
        if (certificatePath is null || keyPath is null)
            throw CliException.BadInput($"{certificate.Name} and {key.Name} go together: give both or none.");
        try
        {
            return new ClientFiles(certificatePath, keyPath, PemIdentity.Parse(
                await CaFile.ReadTextAsync(certificatePath, "certificate file", cancellationToken), await CaFile.ReadTextAsync(keyPath, "key file", cancellationToken)));
        }
        catch (PemIdentityException e)
        {
            throw CliException.BadInput(e.Message, e);
        }
    }

    private static Option<string?> FileOption(string name, string description) => new(name) { Description = description, HelpName = "FILE" };
}
