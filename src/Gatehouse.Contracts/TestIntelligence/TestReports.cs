using System.Text.Json.Serialization;

namespace Gatehouse.Contracts.TestIntelligence;

/// <summary>One test case of a report (log and TI sheet §7).</summary>
public sealed record TestCase
{
    /// <summary>Name of the test.</summary>
    public string Name { get; init; } = "";

    /// <summary>Class it belongs to; with its package or namespace where the language has one.</summary>
    public string ClassName { get; init; } = "";

    /// <summary>File it is written in; empty when the report does not say.</summary>
    public string FileName { get; init; } = "";

    /// <summary>Suite it was run in.</summary>
    public string SuiteName { get; init; } = "";

    /// <summary>How it ended.</summary>
    public TestResult Result { get; init; } = new();

    /// <summary>How long it took, in milliseconds.</summary>
    public long DurationMs { get; init; }

    /// <summary>What it wrote to standard output.</summary>
    public string Stdout { get; init; } = "";

    /// <summary>What it wrote to standard error.</summary>
    public string Stderr { get; init; } = "";

    /// <summary>Passed and failed on one commit.</summary>
    public bool Flaky { get; init; }

    /// <summary>Put into quarantine by an operator.</summary>
    public bool Quarantine { get; init; }

    /// <summary>Flaky, or in quarantine.</summary>
    public bool Problematic { get; init; }
}

/// <summary>How a test ended.</summary>
public sealed record TestResult
{
    /// <summary>One of <see cref="TestStatus"/>.</summary>
    public string Status { get; init; } = "";

    /// <summary>The first line of a failure.</summary>
    public string Message { get; init; } = "";

    /// <summary>Its type, for example the exception's.</summary>
    public string Type { get; init; } = "";

    /// <summary>All of it, for example a stack trace.</summary>
    public string Desc { get; init; } = "";
}

/// <summary>Words of <see cref="TestResult.Status"/>.</summary>
public static class TestStatus
{
#pragma warning disable CS1591 // The words are the documentation.
    public const string Passed = "passed";
    public const string Skipped = "skipped";
    public const string Failed = "failed";
    public const string Error = "error";
    public const string SkippedByTi = "skipped_by_ti";
#pragma warning restore CS1591
}

/// <summary>Where a page lies.</summary>
public sealed record PageData
{
    /// <summary>Pages there are.</summary>
    [JsonPropertyName("totalPages")]
    public int TotalPages { get; init; }

    /// <summary>Items on all of them.</summary>
    [JsonPropertyName("totalItems")]
    public int TotalItems { get; init; }

    /// <summary>Items on this one.</summary>
    [JsonPropertyName("pageItemCount")]
    public int PageItemCount { get; init; }

    /// <summary>Items on a full one.</summary>
    [JsonPropertyName("pageSize")]
    public int PageSize { get; init; }
}

/// <summary>A page of test cases.</summary>
public sealed record TestCases
{
    /// <summary>Where it lies.</summary>
    public required PageData Data { get; init; }

    /// <summary>The cases.</summary>
    public required IReadOnlyList<TestCase> Content { get; init; }
}

/// <summary>One suite of a report, added up.</summary>
public sealed record TestSuite
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Sum of its tests' durations, in milliseconds.</summary>
    public long DurationMs { get; init; }

    /// <summary>Tests in it.</summary>
    public int TotalTests { get; init; }

    /// <summary>Failed, or ended in an error.</summary>
    public int FailedTests { get; init; }

    /// <summary>Skipped, for whatever reason.</summary>
    public int SkippedTests { get; init; }

    /// <summary>The rest.</summary>
    public int PassedTests { get; init; }

    /// <summary>Share of failed ones, 0 to 100.</summary>
    public int FailPct { get; init; }
}

/// <summary>A page of suites.</summary>
public sealed record TestSuites
{
    /// <summary>Where it lies.</summary>
    public required PageData Data { get; init; }

    /// <summary>The suites.</summary>
    public required IReadOnlyList<TestSuite> Content { get; init; }
}

/// <summary>A report in numbers. Each test counts once, in one of failed, successful, skipped and skipped by selection.</summary>
public sealed record ReportSummary
{
    /// <summary>All cases.</summary>
    public int TotalTests { get; init; }

    /// <summary>Failed, or ended in an error.</summary>
    public int FailedTests { get; init; }

    /// <summary>Neither failed nor skipped.</summary>
    public int SuccessfulTests { get; init; }

    /// <summary>Skipped by the test itself or its framework.</summary>
    public int SkippedTests { get; init; }

    /// <summary>Not run because no change reaches them.</summary>
    public int SkippedByTi { get; init; }

    /// <summary>Sum of all durations, in milliseconds.</summary>
    public long DurationMs { get; init; }

    /// <summary>Cases whose test is flaky.</summary>
    public int FlakyTests { get; init; }
}

/// <summary>A step that has something to show.</summary>
/// <param name="Step">Its id.</param>
/// <param name="Stage">Its stage's id.</param>
public sealed record StepInfo(string Step, string Stage);

/// <summary>What every refusal of the TI service says. Both names, because clients read one or the other (sheet §7).</summary>
/// <param name="ErrorMsg">The sentence.</param>
/// <param name="Message">The same sentence.</param>
/// <param name="Code">The refusal's code when the way in was refused; otherwise absent.</param>
/// <param name="NextStep">What helps then.</param>
public sealed record TiError(
    string ErrorMsg, string Message,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Code = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? NextStep = null);
