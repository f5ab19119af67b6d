namespace Gatehouse.Cli.Processes;

/// <summary>Where the programs of this product are: in a clone (the root script says so in GATEHOUSE_HOME), or beside this one.</summary>
internal static class ProgramFiles
{
    /// <summary>Name of the environment variable that holds the clone's root.</summary>
    public const string HomeVariable = "GATEHOUSE_HOME";

    /// <summary>The program's assembly, to be run by <see cref="Host"/>.</summary>
    /// <param name="program">For example <c>Gatehouse.Server</c>.</param>
    /// <exception cref="CliException">It is in none of the places.</exception>
    public static string Find(string program)
    {
        var file = program + ".dll";
        string?[] places =
        [
            Environment.GetEnvironmentVariable(HomeVariable) is { Length: > 0 } home ? Path.Combine(home, "artifacts", "bin", program, "release", file) : null,
            Path.Combine(AppContext.BaseDirectory, "..", "..", program, Configuration, file),
            Path.Combine(AppContext.BaseDirectory, file),
        ];
        return places.FirstOrDefault(place => place is not null && File.Exists(place)) is { } found
            ? Path.GetFullPath(found)
            : throw CliException.Failed($"{program} is not built or not installed beside this program. Run './gatehouse' from a clone, which builds it on first use.");
    }

    /// <summary>The .NET host that runs this program, so that a child runs on the same one.</summary>
    public static string Host => Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";

    /// <summary><c>release</c> or <c>debug</c>: the folder this program runs from, so that one configuration never starts the other.</summary>
    private static string Configuration => Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
}
