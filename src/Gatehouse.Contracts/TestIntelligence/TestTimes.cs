namespace Gatehouse.Contracts.TestIntelligence;

/// <summary>How long do things take? (log and TI sheet §7)</summary>
public sealed record GetTestTimesRequest
{
    /// <summary>Durations by file.</summary>
    public bool IncludeFilename { get; init; }

    /// <summary>Durations by suite.</summary>
    public bool IncludeTestSuite { get; init; }

    /// <summary>Durations by test.</summary>
    public bool IncludeTestCase { get; init; }

    /// <summary>Durations by class.</summary>
    public bool IncludeClassname { get; init; }
}

/// <summary>Durations in whole milliseconds: a fraction makes clients fail.</summary>
public sealed record GetTestTimesResponse
{
    /// <summary>By file; empty when it was not asked for, as the others.</summary>
    public required IReadOnlyDictionary<string, long> FileTimeMap { get; init; }

    /// <summary>By suite.</summary>
    public required IReadOnlyDictionary<string, long> SuiteTimeMap { get; init; }

    /// <summary>By test.</summary>
    public required IReadOnlyDictionary<string, long> TestTimeMap { get; init; }

    /// <summary>By class.</summary>
    public required IReadOnlyDictionary<string, long> ClassTimeMap { get; init; }
}
