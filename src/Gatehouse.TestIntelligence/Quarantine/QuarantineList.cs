using System.Globalization;
using Gatehouse.Contracts.TestIntelligence;
using Gatehouse.TestIntelligence.Protocol;
using Gatehouse.TestIntelligence.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gatehouse.TestIntelligence.Quarantine;

/// <summary>
/// Tests whose results say nothing: flaky on two commits or more within two weeks. They are released by themselves: one that is not run any more shows no new
/// signs, so after two weeks it gets its next chance. Runners skip them only when they are told to (sheet §7).
/// </summary>
internal sealed class QuarantineList(TiDatabase database, TimeProvider time)
{
    /// <summary>How far back commits count.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromDays(14);

    /// <summary>Commits on which a test must have been flaky.</summary>
    private const int Commits = 2;

    private const int Most = 10_000;

    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/test-management/quarantined", (HttpRequest request) =>
        TiAnswer.Json(new QuarantinedTests(Of(new TiQuery(request).Repository())), TiJson.Default.QuarantinedTests));

    /// <summary>The tests of a repository that are in quarantine now.</summary>
    public IReadOnlyList<QuarantinedTest> Of(RepositoryKey repository) => database.Read(db => RepositoryRows.Find(db, repository) is { } id
        ? db.Rows(
            row => new QuarantinedTest
            {
                TestId = row.GetInt64(0).ToString(CultureInfo.InvariantCulture),
                TestName = row.GetString(1),
                ClassName = row.GetString(2),
                SuiteName = row.GetString(3),
            },
            """
            SELECT t.id, t.name, t.class, t.suite FROM test t JOIN flaky_commit f ON f.test = t.id
            WHERE t.repository = ?1 AND t.flaky_at IS NOT NULL AND f.at > ?2 GROUP BY t.id HAVING count(*) >= ?3 ORDER BY t.class, t.name LIMIT ?4
            """, id, (time.GetUtcNow() - Window).ToUnixTimeMilliseconds(), Commits, Most)
        : []);
}
