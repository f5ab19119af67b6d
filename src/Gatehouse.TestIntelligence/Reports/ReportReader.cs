using Gatehouse.Contracts.TestIntelligence;
using Gatehouse.TestIntelligence.Storage;

namespace Gatehouse.TestIntelligence.Reports;

/// <summary>Reads reports back: in numbers, by suite, case by case.</summary>
internal sealed class ReportReader(TiDatabase database)
{
    private const string Failed = "c.status IN ('failed', 'error')";

    /// <summary>The cases of a report; an empty stage, step or name stands for all.</summary>
    private const string Cases = $"FROM report r JOIN test_case c ON c.report = r.id JOIN test t ON t.id = c.test WHERE {Reports}";

    private const string Reports = """
        r.account = ?1 AND r.org = ?2 AND r.project = ?3 AND r.pipeline = ?4 AND r.build = ?5
            AND (?6 = '' OR r.stage = ?6) AND (?7 = '' OR r.step = ?7) AND (?8 = '' OR r.title = ?8) AND r.is_whole = 1
        """;

    private const int MostSteps = 10_000;

    internal const string FlakyTest = "(c.flaky = 1 OR t.flaky_at IS NOT NULL)";

    public ReportSummary Summary(ReportKey key, CancellationToken cancellationToken) => database.Read(db => db.Rows(
        row => new ReportSummary
        {
            TotalTests = row.GetInt32(0),
            FailedTests = row.GetInt32(1),
            SkippedTests = row.GetInt32(2),
            SkippedByTi = row.GetInt32(3),
            SuccessfulTests = row.GetInt32(0) - row.GetInt32(1) - row.GetInt32(2) - row.GetInt32(3),
            DurationMs = row.GetInt64(4),
            FlakyTests = row.GetInt32(5),
        },
        $"SELECT count(*), total({Failed}), total(c.status = 'skipped'), total(c.status = 'skipped_by_ti'), total(c.duration_ms), total({FlakyTest}) {Cases}",
        Values(key))[0], cancellationToken);

    public IReadOnlyList<StepInfo> Steps(ReportKey key, CancellationToken cancellationToken) => database.Read(db => db.Rows(
        row => new StepInfo(row.GetString(0), row.GetString(1)),
        $"SELECT DISTINCT r.step, r.stage FROM report r WHERE {Reports} ORDER BY r.stage, r.step LIMIT {MostSteps}", Values(key)), cancellationToken);

    public TestSuites Suites(ReportKey key, int pageIndex, int pageSize, CancellationToken cancellationToken) => database.Read(db =>
    {
        var values = Values(key);
        var total = (int)db.Scalar($"SELECT count(DISTINCT t.suite) {Cases}", values);
        var content = db.Rows(
            row => new TestSuite
            {
                Name = row.GetString(0),
                TotalTests = row.GetInt32(1),
                FailedTests = row.GetInt32(2),
                SkippedTests = row.GetInt32(3),
                PassedTests = row.GetInt32(1) - row.GetInt32(2) - row.GetInt32(3),
                DurationMs = row.GetInt64(4),
                FailPct = row.GetInt32(2) * 100 / row.GetInt32(1),
            },
            $"SELECT t.suite, count(*), total({Failed}) AS failed, total(c.status IN ('skipped', 'skipped_by_ti')), total(c.duration_ms) {Cases} GROUP BY t.suite ORDER BY failed > 0 DESC, t.suite LIMIT ?9 OFFSET ?10",
            [.. values, (long)pageSize, (long)pageIndex * pageSize]);
        return new TestSuites { Data = Page(total, content.Count, pageSize), Content = content };
    }, cancellationToken);

    public TestCases Find(ReportKey key, CaseQuery query, CancellationToken cancellationToken) => database.Read(db =>
    {
        var values = new List<object?>(Values(key));
        var filter = query.FailedOnly ? $" AND {Failed}" : "";
        if (query.Suite.Length > 0)
        {
            values.Add(query.Suite);
            filter += $" AND t.suite = ?{values.Count}";
        }
        foreach (var term in query.Terms)
        {
            values.Add($"%{term.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal)}%");
            var at = values.Count;
            filter += $@" AND (t.name LIKE ?{at} ESCAPE '\' OR t.class LIKE ?{at} ESCAPE '\' OR t.suite LIKE ?{at} ESCAPE '\' OR t.file LIKE ?{at} ESCAPE '\')";
        }
        var total = (int)db.Scalar($"SELECT count(*) {Cases}{filter}", [.. values]);
        values.Add((long)query.PageSize);
        values.Add((long)query.PageIndex * query.PageSize);
        // Numbers first: what sorts holds no texts, however many cases there are.
        var page = db.Rows(row => row.GetInt64(0), $"SELECT c.id {Cases}{filter} ORDER BY {query.OrderBy} LIMIT ?{values.Count - 1} OFFSET ?{values.Count}", [.. values]);
        var content = CasePage.Read(db, page);
        return new TestCases { Data = Page(total, content.Count, query.PageSize), Content = content };
    }, cancellationToken);

    private static PageData Page(int total, int here, int size) => new() { TotalItems = total, TotalPages = (int)(((long)total + size - 1) / size), PageItemCount = here, PageSize = size };

    private static object?[] Values(ReportKey key)
    {
        var (step, project) = (key.Step, key.Step.Project);
        return [project.Account, project.Org, project.Project, step.Pipeline, step.Build, step.Stage, step.Step, key.Name];
    }
}
