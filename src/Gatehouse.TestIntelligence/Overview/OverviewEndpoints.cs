using System.Text.Json;
using Gatehouse.Contracts.TestIntelligence;
using Gatehouse.TestIntelligence.Protocol;
using Gatehouse.TestIntelligence.Storage;
using Gatehouse.TestIntelligence.Timing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gatehouse.TestIntelligence.Overview;

/// <summary>What selections came to, and what other features of a step say they saved (sheet §7).</summary>
internal sealed class OverviewEndpoints(TiDatabase database, UploadBody bodies, AccountTurns turns, AccountSpace space, TimeProvider time)
{
    private const string Step = "account = ?1 AND org = ?2 AND project = ?3 AND pipeline = ?4 AND build = ?5 AND (?6 = '' OR stage = ?6) AND (?7 = '' OR step = ?7)";
    private static readonly string[] s_features = ["build_cache", "test_intelligence", "docker_layer_caching"];
    private static readonly string[] s_states = ["FULL_RUN", "OPTIMIZED", "DISABLED"];

    public void Map(IEndpointRouteBuilder routes)
    {
        turns.MapGet(routes, "/tests/overview", http => Overview(new TiQuery(http.Request).StepOrAll(), http.RequestAborted) is { } overview
            ? TiAnswer.Json(overview, TiJson.Default.SelectionOverview)
            : TiAnswer.Error(StatusCodes.Status404NotFound, "No step of this build has asked which tests to run."));
        turns.MapGet(routes, "/tests/info", http => TiAnswer.Json(Steps(new TiQuery(http.Request).StepOrAll(), http.RequestAborted), TiJson.Default.IReadOnlyListStepInfo));
        routes.MapPost("/savings", (Delegate)SaveAsync);
    }

    /// <summary>All selections of a step, a stage or a build, added up; null when there is none.</summary>
    public SelectionOverview? Overview(StepKey step, CancellationToken cancellationToken) => database.Read(db =>
    {
        var values = Values(step);
        var selections = db.Rows(
            row => (All: row.GetBoolean(0), Total: row.GetInt32(1), Selected: row.GetInt32(2), New: row.GetInt32(3), Updated: row.GetInt32(4), Source: row.GetInt32(5), From: row.GetString(6), To: row.GetString(7), Repo: row.GetString(8)),
            $"""
            SELECT is_all, total, selected, new_tests, updated_tests, source_code, source_branch, target_branch, (SELECT url FROM repository r WHERE r.id = selection.repository)
            FROM selection WHERE {Step} ORDER BY created_at LIMIT 10000
            """, values);
        if (selections.Count == 0)
            return null;
        var skipped = selections.Sum(one => one.All ? 0 : Math.Max(0, one.Total - one.Selected));
        var average = PipelineRows.Find(db, step.Project, step.Pipeline) is { } pipeline
            ? db.Rows(row => row.IsDBNull(0) ? 0 : row.GetDouble(0), "SELECT avg(average_ms) FROM duration WHERE pipeline = ?1 AND kind = ?2", pipeline, (int)DurationKind.Test)[0]
            : 0;
        var last = selections[^1];
        return new SelectionOverview
        {
            TotalTests = selections.Sum(one => one.Total),
            SkippedTests = skipped,
            TimeSavedMs = (long)(skipped * average),
            TimeTakenMs = db.Scalar($"SELECT CAST(total(c.duration_ms) AS INTEGER) FROM test_case c WHERE c.report IN (SELECT id FROM report WHERE {Step} AND is_whole = 1)", values),
            Repo = last.Repo,
            SourceBranch = last.From,
            TargetBranch = last.To,
            SelectedTests = new SelectedByReason(selections.Sum(one => one.New), selections.Sum(one => one.Updated), selections.Sum(one => one.Source)),
            Savings = db.Rows(row => new FeatureSaving(
                row.GetString(0), row.GetString(1), row.GetInt64(2), row.IsDBNull(3) ? null : JsonSerializer.Deserialize(row.GetString(3), TiJson.Default.SavingDetail)), $"SELECT feature, state, time_ms, detail FROM saving WHERE {Step} ORDER BY stage, step, feature LIMIT 10000", values),
        };
    }, cancellationToken);

    private List<StepInfo> Steps(StepKey step, CancellationToken cancellationToken) => database.Read(db => db.Rows(
        row => new StepInfo(row.GetString(0), row.GetString(1)), $"SELECT DISTINCT step, stage FROM selection WHERE {Step} ORDER BY stage, step LIMIT 10000", Values(step)), cancellationToken);

    private async Task<IResult> SaveAsync(HttpContext http)
    {
        var query = new TiQuery(http.Request);
        var step = query.Step();
        var (feature, state) = (OneOf(query, "featureName", s_features), OneOf(query, "featureState", s_states));
        var duration = query.Number("timeMs", 0, 0);
        if (space.Refusal(step.Project.Account) is { } full)
            throw full;
        // Some clients send no body, others null for what they do not know.
        var detail = http.Request.ContentLength is null or 0 ? null : await bodies.ReadAsync(http, TiLimits.MaxQuestionBytes, SavingsBody.ReadAsync);
        await database.WriteAsync(db => db.Run("""
            INSERT INTO saving (account, org, project, pipeline, build, stage, step, feature, state, time_ms, created_at, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
            ON CONFLICT (account, org, project, pipeline, build, stage, step, feature) DO UPDATE SET state = ?9, time_ms = ?10, created_at = ?11, detail = ?12
            """, [.. Values(step), feature, state, (long)duration, time.GetUtcNow().ToUnixTimeMilliseconds(),
                detail is null ? null : JsonSerializer.Serialize(detail, TiJson.Default.SavingDetail)]), http.RequestAborted);
        return TypedResults.NoContent();
    }

    private static string OneOf(TiQuery query, string name, string[] legal) => query.Required(name) is var value && legal.Contains(value)
        ? value
        : throw new InputException($"The query's {name} is '{TiQuery.Bounded(query.Required(name))}'; use {string.Join(", ", legal)}.");

    private static object?[] Values(StepKey step) => [step.Project.Account, step.Project.Org, step.Project.Project, step.Pipeline, step.Build, step.Stage, step.Step];
}
