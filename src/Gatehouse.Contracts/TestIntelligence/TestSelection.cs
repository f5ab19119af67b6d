using System.Text.Json.Serialization;

namespace Gatehouse.Contracts.TestIntelligence;

/// <summary>Which tests are to run for these changes? (log and TI sheet §7)</summary>
public sealed record SelectTestsRequest
{
    /// <summary>True: everything is run whatever the answer; the totals are wanted.</summary>
    public bool SelectAll { get; init; }

    /// <summary>What changed.</summary>
    public IReadOnlyList<ChangedFileInfo>? Files { get; init; }

    /// <summary>Branch that is built.</summary>
    public string? SourceBranch { get; init; }

    /// <summary>Branch it is compared with.</summary>
    public string? TargetBranch { get; init; }

    /// <summary>Address of the repository.</summary>
    public string? Repo { get; init; }

    /// <summary>The repository's <c>.ticonfig.yaml</c>.</summary>
    public TiConfig? TiConfig { get; init; }

    /// <summary>Which files are tests; by the habits of their languages when absent.</summary>
    public IReadOnlyList<string>? TestGlobs { get; init; }

    /// <summary>Language of the step.</summary>
    public string? Language { get; init; }
}

/// <summary>As <see cref="SelectTestsRequest"/>, from runners that ask a model (log and TI sheet §7, <c>/ml</c>). There is none here: the call graphs answer.</summary>
/// <param name="SelectAll">True: everything is run whatever the answer.</param>
/// <param name="Files">What changed; null when the client does not say.</param>
public sealed record MlSelectTestsRequest(bool SelectAll = false, IReadOnlyList<ChangedFileInfo>? Files = null);

/// <summary>A changed file.</summary>
/// <param name="Name">Path from the repository's root.</param>
/// <param name="Status"><c>modified</c>, <c>added</c> or <c>deleted</c>; a rename is a deleted and an added one.</param>
/// <param name="Package">Its package, where the client knows it.</param>
public sealed record ChangedFileInfo(string? Name, string? Status, string? Package = null);

/// <summary>The repository's settings.</summary>
/// <param name="Config">They lie one level deeper, under this very name.</param>
public sealed record TiConfig([property: JsonPropertyName("Config")] TiConfigBody? Config);

/// <summary>The repository's settings.</summary>
/// <param name="Ignore">Globs of files whose changes count for nothing.</param>
public sealed record TiConfigBody([property: JsonPropertyName("ignore")] IReadOnlyList<string>? Ignore);

/// <summary>Which tests to run.</summary>
public sealed record SelectTestsResponse
{
    /// <summary>Tests that are known.</summary>
    public int TotalTests { get; init; }

    /// <summary>Tests to run; all that are known when <see cref="SelectAll"/>.</summary>
    public int SelectedTests { get; init; }

    /// <summary>Of these: added by the change.</summary>
    public int NewTests { get; init; }

    /// <summary>Of these: written in a changed file.</summary>
    public int UpdatedTests { get; init; }

    /// <summary>Of these: reach a changed file.</summary>
    public int SrcCodeTests { get; init; }

    /// <summary>Of these: failed when they last ran.</summary>
    public int PreviousFailures { get; init; }

    /// <summary>Run everything; <see cref="Tests"/> is empty then.</summary>
    public bool SelectAll { get; init; }

    /// <summary>Ours, not the public protocol's: why everything, in a sentence; absent otherwise.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }

    /// <summary>What to run.</summary>
    public required IReadOnlyList<RunnableTest> Tests { get; init; }
}

/// <summary>A test to run; all of its class when <see cref="Method"/> is empty.</summary>
public sealed record RunnableTest
{
    /// <summary>Package or namespace.</summary>
    public required string Pkg { get; init; }

    /// <summary>Class; never empty.</summary>
    public required string Class { get; init; }

    /// <summary>Method; may be empty.</summary>
    public required string Method { get; init; }

    /// <summary>Why: one of <see cref="SelectionReason"/>.</summary>
    public required string Selection { get; init; }

    /// <summary>How its language finds it; not used.</summary>
    public TestAutodetect Autodetect { get; init; } = new("");
}

/// <summary>How a language finds a test.</summary>
/// <param name="Rule">Always empty here.</param>
public sealed record TestAutodetect(string Rule);

/// <summary>Words of <see cref="RunnableTest.Selection"/>.</summary>
public static class SelectionReason
{
#pragma warning disable CS1591 // The words are the documentation.
    public const string SourceCode = "source_code";
    public const string NewTest = "new_test";
    public const string UpdatedTest = "updated_test";
    public const string PreviousFailure = "previous_failure";
    public const string AlwaysRun = "always_run_test";
#pragma warning restore CS1591
}

/// <summary>The commit up to which a step's tests are known to the service.</summary>
/// <param name="CommitId">Empty when there is none: the client then runs everything.</param>
public sealed record CommitInfo(string CommitId);
