namespace Gatehouse.Client;

/// <summary>A step of a build, as the TI service's queries name it (log and TI sheet §7).</summary>
/// <param name="Org">Organisation.</param>
/// <param name="Project">Project.</param>
/// <param name="Pipeline">Pipeline.</param>
/// <param name="Build">Build.</param>
/// <param name="Stage">Stage.</param>
/// <param name="Step">Step.</param>
/// <param name="Repository">Address of the repository.</param>
public sealed record TiStep(string Org, string Project, string Pipeline, string Build, string Stage, string Step, string Repository)
{
    /// <summary>The commit; empty when it is not known.</summary>
    public string Sha { get; init; } = "";

    /// <summary>The commit's page; empty when there is none.</summary>
    public string CommitLink { get; init; } = "";

    /// <summary>Branch that is built.</summary>
    public required string SourceBranch { get; init; }

    /// <summary>Branch it is compared with.</summary>
    public required string TargetBranch { get; init; }
}
