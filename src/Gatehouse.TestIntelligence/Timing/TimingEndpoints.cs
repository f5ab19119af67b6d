using Gatehouse.Contracts.TestIntelligence;
using Gatehouse.TestIntelligence.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gatehouse.TestIntelligence.Timing;

/// <summary>Durations, for runners that split tests themselves (sheet §7).</summary>
internal sealed class TimingEndpoints(UploadBody bodies, AccountTurns turns, Durations durations)
{
    public void Map(IEndpointRouteBuilder routes) => routes.MapPost("/tests/timedata", (Delegate)TimesAsync);

    private async Task<IResult> TimesAsync(HttpContext http)
    {
        var query = new TiQuery(http.Request);
        var (project, pipeline, averages) = (query.Project(), query.Required("pipelineId"), query.IsSet("enableAverages"));
        var asked = await bodies.ReadJsonAsync(http, TiJson.Default.GetTestTimesRequest);
        using var turn = await turns.EnterAsync(http);
        return TiAnswer.LongJson(
            new GetTestTimesResponse
            {
                FileTimeMap = Of(asked.IncludeFilename, DurationKind.File),
                SuiteTimeMap = Of(asked.IncludeTestSuite, DurationKind.Suite),
                TestTimeMap = Of(asked.IncludeTestCase, DurationKind.Test),
                ClassTimeMap = Of(asked.IncludeClassname, DurationKind.Class),
            }, TiJson.Default.GetTestTimesResponse);

        IReadOnlyDictionary<string, long> Of(bool isAsked, DurationKind kind) => isAsked ? durations.Of(project, pipeline, kind, averages) : new Dictionary<string, long>();
    }
}
