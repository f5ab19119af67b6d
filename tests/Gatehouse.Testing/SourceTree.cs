using System.Runtime.CompilerServices;

namespace Gatehouse.Testing;

/// <summary>Where the sources are.</summary>
public static class SourceTree
{
    /// <summary>The folder with <c>Gatehouse.slnx</c>.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Gatehouse.slnx")))
                return directory.FullName;
        }
        // Built elsewhere: the path at compile time.
        return Path.GetFullPath(Path.Combine(CompiledFrom(), "../.."));
    }

    private static string CompiledFrom([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
