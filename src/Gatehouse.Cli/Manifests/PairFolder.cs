using Gatehouse.Cli.Output;
using Gatehouse.Manifests.Delegates;

namespace Gatehouse.Cli.Manifests;

/// <summary>The folder that a container is given whole.</summary>
internal static class PairFolder
{
    /// <summary>Says what is missing in it, and what else is in it that the container would see. It may be on another machine, so nothing of this is an error.</summary>
    public static void Check(Invocation call, DockerSetup setup)
    {
        if (setup.Folder is not { } folder)
        {
            return;
        }

        if (!Directory.Exists(folder))
        {
            call.Say($"'{Safe.Line(folder)}' is not a folder on this machine. Docker will refuse to start the container where it is not there.");
            return;
        }

        var pair = new[] { setup.Delegate.Keys.Certificate, setup.Delegate.Keys.Key };
        foreach (var name in pair.Where(name => !File.Exists(Path.Combine(folder, name))))
        {
            call.Say($"'{Safe.Line(folder)}' has no '{name}'.");
        }

        var others = Directory.GetFiles(folder).Select(path => Path.GetFileName(path)!).Except(pair).Where(name => name.EndsWith(".key", StringComparison.OrdinalIgnoreCase)).ToList();
        if (others.Count > 0)
        {
            call.Say($"'{Safe.Line(folder)}' also has {Safe.Line(string.Join(", ", others))}, which the container would see: move the pair into a folder of its own. A CA's key never belongs on a delegate's machine.");
        }
    }
}
