using System.Text.Json;
using Gatehouse.Contracts.TestIntelligence;
using Gatehouse.TestIntelligence.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gatehouse.TestIntelligence.Reports;

/// <summary>The routes below <c>/reports</c> (sheet §7).</summary>
internal sealed class ReportEndpoints(UploadBody bodies, AccountTurns turns, ReportWriter writer, ReportReader reader)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/reports/write", (Delegate)WriteAsync);
        MapRead(routes, "/reports/summary", (query, aborted) => TiAnswer.Json(reader.Summary(KeyOf(query), aborted), TiJson.Default.ReportSummary));
        MapRead(routes, "/reports/info", (query, aborted) => TiAnswer.Json(reader.Steps(KeyOf(query), aborted), TiJson.Default.IReadOnlyListStepInfo));
        MapRead(routes, "/reports/test_cases", (query, aborted) => Cases(query, manyTerms: false, aborted));
        MapRead(routes, "/reports/test_cases_v2", (query, aborted) => Cases(query, manyTerms: true, aborted));
        MapRead(routes, "/reports/test_suites", Suites);
    }

    private void MapRead(IEndpointRouteBuilder routes, string path, Func<TiQuery, CancellationToken, IResult> read) =>
        turns.MapGet(routes, path, http => read(new TiQuery(http.Request), http.RequestAborted));

    private async Task<IResult> WriteAsync(HttpContext http)
    {
        var query = new TiQuery(http.Request);
        var key = new ReportKey(query.Step(), query.Required("report"));
        var origin = new ReportOrigin(new RepositoryKey(key.Step.Project, TiQuery.NormalRepository(query.Optional("repo"))), query.Optional("sha"), query.Optional("commitLink"));
        await bodies.ReadAsync(http, TiLimits.MaxDecodedBytes, async (body, cancel) =>
        {
            await writer.AddAsync(key, origin, await CasesAsync(body, cancel), cancel);
            return true;
        }, isKept: true);
        return TypedResults.NoContent();
    }

    private static async Task<List<TestCase>> CasesAsync(Stream body, CancellationToken cancel)
    {
        var cases = new List<TestCase>();
        try
        {
            await foreach (var testCase in JsonSerializer.DeserializeAsyncEnumerable(body, TiJson.Default.TestCase, cancel))
            {
                cases.Add(testCase ?? throw new InputException("The report holds a null where a test case should be."));
                if (cases.Count > TiLimits.MaxCasesPerReport)
                    throw new InputException($"The report holds more than {TiLimits.MaxCasesPerReport} cases, which is the limit for one step.");
            }
            return cases;
        }
        catch (JsonException e)
        {
            throw new InputException(UploadBody.Describe(e));
        }
    }

    private IResult Cases(TiQuery query, bool manyTerms, CancellationToken aborted) =>
        TiAnswer.LongJson(reader.Find(KeyOf(query), CaseQuery.Of(query, manyTerms), aborted), TiJson.Default.TestCases);

    private IResult Suites(TiQuery query, CancellationToken aborted) => TiAnswer.LongJson(
        reader.Suites(KeyOf(query), query.Number("pageIndex", 0, 0), Math.Min(query.Number("pageSize", TiLimits.DefaultPageSize, 1), TiLimits.MaxPageSize), aborted), TiJson.Default.TestSuites);

    private static ReportKey KeyOf(TiQuery query) => new(query.StepOrAll(), query.Optional("report"));
}
