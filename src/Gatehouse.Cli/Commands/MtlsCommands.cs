using System.CommandLine;
using Gatehouse.Cli.Certificates;
using Gatehouse.Cli.Output;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;

namespace Gatehouse.Cli.Commands;

internal static class MtlsCommands
{
    public static Command Build() => new("mtls", "The account's mTLS endpoint: name, CA bundle, mode, and what is revoked")
    {
        Enable(), Show(), Disable(), Readiness(), Mode(), Prefix(), CheckPrefix(), Ca(), CrlCommands.Build(), DenyCommands.Build(),
    };

    private static Command Enable()
    {
        var account = SharedOptions.Account();
        var prefix = new Option<string>("--prefix") { Description = "Domain prefix: the FQDN is PREFIX.<agent domain>", HelpName = "PREFIX", Required = true };
        var ca = CaOption();
        var mode = new Option<string>("--mode") { Description = "LOOSE accepts delegates with and without a certificate, STRICT only those with", HelpName = "LOOSE|STRICT", DefaultValueFactory = _ => "LOOSE" };
        mode.AcceptOnlyFromAmong("LOOSE", "STRICT");
        var host = new Option<string?>("--host") { Description = "Vanity host: the account's own name on the mTLS port", HelpName = "HOST" };
        var command = new Command("enable", "Create the account's mTLS endpoint; it answers at once") { account, prefix, ca, mode, host };
        command.Runs(async (call, cancellationToken) =>
        {
            var request = new MtlsEndpointRequest
            {
                DomainPrefix = call.Get(prefix),
                CaCertificates = await BundleFiles.ReadForUploadAsync(call, call.Get(ca), cancellationToken),
                Mode = call.Get(mode),
                VanityHost = call.Get(host),
            };
            var endpoint = await call.Client.CreateEndpointAsync(call.Get(account), request, cancellationToken);
            PrintEndpoint(call, endpoint, $"mTLS endpoint {endpoint.Fqdn} of account {endpoint.AccountId} is up, {endpoint.Mode}.");
        });
        return command;
    }

    private static Command Show()
    {
        var account = SharedOptions.Account();
        var command = new Command("show", "Show the account's mTLS endpoint") { account };
        command.Runs(async (call, cancellationToken) =>
            PrintEndpoint(call, await call.Client.GetEndpointAsync(call.Get(account), cancellationToken)));
        return command;
    }

    private static Command Disable()
    {
        var account = SharedOptions.Account();
        var command = new Command("disable", "Delete the endpoint: its name stops at once and is kept from other accounts for 30 days") { account };
        command.Runs(async (call, cancellationToken) =>
        {
            var was = await call.Client.DeleteEndpointAsync(call.Get(account), cancellationToken);
            call.Print(
                new Dictionary<string, bool> { ["deleted"] = was }, CliJson.Default.DictionaryStringBoolean,
                sheet => sheet.Line(was ? $"mTLS endpoint of account {call.Get(account)} deleted." : $"Account {call.Get(account)} had no mTLS endpoint."));
        });
        return command;
    }

    private static Command Readiness()
    {
        var account = SharedOptions.Account();
        var command = new Command("readiness", "Would STRICT block any delegate? Exit code 0: nobody, 1: somebody") { account };
        command.Runs(async (call, cancellationToken) =>
        {
            var readiness = await call.Client.GetReadinessAsync(call.Get(account), cancellationToken);
            call.Print(readiness, ContractsJson.Default.ReadinessView, sheet =>
            {
                sheet.Line(readiness.Summary);
                sheet.Facts(
                    ("Endpoint", readiness.Fqdn ?? "none"),
                    ("Mode", readiness.Mode?.ToString()),
                    ("Delegates seen with a certificate", $"{readiness.DelegatesWithMtls}"),
                    ("Would be blocked", $"{readiness.WouldBeBlocked.Count}"),
                    ("Seen since", Words.When(readiness.Since)));
                // Absent in the answer of an older server.
                foreach (var warning in readiness.Warnings ?? [])
                {
                    sheet.Line($"Warning: {warning}");
                }

                if (readiness.WouldBeBlocked.Count > 0)
                {
                    sheet.Line();
                    DelegateCommands.Show(sheet, readiness.WouldBeBlocked, readiness.AccountId);
                }
            });
            return readiness.Ready ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }

    private static Command Mode()
    {
        var account = SharedOptions.Account();
        var mode = new Argument<string>("LOOSE|STRICT") { Description = "LOOSE: with and without a certificate; STRICT: only with, on every way in" };
        mode.AcceptOnlyFromAmong("LOOSE", "STRICT");
        var command = new Command("mode", "Change the mode; in effect everywhere within a second, open connections included") { mode, account };
        ChangesEndpoint(command, account, call => new MtlsEndpointRequest { Mode = call.Get(mode) }, endpoint => $"{endpoint.Fqdn} is {endpoint.Mode} now.");
        return command;
    }

    private static Command Prefix()
    {
        var account = SharedOptions.Account();
        var prefix = new Argument<string>("PREFIX") { Description = "The new domain prefix" };
        var command = new Command("prefix", "Change the domain prefix: the old name stops at once") { prefix, account };
        ChangesEndpoint(command, account, call => new MtlsEndpointRequest { DomainPrefix = call.Get(prefix) }, endpoint => $"The endpoint is {endpoint.Fqdn} now. Delegates must use the new name.");
        return command;
    }

    private static Command CheckPrefix()
    {
        var account = SharedOptions.Account();
        var prefix = new Argument<string>("PREFIX") { Description = "The domain prefix" };
        var command = new Command("check-prefix", "Is a domain prefix free? Exit code 0: yes, 1: no") { prefix, account };
        command.Runs(async (call, cancellationToken) =>
        {
            var free = await call.Client.CheckPrefixAsync(call.Get(account), call.Get(prefix), cancellationToken);
            call.Print(
                new Dictionary<string, bool> { ["available"] = free }, CliJson.Default.DictionaryStringBoolean,
                sheet => sheet.Line(free ? $"{call.Get(prefix)} is free." : $"{call.Get(prefix)} is taken. Choose another prefix."));
            return free ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }

    private static Command Ca()
    {
        var account = SharedOptions.Account();
        var ca = CaOption();
        var set = new Command("set", "Replace the CA bundle: from now on only this one is trusted") { account, ca };
        set.Runs(async (call, cancellationToken) =>
        {
            var change = new MtlsEndpointRequest { CaCertificates = await BundleFiles.ReadForUploadAsync(call, call.Get(ca), cancellationToken) };
            PrintEndpoint(call, await call.Client.ChangeEndpointAsync(call.Get(account), change, cancellationToken), "CA bundle replaced.");
        });
        return new Command("ca", "The CA bundle that the endpoint trusts") { set };
    }

    private static void ChangesEndpoint(
        Command command, Option<string> account, Func<Invocation, MtlsEndpointRequest> change, Func<MtlsEndpointDetails, string> done) =>
        command.Runs(async (call, cancellationToken) =>
        {
            var endpoint = await call.Client.ChangeEndpointAsync(call.Get(account), change(call), cancellationToken);
            PrintEndpoint(call, endpoint, done(endpoint));
        });

    private static Option<string> CaOption() => new("--ca")
    {
        Description = "PEM file with 1 to 16 CA certificates (never a key)",
        HelpName = "FILE",
        Required = true,
    };

    private static void PrintEndpoint(Invocation call, MtlsEndpointDetails endpoint, string? lead = null) =>
        call.Print(endpoint, ContractsJson.Default.MtlsEndpointDetails, sheet =>
        {
            if (lead is not null)
            {
                sheet.Line(lead);
            }

            EndpointText.Show(sheet, endpoint);
        });
}
