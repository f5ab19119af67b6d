using System.CommandLine;
using Gatehouse.Manifests;
using Gatehouse.Manifests.Mtls;

namespace Gatehouse.Cli.Manifests;

/// <summary><c>manifest enable-mtls</c>.</summary>
internal static class EnableMtlsCommand
{
    public static Command Build()
    {
        var file = new Argument<string>("FILE") { Description = "The manifest: YAML with any number of documents, or JSON; '-' for stdin" };
        var endpoint = new Option<string>("--endpoint") { Description = "The account's mTLS endpoint, for example https://customer1.agent.example.io", HelpName = "URL", Required = true };
        var secretName = new Option<string?>("--secret-name") { Description = "The Secret with the pair; default the one that is mounted, then client-certificate", HelpName = "NAME" };
        var keyNames = new Option<string?>("--key-names") { Description = "Names of certificate and key in the Secret, for example tls.crt,tls.key; default those that are set, then client.crt,client.key", HelpName = "CERT,KEY" };
        var withSecret = new Option<bool>("--with-secret") { Description = "Put the Secret into the manifest, too, with the pair from --cert and --key" };
        var flag = new Option<bool>("--override-service-urls") { Description = "Leave the addresses of log and TI service alone, because the account has the flag CI_OVERRIDE_SERVICE_URLS" };
        var container = ManifestOptions.Container();
        var images = ManifestOptions.AllowImage();
        var pair = new ClientPairFiles();
        var output = new ManifestOutput();
        var command = new Command("enable-mtls", "Give a manifest's delegates and upgrader the mTLS endpoint and the client certificate; only the lines that must change do")
        {
            file, endpoint, secretName, keyNames, withSecret, flag, container, images,
        };
        pair.AddTo(command);
        output.AddTo(command);
        command.Runs(async (call, cancellationToken) =>
        {
            var path = call.Get(file);
            output.Check(call, path);
            try
            {
                var options = new MtlsOptions
                {
                    Endpoint = MtlsEndpoint.Parse(call.Get(endpoint)),
                    SecretName = call.Get(secretName),
                    Keys = call.Get(keyNames) is { } names ? SecretKeys.Parse(names) : null,
                    OverrideServiceUrls = call.Get(flag),
                    Container = call.Get(container),
                    AllowedImages = call.Get(images) ?? [],
                };
                var read = await pair.ReadAsync(call, call.Get(withSecret) ? "--with-secret" : null, cancellationToken);
                var before = await ManifestFile.ReadAsync(path, cancellationToken);
                var change = MtlsManifest.Enable(before, options with { Pair = call.Get(withSecret) ? read : null });
                output.Deliver(call, path, before, change, NextSteps(change, pair.CertificatePath(call), pair.KeyPath(call)), isSecret: call.Get(withSecret));
            }
            catch (ManifestException e)
            {
                throw ManifestOptions.Explain(path, e);
            }
        });
        return command;
    }

    /// <summary>Without the Secret the pods would wait for it for ever.</summary>
    private static List<string> NextSteps(ManifestChange change, string? certificate, string? key) =>
        [.. change.Secrets.Where(secret => !secret.IsInManifest).Select(secret => KubectlCommand.CreateSecret(secret, certificate, key))];
}
