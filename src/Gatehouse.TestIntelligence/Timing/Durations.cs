using Gatehouse.Contracts.TestIntelligence;
using Gatehouse.TestIntelligence.Protocol;
using Gatehouse.TestIntelligence.Storage;
using Microsoft.Data.Sqlite;

namespace Gatehouse.TestIntelligence.Timing;

/// <summary>How long the files, suites, classes and tests of a pipeline take, learnt from its reports.</summary>
internal sealed class Durations(TiDatabase database)
{
    /// <summary>Runs that the average remembers: what changed months ago fades.</summary>
    private const int Window = 10;

    /// <summary>Names given at once, of one kind.</summary>
    private const int MostNames = 500_000;

    /// <summary>What an upload says of how long things take: what belongs to one name in it counts as one run.</summary>
    public static IReadOnlyDictionary<(DurationKind Kind, string Name), long> Learnt(IReadOnlyList<TestCase> cases)
    {
        var sums = new Dictionary<(DurationKind Kind, string Name), long>();
        foreach (var testCase in cases.Where(one => one.Result?.Status is not (TestStatus.Skipped or TestStatus.SkippedByTi)))
        {
            Add(DurationKind.File, testCase.FileName, testCase.DurationMs);
            Add(DurationKind.Suite, testCase.SuiteName, testCase.DurationMs);
            Add(DurationKind.Test, testCase.Name, testCase.DurationMs);
            Add(DurationKind.Class, testCase.ClassName, testCase.DurationMs);
        }
        return sums;

        void Add(DurationKind kind, string? name, long duration)
        {
            if (string.IsNullOrEmpty(name))
                return;
            var key = (kind, Reports.ReportWriter.Cut(name, TiLimits.MaxName));
            sums[key] = sums.GetValueOrDefault(key) + Math.Clamp(duration, 0, int.MaxValue);
        }
    }

    /// <summary>Takes runs into the averages.</summary>
    public static bool Learn(SqliteConnection db, StepKey step, IEnumerable<KeyValuePair<(DurationKind Kind, string Name), long>> runs, long now)
    {
        var pipeline = PipelineRows.IdOf(db, step.Project, step.Pipeline);
        using var upsert = db.Statement("""
            INSERT INTO duration (pipeline, kind, name, average_ms, last_ms, runs, updated_at) VALUES (?1, ?2, ?3, ?4, ?4, 1, ?5)
            ON CONFLICT (pipeline, kind, name) DO UPDATE SET
                average_ms = average_ms + (?4 - average_ms) / min(runs + 1, ?6), last_ms = ?4, runs = runs + 1, updated_at = ?5
            """);
        foreach (var ((kind, name), sum) in runs)
            upsert.RunWith(pipeline, (int)kind, name, sum, now, Window);
        return true;
    }

    /// <summary>What is known, in whole milliseconds.</summary>
    /// <param name="project">The project.</param>
    /// <param name="pipeline">The pipeline.</param>
    /// <param name="kind">Of what.</param>
    /// <param name="averages">Averages of the last runs; false: the last run's.</param>
    public IReadOnlyDictionary<string, long> Of(ProjectKey project, string pipeline, DurationKind kind, bool averages) => database.Read(db =>
    {
        var known = new Dictionary<string, long>(StringComparer.Ordinal);
        if (PipelineRows.Find(db, project, pipeline) is not { } id)
            return known;
        foreach (var (name, duration) in db.Rows(
            row => (row.GetString(0), row.GetInt64(1)),
            $"SELECT name, {(averages ? "CAST(round(average_ms) AS INTEGER)" : "last_ms")} FROM duration WHERE pipeline = ?1 AND kind = ?2 ORDER BY updated_at DESC LIMIT ?3", id, (int)kind, MostNames))
            known[name] = duration;
        return known;
    });
}
