using Gatehouse.TestIntelligence.Reports;

namespace Gatehouse.TestIntelligence.Storage;

/// <summary>Lets go of what is kept long enough, a little at a time, so that uploads never wait long for it.</summary>
internal sealed class TiRetention(TiDatabase database, ReportWriter reports, TestIntelligenceOptions options, TimeProvider time)
{
    private const int BatchSize = 20;

    /// <summary>Deletes all that is due.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await DeleteReportsAsync("updated_at < ?1", (now - options.ReportRetention).ToUnixTimeMilliseconds(), cancellationToken);
        await AllAsync("DELETE FROM selection WHERE id IN (SELECT id FROM selection WHERE created_at < ?1 ORDER BY created_at LIMIT ?2)", now - options.ReportRetention, BatchSize * 100, cancellationToken);
        await AllAsync("DELETE FROM call_graph WHERE id IN (SELECT id FROM call_graph WHERE updated_at < ?1 ORDER BY updated_at LIMIT ?2)", now - options.GraphRetention, BatchSize, cancellationToken);
        await AllAsync("DELETE FROM failed_test WHERE (repository, branch, pipeline, stage, step, class, name) IN (SELECT repository, branch, pipeline, stage, step, class, name FROM failed_test WHERE at < ?1 ORDER BY at LIMIT ?2)",
            now - options.GraphRetention, BatchSize * 100, cancellationToken);
        await AllAsync("DELETE FROM flaky_commit WHERE (test, sha) IN (SELECT test, sha FROM flaky_commit WHERE at < ?1 ORDER BY at LIMIT ?2)", now - Quarantine.QuarantineList.Window, BatchSize * 100, cancellationToken);
        await AllAsync("DELETE FROM quarantine WHERE id IN (SELECT id FROM quarantine WHERE is_in = 0 AND at < ?1 LIMIT ?2)", now - Quarantine.QuarantineList.Window, BatchSize * 100, cancellationToken);
        await AllAsync("DELETE FROM saving WHERE id IN (SELECT id FROM saving WHERE created_at < ?1 ORDER BY created_at LIMIT ?2)", now - options.ReportRetention, BatchSize * 100, cancellationToken);
        await AllAsync("DELETE FROM it_upload WHERE (account, id) IN (SELECT account, id FROM it_upload WHERE created_at < ?1 LIMIT ?2)", now - options.ReportRetention, BatchSize * 100, cancellationToken);
        await AllAsync("DELETE FROM it_test WHERE (account, repository, path, service) IN (SELECT account, repository, path, service FROM it_test WHERE updated_at < ?1 ORDER BY updated_at LIMIT ?2)",
            now - options.GraphRetention, BatchSize * 100, cancellationToken);
        await AllAsync("DELETE FROM skip_list WHERE id IN (SELECT id FROM skip_list WHERE updated_at < ?1 ORDER BY updated_at LIMIT ?2)", now - options.GraphRetention, BatchSize, cancellationToken);
        await AllAsync("DELETE FROM timing_answer WHERE (pipeline, build, asked) IN (SELECT pipeline, build, asked FROM timing_answer WHERE created_at < ?1 LIMIT ?2)", now - Timing.TimingAnswers.Kept, BatchSize, cancellationToken);
        await AllAsync("DELETE FROM split WHERE id IN (SELECT id FROM split WHERE created_at < ?1 ORDER BY created_at LIMIT ?2)", now - options.ReportRetention, BatchSize, cancellationToken);
        await AllAsync("DELETE FROM duration WHERE (pipeline, kind, name) IN (SELECT pipeline, kind, name FROM duration WHERE updated_at < ?1 ORDER BY updated_at LIMIT ?2)",
            now - options.GraphRetention, BatchSize * 100, cancellationToken);
        await AllAsync("DELETE FROM test WHERE id IN (SELECT id FROM test WHERE seen_at < ?1 AND NOT EXISTS (SELECT 1 FROM test_case c WHERE c.test = test.id) ORDER BY seen_at LIMIT ?2)",
            now - options.GraphRetention, BatchSize * 100, cancellationToken);
    }

    /// <summary>Deletes what uploads that a crash broke off have left. Nobody may be uploading.</summary>
    public Task DeleteLeftoversAsync(CancellationToken cancellationToken) => DeleteReportsAsync("is_whole = ?1", 0, cancellationToken);

    private async Task DeleteReportsAsync(string due, long value, CancellationToken cancellationToken)
    {
        while (database.Read(db => db.Find($"SELECT id FROM report WHERE {due} LIMIT 1", value), cancellationToken) is { } report)
            await reports.DeleteAsync(report, cancellationToken);
    }

    private async Task AllAsync(string sql, DateTimeOffset before, int batch, CancellationToken cancellationToken)
    {
        while (await database.WriteAsync(db => db.Run(sql, before.ToUnixTimeMilliseconds(), batch), cancellationToken) > 0)
        {
        }
    }
}
