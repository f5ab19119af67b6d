using System.CommandLine;
using Gatehouse.Cli.Output;
using Gatehouse.Manifests;
using Gatehouse.Manifests.Mtls;

namespace Gatehouse.Cli.Manifests;

/// <summary><c>manifest check</c>.</summary>
internal static class CheckManifestCommand
{
    public static Command Build()
    {
        var file = new Argument<string>("FILE") { Description = "The manifest; '-' for stdin" };
        var endpoint = new Option<string?>("--endpoint") { Description = "The account's mTLS endpoint that addresses must be behind; default whichever MANAGER_HOST_AND_PORT names", HelpName = "URL" };
        var flag = new Option<bool>("--override-service-urls") { Description = "The account has the flag CI_OVERRIDE_SERVICE_URLS: the addresses of log and TI service do not count" };
        var container = ManifestOptions.Container();
        var images = ManifestOptions.AllowImage();
        var command = new Command("check", "What is missing or wrong in a manifest for mutual TLS? Exit code 0: nothing, 1: something") { file, endpoint, flag, container, images };
        command.Runs(async (call, cancellationToken) =>
        {
            var path = call.Get(file);
            try
            {
                var options = new CheckOptions
                {
                    Endpoint = call.Get(endpoint) is { } url ? MtlsEndpoint.Parse(url) : null,
                    OverrideServiceUrls = call.Get(flag),
                    Container = call.Get(container),
                    AllowedImages = call.Get(images) ?? [],
                };
                var findings = MtlsManifest.Check(await ManifestFile.ReadAsync(path, cancellationToken), options);
                var errors = findings.Count(one => one.IsError);
                call.Print([.. findings], CliJson.Default.ListManifestFinding, sheet =>
                {
                    foreach (var one in findings)
                    {
                        sheet.Line($"{(one.IsError ? "error" : "warning")} {one.Code}: {one.Where}: {one.Message} {one.NextStep}");
                    }

                    sheet.Line(errors > 0 ? $"{errors} of {findings.Count} findings keep '{path}' from mutual TLS." : $"'{path}' is ready for mutual TLS.");
                });
                return errors > 0 ? ExitCodes.Failed : ExitCodes.Done;
            }
            catch (ManifestException e)
            {
                throw ManifestOptions.Explain(path, e);
            }
        });
        return command;
    }
}
