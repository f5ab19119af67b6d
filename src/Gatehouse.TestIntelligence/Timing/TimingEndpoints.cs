using System.Globalization;
using Gatehouse.Contracts.TestIntelligence;
using Gatehouse.TestIntelligence.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gatehouse.TestIntelligence.Timing;

/// <summary>Durations, for runners that split tests themselves (sheet §7).</summary>
internal sealed class TimingEndpoints(UploadBody bodies, AccountTurns turns, Durations durations, TimingAnswers answers)
{
    public void Map(IEndpointRouteBuilder routes) => routes.MapPost("/tests/timedata", (Delegate)TimesAsync);

    private async Task<IResult> TimesAsync(HttpContext http)
    {
        var query = new TiQuery(http.Request);
        var (project, pipeline, build, averages) = (query.Project(), query.Required("pipelineId"), query.Optional("buildId"), query.IsSet("enableAverages"));
        var asked = await bodies.ReadJsonAsync(http, TiJson.Default.GetTestTimesRequest);
        using var turn = await turns.EnterAsync(http);
        // Clients that say when their build began have steps that run at once.
        if (build.Length == 0 || query.Optional("buildStartTime").Length == 0)
            return TiAnswer.LongJson(Now(), TiJson.Default.GetTestTimesResponse);
        var question = string.Create(CultureInfo.InvariantCulture, $"{averages} {asked.IncludeFilename} {asked.IncludeTestSuite} {asked.IncludeTestCase} {asked.IncludeClassname}");
        return TiAnswer.LongJson(await answers.OfAsync(project, pipeline, build, question, Now, http.RequestAborted), TiJson.Default.GetTestTimesResponse);

        GetTestTimesResponse Now() => new()
        {
            FileTimeMap = Of(asked.IncludeFilename, DurationKind.File),
            SuiteTimeMap = Of(asked.IncludeTestSuite, DurationKind.Suite),
            TestTimeMap = Of(asked.IncludeTestCase, DurationKind.Test),
            ClassTimeMap = Of(asked.IncludeClassname, DurationKind.Class),
        };

        IReadOnlyDictionary<string, long> Of(bool isAsked, DurationKind kind) => isAsked ? durations.Of(project, pipeline, kind, averages) : new Dictionary<string, long>();
    }
}
