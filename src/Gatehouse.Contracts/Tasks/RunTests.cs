using System.Text.Json;
using Gatehouse.Contracts.TestIntelligence;

namespace Gatehouse.Contracts.Tasks;

/// <summary>
/// A test command, run for what a change calls for: the TI service is asked which tests, the command gets the answer in its environment, and the reports it
/// leaves are uploaded. The command's exit code alone decides how the task ends.
/// </summary>
public sealed record RunTestsTask
{
    /// <summary>The text for <c>bash</c> (or <c>sh</c> where there is none), for example <c>dotnet test --settings "$GATEHOUSE_TI_DOTNET_SETTINGS"</c>.</summary>
    public string? Command { get; init; }

    /// <summary>Run first, before anything is asked: where a checkout is made. When it fails, the task ends with its exit code. Null: nothing.</summary>
    public string? Prepare { get; init; }

    /// <summary>Folder of the checkout on the delegate's machine, absolute; null: the task's own folder, which is empty at the start and gone at the end.</summary>
    public string? Directory { get; init; }

    /// <summary>Added to the environment of both; values may be secret.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>To what the tests belong.</summary>
    public TestStep? Step { get; init; }

    /// <summary>What changed; null: not known, so everything runs.</summary>
    public TestChanges? Changes { get; init; }

    /// <summary>True: everything runs, whatever changed; reports and call graphs are uploaded all the same.</summary>
    public bool RunAll { get; init; }

    /// <summary>Globs of JUnit XML files below the folder (<c>*</c>, <c>?</c>, <c>**</c>); at most 100. Files that the command has not written are passed over.</summary>
    public IReadOnlyList<string>? Reports { get; init; }

    /// <summary>Under which name the report is kept; null: <c>junit</c>.</summary>
    public string? ReportName { get; init; }

    /// <summary>File with the call graph, below the folder, where the command writes one: Avro as for <c>/tests/uploadcg</c>, or JSON as for <c>/v2/uploadcg</c>.</summary>
    public string? CallGraph { get; init; }
}

/// <summary>To what tests belong, in the TI service's words (log and TI sheet §7).</summary>
public sealed record TestStep
{
#pragma warning disable CS1591 // The names are the wire's.
    public string? OrgId { get; init; }
    public string? ProjectId { get; init; }
    public string? PipelineId { get; init; }
    public string? BuildId { get; init; }
    public string? StageId { get; init; }
    public string? StepId { get; init; }
#pragma warning restore CS1591

    /// <summary>Address of the repository.</summary>
    public string? Repo { get; init; }

    /// <summary>The commit.</summary>
    public string? Sha { get; init; }

    /// <summary>Its page.</summary>
    public string? CommitLink { get; init; }

    /// <summary>Branch that is built; null: the target.</summary>
    public string? SourceBranch { get; init; }

    /// <summary>Branch it is compared with.</summary>
    public string? TargetBranch { get; init; }
}

/// <summary>What changed: exactly one of the three.</summary>
public sealed record TestChanges
{
    /// <summary>The files, as whoever orders the task knows them.</summary>
    public IReadOnlyList<ChangedFileInfo>? Files { get; init; }

    /// <summary>True: ask git in the folder, against <see cref="GitBase"/>.</summary>
    public bool Git { get; init; }

    /// <summary>Commit that git compares with; null: the last of the target branch whose tests the TI service accounts for.</summary>
    public string? GitBase { get; init; }

    /// <summary>All files with their checksums: a list of test files to skip is asked for (<c>/v2/select</c>).</summary>
    public IReadOnlyDictionary<string, ulong>? Checksums { get; init; }

    /// <summary>With <see cref="Checksums"/>: what else decides how tests end.</summary>
    public JsonElement? ExecutionContext { get; init; }
}

/// <summary>How a test command ended.</summary>
/// <param name="ExitCode">The command's exit code; 128 + n when it died of signal n; null when it never ended by itself.</param>
/// <param name="TimedOut">True when it was killed at its time limit.</param>
/// <param name="Aborted">True when it was killed on request.</param>
/// <param name="OutputBytes">Bytes of output that it wrote.</param>
/// <param name="Error">Why it could not be run, if it could not.</param>
public sealed record RunTestsResult(int? ExitCode, bool TimedOut = false, bool Aborted = false, long OutputBytes = 0, string? Error = null)
{
    /// <summary>What was to run; null when it did not come to that.</summary>
    public TestsToRun? Selection { get; init; }

    /// <summary>What the reports say; null when it did not come to that.</summary>
    public ReportSummary? Report { get; init; }

    /// <summary>True when the TI service has taken the report.</summary>
    public bool ReportUploaded { get; init; }

    /// <summary>True when the TI service has taken the call graph.</summary>
    public bool CallGraphUploaded { get; init; }
}

/// <summary>What was to run.</summary>
/// <param name="Mode"><c>all</c>, <c>some</c>, <c>none</c>, or <c>skip</c> for a list of test files to leave out.</param>
/// <param name="Reason">Why everything; null otherwise.</param>
/// <param name="Known">Tests that the TI service knows.</param>
/// <param name="Selected">Of these to run; with <c>skip</c> the test files to leave out.</param>
public sealed record TestsToRun(string Mode, string? Reason = null, int Known = 0, int Selected = 0);
