namespace Gatehouse.IntegrationTests;

/// <summary>The programs as this build made them: beside this test's own folder in the artifacts, in the same configuration.</summary>
internal static class ProgramFiles
{
    public static string Server => Find("Gatehouse.Server");
    public static string Delegate => Find("Gatehouse.Delegate");
    public static string Cli => Find("Gatehouse.Cli");
    public static string Soak => Find("Gatehouse.Soak");

    // artifacts/bin/<project>/<configuration>/
    private static string Find(string project)
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var file = Path.Combine(own.Parent!.Parent!.FullName, project, own.Name, project + ".dll");
        return File.Exists(file) ? file : throw new FileNotFoundException($"{project} was not built beside the tests.", file);
    }
}
