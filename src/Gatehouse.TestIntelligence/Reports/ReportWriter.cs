using Gatehouse.Contracts.TestIntelligence;
using Gatehouse.TestIntelligence.Protocol;
using Gatehouse.TestIntelligence.Storage;
using Gatehouse.TestIntelligence.Timing;
using Microsoft.Data.Sqlite;

namespace Gatehouse.TestIntelligence.Reports;

/// <summary>
/// Writes the cases of one upload, all or none; repeats add to the report (sheet §7). A large upload is written a part at a time, so that others write in between,
/// and is seen by nobody until all of it is there. On the way it learns which tests are flaky: those that passed and failed on one commit.
/// </summary>
internal sealed class ReportWriter(TiDatabase database, TimeProvider time)
{
    /// <summary>Adds cases to the report.</summary>
    /// <exception cref="InputException">The report would hold too many.</exception>
    public async Task AddAsync(ReportKey key, ReportOrigin origin, IReadOnlyList<TestCase> cases, CancellationToken cancellationToken)
    {
        if (cases.Count <= TiLimits.RowsAtOnce)
            await database.WriteAsync(db => Add(db, RowOf(db, key, key.Name, origin, cases.Count, isWhole: true), origin, cases), cancellationToken);
        else
            await AddInPartsAsync(key, origin, cases, cancellationToken);
        foreach (var part in Durations.Learnt(cases).Chunk(TiLimits.RowsAtOnce))
            await database.WriteAsync(db => Durations.Learn(db, key.Step, part, Now), cancellationToken);
        await database.WriteAsync(db => FailedTests.Learn(db, key.Step, origin.Repository, cases, Now), cancellationToken);
    }

    /// <summary>Deletes what uploads have left that broke off, and reports one by one, a few cases at a time.</summary>
    public async Task DeleteAsync(long report, CancellationToken cancellationToken)
    {
        while (await database.WriteAsync(
            db => db.Run("DELETE FROM test_case WHERE id IN (SELECT id FROM test_case WHERE report = ?1 LIMIT ?2)", report, TiLimits.RowsAtOnce), cancellationToken) > 0)
        {
        }
        await database.WriteAsync(db => db.Run("DELETE FROM report WHERE id = ?1", report), cancellationToken);
    }

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private async Task AddInPartsAsync(ReportKey key, ReportOrigin origin, IReadOnlyList<TestCase> cases, CancellationToken cancellationToken)
    {
        // No name of a client's holds a control character of this kind and a number nobody knows.
        var report = await database.WriteAsync(db => RowOf(db, key, $"{key.Name}\u001f{Guid.NewGuid():N}", origin, cases.Count, isWhole: false), cancellationToken);
        try
        {
            for (var at = 0; at < cases.Count; at += TiLimits.RowsAtOnce)
            {
                var part = cases.Skip(at).Take(TiLimits.RowsAtOnce);
                await database.WriteAsync(db => Add(db, report, origin, part), cancellationToken);
            }
            await database.WriteAsync(db => db.Run("UPDATE report SET is_whole = 1, updated_at = ?2 WHERE id = ?1", report.Id, Now), cancellationToken);
        }
        catch
        {
            // Also when the client has left; what cannot be deleted now is at the next start.
            await DeleteAsync(report.Id, CancellationToken.None);
            throw;
        }
    }

    private bool Add(SqliteConnection db, ReportRow report, ReportOrigin origin, IEnumerable<TestCase> cases)
    {
        using var tests = new TestRows(db, report.Repository, Now);
        using var insert = db.Statement("""
            INSERT INTO test_case (report, test, status, duration_ms, flaky, message, type, description, stdout, stderr) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            """);
        long bytes = 0;
        foreach (var testCase in cases)
        {
            var result = testCase.Result ?? new TestResult();
            var status = Cut(result.Status, TiLimits.MaxName);
            var test = tests.Reported(
                Cut(testCase.SuiteName, TiLimits.MaxName), Cut(testCase.ClassName, TiLimits.MaxName), Cut(testCase.Name, TiLimits.MaxName), Cut(testCase.FileName, TiLimits.MaxName),
                status, origin.Sha);
            string?[] texts = [
                Text(result.Message, TiLimits.MaxMessage), Text(result.Type, TiLimits.MaxMessage), Text(result.Desc, TiLimits.MaxText),
                Text(testCase.Stdout, TiLimits.MaxText), Text(testCase.Stderr, TiLimits.MaxText)];
            insert.RunWith(report.Id, test, status, Math.Clamp(testCase.DurationMs, 0, int.MaxValue), testCase.Flaky ? 1 : 0, texts[0], texts[1], texts[2], texts[3], texts[4]);
            bytes += BytesOfRow + texts.Sum(text => text?.Length ?? 0);
        }
        db.Run("UPDATE report SET bytes = bytes + ?2 WHERE id = ?1", report.Id, bytes);
        return true;
    }

    /// <summary>What a case takes besides its texts, indexes included.</summary>
    private const int BytesOfRow = 100;

    private ReportRow RowOf(SqliteConnection db, ReportKey key, string name, ReportOrigin origin, int added, bool isWhole)
    {
        var (step, project) = (key.Step, key.Step.Project);
        var repository = RepositoryRows.IdOf(db, origin.Repository);
        var id = db.Scalar("""
            INSERT INTO report (account, org, project, pipeline, build, stage, step, name, title, repository, sha, commit_link, cases, is_whole, created_at, updated_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?15)
            ON CONFLICT (account, org, project, pipeline, build, stage, step, name) DO UPDATE
            SET repository = ?10, sha = ?11, commit_link = ?12, cases = cases + ?13, updated_at = ?15 RETURNING id
            """, project.Account, project.Org, project.Project, step.Pipeline, step.Build, step.Stage, step.Step, name, key.Name, repository, origin.Sha, origin.CommitLink, added, isWhole ? 1 : 0, Now);
        var cases = db.Scalar("""
            SELECT CAST(total(cases) AS INTEGER) FROM report WHERE account = ?1 AND org = ?2 AND project = ?3 AND pipeline = ?4 AND build = ?5 AND stage = ?6 AND step = ?7 AND title = ?8
            """, project.Account, project.Org, project.Project, step.Pipeline, step.Build, step.Stage, step.Step, key.Name);
        if (cases > TiLimits.MaxCasesPerReport)
            throw new InputException($"This report would hold more than {TiLimits.MaxCasesPerReport} cases, which is the limit for one step.");
        return new ReportRow(id, repository);
    }

    private static string? Text(string? text, int most) => string.IsNullOrEmpty(text) ? null : Cut(text, most);

    /// <summary>At most <paramref name="most"/> characters; never half of a pair.</summary>
    internal static string Cut(string? text, int most)
    {
        if (text is null || text.Length <= most)
            return text ?? "";
        return text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)];
    }

    private readonly record struct ReportRow(long Id, long Repository);
}
