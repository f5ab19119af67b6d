using System.CommandLine;
using Gatehouse.Manifests;

namespace Gatehouse.Cli.Manifests;

/// <summary>Options that several commands on manifests take.</summary>
internal static class ManifestOptions
{
    public static Option<string?> Container() =>
        new("--container") { Description = "The delegate's container, where its environment does not tell", HelpName = "NAME" };

    public static Option<string[]?> AllowImage() => new("--allow-image")
    {
        Description = "Take images that fit this pattern whatever their tag ('*' is any text); for images of one's own. Give it again for more",
        HelpName = "PATTERN",
    };

    /// <summary>As an end of the command: refused is 1, unreadable is 2.</summary>
    public static CliException Explain(string path, ManifestException e) =>
        e.IsRefusal ? CliException.Failed($"'{path}': {e.Message}", e) : CliException.BadInput($"'{path}': {e.Message}", e);
}
