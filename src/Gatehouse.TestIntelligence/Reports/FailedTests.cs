using Gatehouse.Contracts.TestIntelligence;
using Gatehouse.TestIntelligence.Protocol;
using Gatehouse.TestIntelligence.Storage;
using Microsoft.Data.Sqlite;

namespace Gatehouse.TestIntelligence.Reports;

/// <summary>A test whose last report of a branch says that it failed; named as reports name it.</summary>
internal sealed record FailedTest(string Class, string Name);

/// <summary>
/// Which tests failed when a step last reported them on a branch: graphs need not say so, and need not know the test. A report names no branch; that is the one
/// that its step asked a selection for. What steps report that did not ask counts on every branch.
/// </summary>
internal static class FailedTests
{
    /// <summary>A test that this many builds of its step have not mentioned is gone: it was asked for each time.</summary>
    private const int MostMissed = 3;

    private const string OfStep = "repository = ?1 AND branch = ?2 AND pipeline = ?3 AND stage = ?4 AND step = ?5";

    /// <summary>Takes note of what one upload says.</summary>
    public static bool Learn(SqliteConnection db, StepKey step, RepositoryKey repository, IReadOnlyList<TestCase> cases, long now)
    {
        var (number, branch) = Selections.BranchOf(db, step) ?? (RepositoryRows.IdOf(db, repository), "");
        db.Run($"DELETE FROM failed_test WHERE {OfStep} AND last_build <> ?6 AND (missed >= ?7 OR class = '')", number, branch, step.Pipeline, step.Stage, step.Step, step.Build, MostMissed);
        db.Run($"UPDATE failed_test SET missed = missed + 1, last_build = ?6 WHERE {OfStep} AND last_build <> ?6", number, branch, step.Pipeline, step.Stage, step.Step, step.Build);

        var said = Last(cases);
        using var mention = db.Statement($"UPDATE failed_test SET missed = 0 WHERE {OfStep} AND class = ?6 AND name = ?7");
        using var forget = db.Statement($"DELETE FROM failed_test WHERE {OfStep} AND class = ?6 AND name = ?7");
        foreach (var (className, name, build) in db.Rows(
            row => (row.GetString(0), row.GetString(1), row.GetString(2)), $"SELECT class, name, build FROM failed_test WHERE {OfStep}", number, branch, step.Pipeline, step.Stage, step.Step))
        {
            if (!said.TryGetValue(new FailedTest(className, name), out var hasFailed))
                continue;
            // One that failed and passed in one build is asked for once more.
            (hasFailed == false && build != step.Build ? forget : mention).RunWith(number, branch, step.Pipeline, step.Stage, step.Step, className, name);
        }
        var failed = said.Where(one => one.Value == true).Select(one => one.Key).Take(TiLimits.MaxFailedTests + 1).ToList();
        if (failed.Count > TiLimits.MaxFailedTests)
            failed = [new FailedTest("", "")]; // Everything.
        using var add = db.Statement("""
            INSERT INTO failed_test (repository, branch, pipeline, stage, step, class, name, build, last_build, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9)
            ON CONFLICT (repository, branch, pipeline, stage, step, class, name) DO UPDATE SET build = ?8, last_build = ?8, missed = 0, at = ?9
            """);
        foreach (var test in failed)
            add.RunWith(number, branch, step.Pipeline, step.Stage, step.Step, test.Class, test.Name, step.Build, now);
        return failed.Count > 0;
    }

    /// <summary>Tests that failed when they were last reported on one of the branches; one without a class stands for more than are kept.</summary>
    public static IReadOnlyList<FailedTest> Of(SqliteConnection db, RepositoryKey repository, string source, string target) => RepositoryRows.Find(db, repository) is { } number
        ? db.Rows(
            row => new FailedTest(row.GetString(0), row.GetString(1)),
            "SELECT DISTINCT class, name FROM failed_test WHERE repository = ?1 AND branch IN (?2, ?3, '') LIMIT ?4", number, source, target, TiLimits.MaxFailedTests + 1)
        : [];

    /// <summary>How each test ended: one case that failed counts for all cases of that name; null: it was only skipped.</summary>
    private static Dictionary<FailedTest, bool?> Last(IReadOnlyList<TestCase> cases)
    {
        var said = new Dictionary<FailedTest, bool?>();
        foreach (var one in cases)
        {
            var verdict = TestRows.Verdict(ReportWriter.Cut(one.Result?.Status, TiLimits.MaxName));
            var test = new FailedTest(ReportWriter.Cut(one.ClassName, TiLimits.MaxName), ReportWriter.Cut(one.Name, TiLimits.MaxName));
            if (verdict == true || !said.TryGetValue(test, out var before) || before is null)
                said[test] = verdict;
        }
        return said;
    }
}
