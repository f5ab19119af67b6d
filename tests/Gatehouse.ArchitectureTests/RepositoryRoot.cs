namespace Gatehouse.ArchitectureTests;

/// <summary>Where the sources are.</summary>
internal static class RepositoryRoot
{
    public static string Path { get; } = Find();

    private static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(directory.FullName, "Gatehouse.slnx")))
                return directory.FullName;
        }
        // Built elsewhere: the path at compile time.
        return System.IO.Path.GetFullPath(System.IO.Path.Combine(CompiledFrom(), "../.."));
    }

    private static string CompiledFrom([System.Runtime.CompilerServices.CallerFilePath] string file = "") => System.IO.Path.GetDirectoryName(file)!;
}
