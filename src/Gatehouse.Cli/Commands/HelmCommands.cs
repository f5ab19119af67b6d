using System.CommandLine;
using Gatehouse.Cli.Manifests;
using Gatehouse.Manifests;
using Gatehouse.Manifests.Delegates;
using Gatehouse.Manifests.Mtls;

namespace Gatehouse.Cli.Commands;

internal static class HelmCommands
{
    private const string PublicChart = "harness-delegate-ng";
    private const string OwnChart = "gatehouse-delegate";

    public static Command Build() => new("helm", "A delegate with mutual TLS by a Helm chart") { Values() };

    private static Command Values()
    {
        var chart = new Option<string>("--chart") { Description = $"The chart: {PublicChart}, the public one, or {OwnChart}, Gatehouse's own", HelpName = "NAME", DefaultValueFactory = _ => PublicChart };
        chart.AcceptOnlyFromAmong(PublicChart, OwnChart);
        var secret = new Option<string>("--secret-name") { Description = "The Secret with the pair", HelpName = "NAME", DefaultValueFactory = _ => "client-certificate" };
        var token = new Option<string?>("--token-secret") { Description = "A Secret with the key DELEGATE_TOKEN; default: the public chart makes one of delegateToken; Gatehouse's takes no other", HelpName = "NAME" };
        var upgraderToken = new Option<string?>("--upgrader-token-secret") { Description = "A Secret with the key UPGRADER_TOKEN; another one than --token-secret. Gatehouse's chart has an upgrader only with it", HelpName = "NAME" };
        var upgraderImage = new Option<string?>("--upgrader-image") { Description = "The upgrader's image, for Gatehouse's chart; with --allow-image it must be Gatehouse's upgrader, which gets the same patterns", HelpName = "IMAGE" };
        var serverCa = new Option<string?>("--server-ca-secret") { Description = "A Secret with roots of the server's certificate, where the system's do not do", HelpName = "NAME" };
        var space = new Option<string?>("--namespace") { Description = "The release's namespace, for the command that creates the Secret", HelpName = "NAME" };
        var options = new DelegateSetupOptions("helm-delegate", "--token-secret", "name a Secret for it in the values, by 'valueFrom' in custom_envs");
        var command = new Command("values", "Print values for a Helm chart, the public one or Gatehouse's own, with mutual TLS");
        options.AddTo(command);
        foreach (var option in (Option[])[chart, secret, token, upgraderToken, upgraderImage, serverCa, space])
        {
            command.Add(option);
        }

        command.Runs((call, _) =>
        {
            try
            {
                var setup = new HelmSetup
                {
                    Chart = call.Get(chart) == OwnChart ? HelmChart.GatehouseDelegate : HelmChart.HarnessDelegateNg,
                    Delegate = options.Read(call),
                    SecretName = call.Get(secret),
                    TokenSecret = call.Get(token),
                    UpgraderTokenSecret = call.Get(upgraderToken),
                    UpgraderImage = call.Get(upgraderImage),
                    ServerCaSecret = call.Get(serverCa),
                };
                var create = KubectlCommand.CreateSecret(new MountedSecret(call.Get(space), setup.SecretName, setup.Delegate.Keys, IsInManifest: false));
                DelegateSetupOptions.Print(call, setup.Values(), [create]);
                return Task.CompletedTask;
            }
            catch (ManifestException e)
            {
                throw e.IsRefusal ? CliException.Failed(e.Message, e) : CliException.BadInput(e.Message, e);
            }
        });
        return command;
    }
}
