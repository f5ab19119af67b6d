using System.CommandLine;
using Gatehouse.Manifests;
using Gatehouse.Manifests.Mtls;

namespace Gatehouse.Cli.Manifests;

/// <summary><c>manifest disable-mtls</c>.</summary>
internal static class DisableMtlsCommand
{
    public static Command Build()
    {
        var file = new Argument<string>("FILE") { Description = "The manifest; '-' for stdin" };
        var manager = new Option<string?>("--manager") { Description = "The manager's address without mutual TLS; default the one that enable-mtls has remembered in the manifest", HelpName = "URL" };
        var container = ManifestOptions.Container();
        var output = new ManifestOutput();
        var command = new Command("disable-mtls", "Take mutual TLS out of a manifest again, with the former addresses back in their places") { file, manager, container };
        output.AddTo(command);
        command.Runs(async (call, cancellationToken) =>
        {
            var path = call.Get(file);
            output.Check(call, path);
            try
            {
                var address = call.Get(manager) is { } url ? MtlsEndpoint.Parse(url) : null;
                var before = await ManifestFile.ReadAsync(path, cancellationToken);
                output.Deliver(call, path, before, MtlsManifest.Disable(before, address, call.Get(container)), [], isSecret: false);
            }
            catch (ManifestException e)
            {
                throw ManifestOptions.Explain(path, e);
            }
        });
        return command;
    }
}
