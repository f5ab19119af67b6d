namespace Gatehouse.Delegate;

/// <summary>Programs of the machine that tasks are started with; looked up once.</summary>
internal static class Programs
{
    /// <summary>bash, or sh where there is none.</summary>
    internal static string Shell { get; } = Find("bash") ?? "/bin/sh";

    /// <summary>setsid of util-linux or busybox; null where there is none: then a task shares the delegate's session.</summary>
    internal static string? SetSid { get; } = Find("setsid");

    /// <summary>This program, to be started once more as a worker.</summary>
    internal static IReadOnlyList<string> Self { get; } = FindSelf();

    private static string? Find(string name)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Concat(["/usr/bin", "/bin", "/usr/local/bin"]);
        return folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }

    private static string[] FindSelf()
    {
        var program = Environment.ProcessPath ?? throw new InvalidOperationException("The program's own path is not known.");
        return Path.GetFileNameWithoutExtension(program).Equals("dotnet", StringComparison.OrdinalIgnoreCase)
            ? [program, Path.Combine(AppContext.BaseDirectory, "Gatehouse.Delegate.dll")]
            : [program];
    }
}
