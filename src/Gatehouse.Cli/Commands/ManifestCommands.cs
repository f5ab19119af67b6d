using System.CommandLine;
using Gatehouse.Cli.Manifests;

namespace Gatehouse.Cli.Commands;

internal static class ManifestCommands
{
    public static Command Build() => new("manifest", "Kubernetes manifests of delegates: mutual TLS on, off, and checked")
    {
        EnableMtlsCommand.Build(), DisableMtlsCommand.Build(), CheckManifestCommand.Build(),
    };
}
