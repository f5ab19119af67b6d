using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gatehouse.Contracts.TestIntelligence;

/// <summary>Which tests may be left out, with these files? (log and TI sheet §7, <c>/v2</c>)</summary>
public sealed record SkipTestsRequest
{
    /// <summary>All files with their checksums.</summary>
    public IReadOnlyDictionary<string, ulong>? Files { get; init; }

    /// <summary>What else decides how tests end; only runs of the same context count.</summary>
    public JsonElement? ExecutionContext { get; init; }
}

/// <summary>Which tests may be left out.</summary>
public sealed record SkipTestsResponse
{
    /// <summary>Test files; with the path that stands for everything that is not code, or empty.</summary>
    public required IReadOnlyList<string> SkipTests { get; init; }

    /// <summary>Test files that failed when they last ran.</summary>
    public required IReadOnlyList<string> FailedTests { get; init; }

    /// <summary>For each test to skip, the checksum of the chain that allows it; with <c>coverageEnabled</c> only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? SkipTestChecksums { get; init; }
}

/// <summary>Selects as <see cref="SkipTestsRequest"/> does, and splits what is left into stages.</summary>
public sealed record SelectAndSplitRequest
{
    /// <summary>All files with their checksums.</summary>
    public IReadOnlyDictionary<string, ulong>? Files { get; init; }

    /// <summary>What else decides how tests end.</summary>
    public JsonElement? ExecutionContext { get; init; }

    /// <summary>All tests there are.</summary>
    public IReadOnlyList<string>? AllTests { get; init; }

    /// <summary>How to split.</summary>
    public SplitConfig? SplitConfig { get; init; }
}

/// <summary>How to split.</summary>
/// <param name="MaxStages">At most so many stages; 1 when it is absent.</param>
/// <param name="TimeDataKey">By which durations: <c>file</c> (also when absent), <c>class</c>, <c>suite</c> or <c>test</c>.</param>
/// <param name="DefaultDurationMs">For a test whose duration is not known; 1000 when it is absent.</param>
public sealed record SplitConfig(int MaxStages, string? TimeDataKey, long DefaultDurationMs);

/// <summary>What may be left out, and how the rest was split.</summary>
public sealed record SelectAndSplitResponse
{
    /// <inheritdoc cref="SkipTestsResponse.SkipTests"/>
    public required IReadOnlyList<string> SkipTests { get; init; }

    /// <inheritdoc cref="SkipTestsResponse.FailedTests"/>
    public required IReadOnlyList<string> FailedTests { get; init; }

    /// <summary>Stages there are.</summary>
    public int Parallelism { get; init; }

    /// <summary>Tests in all of them.</summary>
    public int TotalSelectedTests { get; init; }

    /// <summary>For each stage, from 0, how long it should take, in milliseconds.</summary>
    public required IReadOnlyDictionary<string, long> EstimatedDurationMs { get; init; }

    /// <inheritdoc cref="SkipTestsResponse.SkipTestChecksums"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? SkipTestChecksums { get; init; }
}

/// <summary>Which tests does this stage run?</summary>
/// <param name="StageIndex">From 0.</param>
public sealed record StageBatchRequest(int StageIndex);

/// <summary>The tests of a stage.</summary>
/// <param name="TestIds">What to run.</param>
/// <param name="StageIndex">Which stage.</param>
/// <param name="TotalStages">Of how many.</param>
/// <param name="EstimatedDurationMs">How long it should take, in milliseconds.</param>
public sealed record StageBatchResponse(IReadOnlyList<string> TestIds, int StageIndex, int TotalStages, long EstimatedDurationMs);

/// <summary>JSON of <c>/v2</c>: camelCase. Source-generated, so it is safe to trim.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, PropertyNameCaseInsensitive = true, MaxDepth = Limits.MaxJsonDepth,
    NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(SkipTestsRequest))]
[JsonSerializable(typeof(SkipTestsResponse))]
[JsonSerializable(typeof(SelectAndSplitRequest))]
[JsonSerializable(typeof(SelectAndSplitResponse))]
[JsonSerializable(typeof(StageBatchRequest))]
[JsonSerializable(typeof(StageBatchResponse))]
public sealed partial class TiV2Json : JsonSerializerContext;
