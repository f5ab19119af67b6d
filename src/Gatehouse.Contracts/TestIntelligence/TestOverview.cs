using System.Text.Json.Serialization;

namespace Gatehouse.Contracts.TestIntelligence;

/// <summary>What a selection came to (log and TI sheet §7).</summary>
public sealed record SelectionOverview
{
    /// <summary>Tests that were known.</summary>
    public int TotalTests { get; init; }

    /// <summary>Tests that were left out.</summary>
    public int SkippedTests { get; init; }

    /// <summary>What those take on average, in milliseconds.</summary>
    public long TimeSavedMs { get; init; }

    /// <summary>What the tests that ran took, in milliseconds.</summary>
    public long TimeTakenMs { get; init; }

    /// <summary>The repository.</summary>
    public string Repo { get; init; } = "";

    /// <summary>Branch that was built.</summary>
    public string SourceBranch { get; init; } = "";

    /// <summary>Branch it was compared with.</summary>
    public string TargetBranch { get; init; } = "";

    /// <summary>Why tests ran.</summary>
    public SelectedByReason SelectedTests { get; init; } = new(0, 0, 0);

    /// <summary>What the step's other features say they saved.</summary>
    public IReadOnlyList<FeatureSaving> Savings { get; init; } = [];
}

/// <summary>Selected tests by reason.</summary>
/// <param name="NewTests">Added by the change.</param>
/// <param name="UpdatedTests">Written in a changed file.</param>
/// <param name="SourceCodeChanges">Reach a changed file.</param>
public sealed record SelectedByReason(int NewTests, int UpdatedTests, int SourceCodeChanges);

/// <summary>A feature of a step, and how it did.</summary>
/// <param name="Feature">For example <c>build_cache</c>.</param>
/// <param name="State"><c>FULL_RUN</c>, <c>OPTIMIZED</c> or <c>DISABLED</c>.</param>
/// <param name="TimeMs">How long the step took, in milliseconds.</param>
/// <param name="Detail">What it said of its parts; null: nothing.</param>
public sealed record FeatureSaving(
    string Feature, string State, long TimeMs, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] SavingDetail? Detail = null);

/// <summary>Parts of a step of which some were spared: the tasks of a Gradle build, the projects of a Maven build, the layers of an image.</summary>
/// <param name="Parts">How many there were.</param>
/// <param name="Spared">How many came from a cache, or had nothing to do.</param>
/// <param name="SparedMs">How long those took all the same, in milliseconds.</param>
public sealed record SavingDetail(int Parts, int Spared, long SparedMs);

/// <summary>A file to download.</summary>
/// <param name="Url">Its address, on the host that was asked; it wants the token that the question had.</param>
/// <param name="RelPath">Where to put it.</param>
public sealed record DownloadLink(string Url, string RelPath);

/// <summary>Tests in quarantine.</summary>
/// <param name="Tests">Each once.</param>
public sealed record QuarantinedTests(IReadOnlyList<QuarantinedTest> Tests);

/// <summary>A test in quarantine.</summary>
public sealed record QuarantinedTest
{
    /// <summary>Stable as long as the test is reported.</summary>
    public required string TestId { get; init; }

    /// <summary>Its name.</summary>
    public required string TestName { get; init; }

    /// <summary>Its class.</summary>
    public required string ClassName { get; init; }

    /// <summary>Its suite.</summary>
    public string? SuiteName { get; init; }

    /// <summary>Why an operator put it there; null: it is flaky.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }
}

/// <summary>A picture of which sources which tests reach.</summary>
/// <param name="Nodes">Classes and files.</param>
/// <param name="Edges">From a source to the tests that reach it.</param>
public sealed record CallGraphView(IReadOnlyList<CallGraphNode> Nodes, IReadOnlyList<CallGraphEdge> Edges);

/// <summary>A class or file in the picture.</summary>
/// <param name="Id">Number within the picture.</param>
/// <param name="Root">It was asked for.</param>
/// <param name="Important">Nodes that edges lead from or to.</param>
/// <param name="Package">Package or namespace; may be empty.</param>
/// <param name="Class">Class; may be empty.</param>
/// <param name="File">File, as far as the graph names it; may be empty.</param>
/// <param name="Type"><c>test</c> or <c>source</c>.</param>
public sealed record CallGraphNode(int Id, bool Root, bool Important, string Package, string Class, string File, string Type);

/// <summary>Which tests reach a source.</summary>
/// <param name="From">The source.</param>
/// <param name="To">The tests.</param>
public sealed record CallGraphEdge(int From, IReadOnlyList<int> To);
