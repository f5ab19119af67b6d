using System.Globalization;
using System.Text.Json;
using Gatehouse.Contracts.TestIntelligence;
using Gatehouse.TestIntelligence.Protocol;
using Gatehouse.TestIntelligence.Splits;
using Gatehouse.TestIntelligence.Timing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gatehouse.TestIntelligence.SkipLists;

/// <summary>Skip lists by checksum, and the tests that are left in stages (sheet §7, <c>/v2</c>).</summary>
internal sealed class SkipListEndpoints(UploadBody bodies, AccountTurns turns, SkipListStore skips, Durations durations, SplitStore splits)
{
    private const int MostStages = 1000;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v2/uploadcg", (Delegate)UploadAsync);
        routes.MapPost("/v2/select", (Delegate)SelectAsync);
        routes.MapPost("/v2/select-and-split", (Delegate)SplitAsync);
        routes.MapPost("/v2/stage-batch", (Delegate)BatchAsync);
    }

    private async Task<IResult> UploadAsync(HttpContext http)
    {
        var repository = new TiQuery(http.Request).Repository();
        await bodies.ReadAsync(http, TiLimits.MaxDecodedBytes, async (body, cancel) =>
        {
            await skips.MergeAsync(repository, Parse(body), cancel);
            return true;
        }, isKept: true);
        return TypedResults.NoContent();
    }

    private static SkipUpload Parse(Stream json)
    {
        try
        {
            return SkipUpload.Read(json);
        }
        catch (JsonException e)
        {
            throw new InputException(UploadBody.Describe(e));
        }
    }

    private async Task<IResult> SelectAsync(HttpContext http)
    {
        var query = new TiQuery(http.Request);
        var repository = query.Repository();
        var body = await bodies.ReadJsonAsync(http, TiV2Json.Default.SkipTestsRequest);
        using var turn = await turns.EnterAsync(http);
        var list = Select(repository, body.Files, body.ExecutionContext);
        return TiAnswer.LongJson(
            new SkipTestsResponse { SkipTests = [.. list.Skip.Keys], FailedTests = list.Failed, SkipTestChecksums = Checksums(query, list) }, TiV2Json.Default.SkipTestsResponse);
    }

    private async Task<IResult> SplitAsync(HttpContext http)
    {
        var query = new TiQuery(http.Request);
        var (repository, pipeline, build) = (query.Repository(), query.Required("pipelineId"), query.Required("buildId"));
        var body = await bodies.ReadJsonAsync(http, TiV2Json.Default.SelectAndSplitRequest, isKept: true);
        var config = body.SplitConfig ?? new SplitConfig(1, null, 0);
        if (config.MaxStages is < 0 or > MostStages || config.DefaultDurationMs is < 0 or > int.MaxValue)
            throw new InputException($"splitConfig has maxStages {config.MaxStages} and defaultDurationMs {config.DefaultDurationMs}; they are whole numbers up to {MostStages} and {int.MaxValue}.");
        using var turn = await turns.EnterAsync(http);
        var list = Select(repository, body.Files, body.ExecutionContext);
        var known = durations.Of(repository.Project, pipeline, KindOf(config.TimeDataKey), averages: true);
        var unknown = config.DefaultDurationMs > 0 ? config.DefaultDurationMs : 1000;
        var left = (body.AllTests ?? []).Where(test => test is { Length: > 0 } && !list.Skip.ContainsKey(test));
        var stages = StageSplit.Of(left, test => known.GetValueOrDefault(test, unknown), Math.Max(config.MaxStages, 1));
        await splits.KeepAsync(repository, pipeline, build, stages, http.RequestAborted);
        return TiAnswer.LongJson(
            new SelectAndSplitResponse
            {
                SkipTests = [.. list.Skip.Keys],
                FailedTests = list.Failed,
                Parallelism = stages.Count,
                TotalSelectedTests = stages.Sum(stage => stage.Tests.Count),
                EstimatedDurationMs = stages.Select((stage, index) => (index, stage)).ToDictionary(pair => pair.index.ToString(CultureInfo.InvariantCulture), pair => pair.stage.EstimatedMs),
                SkipTestChecksums = Checksums(query, list),
            }, TiV2Json.Default.SelectAndSplitResponse);
    }

    private async Task<IResult> BatchAsync(HttpContext http)
    {
        var query = new TiQuery(http.Request);
        var (repository, pipeline, build) = (query.Repository(), query.Required("pipelineId"), query.Required("buildId"));
        var asked = await bodies.ReadJsonAsync(http, TiV2Json.Default.StageBatchRequest);
        using var turn = await turns.EnterAsync(http);
        if (splits.Find(repository, pipeline, build) is not { } stages)
            throw new InputException($"The tests of build {TiQuery.Bounded(build)} have not been split; ask for /v2/select-and-split first.", StatusCodes.Status404NotFound);
        if (asked.StageIndex < 0 || asked.StageIndex >= stages.Count)
            throw new InputException($"There is no stage {asked.StageIndex}; the tests of this build were split into {stages.Count}, counted from 0.");
        var stage = stages[asked.StageIndex];
        return TiAnswer.LongJson(new StageBatchResponse(stage.Tests, asked.StageIndex, stages.Count, stage.EstimatedMs), TiV2Json.Default.StageBatchResponse);
    }

    private SkipList Select(RepositoryKey repository, IReadOnlyDictionary<string, ulong>? files, JsonElement? context) =>
        SkipSelector.Select(skips.Find(repository, ContextOf(context)), files ?? new Dictionary<string, ulong>());

    private static string ContextOf(JsonElement? context)
    {
        try
        {
            return SkipUpload.ContextOf(context);
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException)
        {
            // Half a character, escaped: it parses, and nobody can read it.
            throw new InputException("The executionContext holds a text that is not Unicode.");
        }
    }

    private static Dictionary<string, string>? Checksums(TiQuery query, SkipList list) => query.IsSet("coverageEnabled")
        ? list.Skip.ToDictionary(pair => pair.Key, pair => pair.Value.ToString(CultureInfo.InvariantCulture))
        : null;

    private static DurationKind KindOf(string? key) => key?.ToLowerInvariant() switch
    {
        null or "" or "file" or "filename" or "file_time_map" => DurationKind.File,
        "class" or "classname" or "class_time_map" => DurationKind.Class,
        "suite" or "testsuite" or "suite_time_map" => DurationKind.Suite,
        "test" or "testcase" or "test_time_map" => DurationKind.Test,
        _ => throw new InputException($"splitConfig has timeDataKey '{TiQuery.Bounded(key)}'; use file, class, suite or test."),
    };
}
