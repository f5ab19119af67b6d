using Gatehouse.Contracts;
using Gatehouse.TestIntelligence.Reports;

namespace Gatehouse.TestIntelligence.Storage;

/// <summary>Lets go of all that is kept of an account.</summary>
internal sealed class AccountCleanup(TiDatabase database, ReportWriter reports) : IAccountData
{
    /// <summary>The tables that name an account; the others go with these.</summary>
    private static readonly string[] s_tables = ["report", "selection", "saving", "repository", "pipeline", "it_upload", "it_test"];

    private static readonly string[] s_many = [
        "DELETE FROM test WHERE id IN (SELECT t.id FROM test t JOIN repository r ON r.id = t.repository WHERE r.account = ?1 LIMIT ?2)",
        "DELETE FROM failed_test WHERE (repository, branch, pipeline, stage, step, class, name) IN (SELECT f.repository, f.branch, f.pipeline, f.stage, f.step, f.class, f.name FROM failed_test f JOIN repository r ON r.id = f.repository WHERE r.account = ?1 LIMIT ?2)",
        "DELETE FROM duration WHERE (pipeline, kind, name) IN (SELECT d.pipeline, d.kind, d.name FROM duration d JOIN pipeline p ON p.id = d.pipeline WHERE p.account = ?1 LIMIT ?2)"];

    /// <inheritdoc />
    public async Task DeleteAsync(string accountId, CancellationToken cancellationToken)
    {
        // What is many is deleted a little at a time, so that nobody waits long.
        while (database.Read(db => db.Find("SELECT id FROM report WHERE account = ?1 LIMIT 1", accountId), cancellationToken) is { } report)
            await reports.DeleteAsync(report, cancellationToken);
        foreach (var many in s_many)
        {
            while (await database.WriteAsync(db => db.Run(many, accountId, TiLimits.RowsAtOnce), cancellationToken) > 0)
            {
            }
        }
        foreach (var table in s_tables)
            await database.WriteAsync(db => db.Run($"DELETE FROM {table} WHERE account = ?1", accountId), cancellationToken);
    }
}
