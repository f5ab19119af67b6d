using Gatehouse.Contracts;
using Gatehouse.Contracts.TestIntelligence;
using Gatehouse.TestIntelligence.Overview;
using Gatehouse.TestIntelligence.Protocol;
using Gatehouse.TestIntelligence.Quarantine;
using Gatehouse.TestIntelligence.Reports;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gatehouse.TestIntelligence.Operators;

/// <summary>What operators read: a build's reports and what was left out. They ask for the operator key, and errors are RFC 9457, as everywhere on that listener.</summary>
internal sealed class OperatorEndpoints(IOperatorAdmission admission, ReportReader reports, OverviewEndpoints overviews, QuarantineList quarantine) : IEndpointFilter
{
    public void Map(IEndpointRouteBuilder routes)
    {
        var guarded = routes.MapGroup("").AddEndpointFilter(this);
        guarded.MapGet(Routes.Operator.TestSummary, (HttpRequest request) => Results.Json(reports.Summary(KeyOf(new TiQuery(request)), request.HttpContext.RequestAborted), TiJson.Default.ReportSummary));
        guarded.MapGet(Routes.Operator.TestCases, (HttpRequest request) =>
            Results.Json(reports.Find(KeyOf(new TiQuery(request)), CaseQuery.Of(new TiQuery(request), manyTerms: true), request.HttpContext.RequestAborted), TiJson.Default.TestCases));
        guarded.MapGet(Routes.Operator.TestOverview, (HttpContext http) => overviews.Overview(new TiQuery(http.Request).StepOrAll(), http.RequestAborted) is { } overview
            ? Results.Json(overview, TiJson.Default.SelectionOverview)
            : Problem(http, StatusCodes.Status404NotFound, "selection_not_found", "No step of this build has asked which tests to run."));
        guarded.MapGet(Routes.Operator.TestQuarantine, (HttpContext http) => Quarantined(new TiQuery(http.Request).Repository(), http.RequestAborted));
        guarded.MapPut(Routes.Operator.TestQuarantine, (Delegate)((HttpContext http) => SetQuarantineAsync(http, isIn: true)));
        guarded.MapDelete(Routes.Operator.TestQuarantine, (Delegate)((HttpContext http) => SetQuarantineAsync(http, isIn: false)));
    }

    private async Task<IResult> SetQuarantineAsync(HttpContext http, bool isIn)
    {
        var query = new TiQuery(http.Request);
        var repository = query.Repository();
        await quarantine.SetAsync(repository, query.Optional("class"), query.Required("test"), isIn, isIn ? query.Optional("reason") : "", http.RequestAborted);
        return Quarantined(repository, http.RequestAborted);
    }

    private IResult Quarantined(RepositoryKey repository, CancellationToken aborted) => Results.Json(new QuarantinedTests(quarantine.Of(repository, aborted)), TiJson.Default.QuarantinedTests);

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (!admission.Admits(http.Request.Headers[HeaderNames.ApiKey]))
            return Problem(http, StatusCodes.Status401Unauthorized, "invalid_api_key", $"The header {HeaderNames.ApiKey} is missing or not a key of this server.");
        var account = new TiQuery(http.Request).Account;
        if (!admission.HasAccount(account))
            return Problem(http, StatusCodes.Status404NotFound, "account_not_found", $"There is no account '{TiQuery.Bounded(account)}' here.");
        try
        {
            return await next(context);
        }
        catch (InputException e)
        {
            return Problem(http, e.Status, "invalid_request", e.Message);
        }
    }

    private static ReportKey KeyOf(TiQuery query) => new(query.StepOrAll(), query.Optional("report"));

    private static IResult Problem(HttpContext http, int status, string code, string detail) => Results.Json(
        new Problem { Type = "about:blank", Title = code, Status = status, Detail = detail, Code = code, TraceId = http.TraceIdentifier },
        ContractsJson.Default.Problem, "application/problem+json", status);
}
