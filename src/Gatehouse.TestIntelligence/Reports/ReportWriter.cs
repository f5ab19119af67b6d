using Gatehouse.Contracts.TestIntelligence;
using Gatehouse.TestIntelligence.Protocol;
using Gatehouse.TestIntelligence.Storage;
using Gatehouse.TestIntelligence.Timing;
using Microsoft.Data.Sqlite;

namespace Gatehouse.TestIntelligence.Reports;

/// <summary>
/// Writes the cases of one upload in one transaction; repeats add to the report (sheet §7). On the way it learns which tests are flaky: those that passed and failed on
/// one commit.
/// </summary>
internal sealed class ReportWriter(TiDatabase database, TimeProvider time)
{
    /// <summary>Adds cases to the report.</summary>
    /// <exception cref="InputException">The report would hold too many.</exception>
    public Task AddAsync(ReportKey key, ReportOrigin origin, IReadOnlyList<TestCase> cases, CancellationToken cancellationToken) =>
        database.WriteAsync(db => Add(db, key, origin, cases), cancellationToken);

    private bool Add(SqliteConnection db, ReportKey key, ReportOrigin origin, IReadOnlyList<TestCase> cases)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var repository = RepositoryRows.IdOf(db, origin.Repository);
        var report = ReportRow(db, key, origin, repository, cases.Count, now);
        using var tests = new TestRows(db, repository, now);
        using var insert = db.Statement("""
            INSERT INTO test_case (report, test, status, duration_ms, flaky, message, type, description, stdout, stderr) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            """);
        foreach (var testCase in cases)
        {
            var result = testCase.Result ?? new TestResult();
            var status = Cut(result.Status, TiLimits.MaxName);
            var test = tests.Reported(
                Cut(testCase.SuiteName, TiLimits.MaxName), Cut(testCase.ClassName, TiLimits.MaxName), Cut(testCase.Name, TiLimits.MaxName), Cut(testCase.FileName, TiLimits.MaxName),
                status, origin.Sha);
            insert.RunWith(
                report, test, status, Math.Clamp(testCase.DurationMs, 0, int.MaxValue), testCase.Flaky ? 1 : 0,
                Text(result.Message, TiLimits.MaxMessage), Text(result.Type, TiLimits.MaxMessage), Text(result.Desc, TiLimits.MaxText),
                Text(testCase.Stdout, TiLimits.MaxText), Text(testCase.Stderr, TiLimits.MaxText));
        }
        Durations.Learn(db, key.Step, cases, now);
        return true;
    }

    private static long ReportRow(SqliteConnection db, ReportKey key, ReportOrigin origin, long repository, int added, long now)
    {
        var (step, project) = (key.Step, key.Step.Project);
        var id = db.Scalar("""
            INSERT INTO report (account, org, project, pipeline, build, stage, step, name, repository, sha, commit_link, cases, created_at, updated_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13)
            ON CONFLICT (account, org, project, pipeline, build, stage, step, name) DO UPDATE
            SET repository = ?9, sha = ?10, commit_link = ?11, cases = cases + ?12, updated_at = ?13 RETURNING id
            """, project.Account, project.Org, project.Project, step.Pipeline, step.Build, step.Stage, step.Step, key.Name, repository, origin.Sha, origin.CommitLink, added, now);
        if (db.Scalar("SELECT cases FROM report WHERE id = ?1", id) > TiLimits.MaxCasesPerReport)
            throw new InputException($"This report would hold more than {TiLimits.MaxCasesPerReport} cases, which is the limit for one step.");
        return id;
    }

    private static string? Text(string? text, int most) => string.IsNullOrEmpty(text) ? null : Cut(text, most);

    /// <summary>At most <paramref name="most"/> characters; never half of a pair.</summary>
    internal static string Cut(string? text, int most)
    {
        if (text is null || text.Length <= most)
            return text ?? "";
        return text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)];
    }
}
