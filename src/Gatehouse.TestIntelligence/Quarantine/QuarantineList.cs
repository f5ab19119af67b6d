using System.Globalization;
using Gatehouse.Contracts.TestIntelligence;
using Gatehouse.TestIntelligence.Protocol;
using Gatehouse.TestIntelligence.Storage;
using Microsoft.AspNetCore.Routing;

namespace Gatehouse.TestIntelligence.Quarantine;

/// <summary>
/// Tests whose results say nothing: flaky on two commits or more within two weeks, or put there by an operator. The flaky are released by themselves: one that is
/// not run any more shows no new signs, so after two weeks it gets its next chance; an operator may release it before. Runners skip them only when they are told to (sheet §7).
/// </summary>
internal sealed class QuarantineList(TiDatabase database, AccountTurns turns, TimeProvider time)
{
    /// <summary>How far back commits count.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromDays(14);

    /// <summary>Commits on which a test must have been flaky.</summary>
    private const int Commits = 2;

    private const int Most = 10_000;

    private const string List = """
        SELECT t.id, t.name, t.class, t.suite, NULL, q.id FROM test t JOIN flaky_commit f ON f.test = t.id
            LEFT JOIN quarantine q ON q.repository = t.repository AND q.class = t.class AND q.name = t.name
            WHERE t.repository = ?1 AND t.flaky_at IS NOT NULL AND f.at > ?2 AND q.is_in IS NOT 1 AND f.at > coalesce(q.at, 0)
            GROUP BY t.id HAVING count(*) >= ?3
        UNION ALL
        SELECT t.id, q.name, q.class, t.suite, q.reason, q.id FROM quarantine q LEFT JOIN test t ON t.repository = q.repository AND t.class = q.class AND t.name = q.name
            WHERE q.repository = ?1 AND q.is_in = 1
        ORDER BY 3, 2 LIMIT ?4
        """;

    public void Map(IEndpointRouteBuilder routes) => turns.MapGet(routes, "/test-management/quarantined", http =>
        TiAnswer.LongJson(new QuarantinedTests(Of(new TiQuery(http.Request).Repository(), http.RequestAborted)), TiJson.Default.QuarantinedTests));

    /// <summary>The tests of a repository that are in quarantine now.</summary>
    public IReadOnlyList<QuarantinedTest> Of(RepositoryKey repository, CancellationToken cancellationToken) => database.Read(db => RepositoryRows.Find(db, repository) is { } id
        ? db.Rows(
            row => new QuarantinedTest
            {
                // One that was never reported has no number of its own yet.
                TestId = row.IsDBNull(0) ? string.Create(CultureInfo.InvariantCulture, $"quarantine-{row.GetInt64(5)}") : row.GetInt64(0).ToString(CultureInfo.InvariantCulture),
                TestName = row.GetString(1),
                ClassName = row.GetString(2),
                SuiteName = row.IsDBNull(3) ? "" : row.GetString(3),
                Reason = row.IsDBNull(4) ? null : row.GetString(4),
            },
            List, id, (time.GetUtcNow() - Window).ToUnixTimeMilliseconds(), Commits, Most)
        : [], cancellationToken);

    /// <summary>An operator puts a test into quarantine, or takes it out.</summary>
    /// <exception cref="InputException">There are too many.</exception>
    public Task SetAsync(RepositoryKey repository, string className, string name, bool isIn, string reason, CancellationToken cancellationToken) => database.WriteAsync(db =>
    {
        var id = RepositoryRows.IdOf(db, repository);
        db.Run("""
            INSERT INTO quarantine (repository, class, name, is_in, reason, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT (repository, class, name) DO UPDATE SET is_in = ?4, reason = ?5, at = ?6
            """, id, className, name, isIn ? 1 : 0, reason, time.GetUtcNow().ToUnixTimeMilliseconds());
        return db.Scalar("SELECT count(*) FROM quarantine WHERE repository = ?1", id) <= Most
            ? true
            : throw new InputException($"There are {Most} tests in quarantine, or just out of it; that is the limit for one repository.");
    }, cancellationToken);
}
