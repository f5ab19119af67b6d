namespace Gatehouse.Load;

/// <summary>What every scenario needs.</summary>
internal sealed record BenchContext
{
    public required BenchPlan Plan { get; init; }
    public required BenchCertificates Certificates { get; init; }

    /// <summary>Temporary, the run's own, deleted at its end.</summary>
    public required string Folder { get; init; }

    /// <summary>Gatehouse.Server.dll.</summary>
    public required string ServerProgram { get; init; }

    /// <summary>Gatehouse.Delegate.dll.</summary>
    public required string DelegateProgram { get; init; }

    /// <summary>A new folder below <see cref="Folder"/>.</summary>
    public string NewFolder() => Directory.CreateDirectory(Path.Combine(Folder, Path.GetRandomFileName())).FullName;

    /// <summary>Says on stderr what is going on; stdout is for the tables.</summary>
    public static void Say(string text) => Console.Error.WriteLine(text);
}
