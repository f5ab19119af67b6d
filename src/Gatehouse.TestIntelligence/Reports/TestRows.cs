using Gatehouse.Contracts.TestIntelligence;
using Gatehouse.TestIntelligence.Storage;
using Microsoft.Data.Sqlite;

namespace Gatehouse.TestIntelligence.Reports;

/// <summary>What is known of each test of a repository beyond one report.</summary>
internal sealed class TestRows(SqliteConnection db, long repository, long now) : IDisposable
{
    private readonly SqliteCommand _find = db.Statement("SELECT id, last_status, last_sha FROM test WHERE repository = ?1 AND suite = ?2 AND class = ?3 AND name = ?4");
    private readonly SqliteCommand _insert = db.Statement("INSERT INTO test (repository, suite, class, name, file, last_status, last_sha, seen_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING id");
    private readonly SqliteCommand _update = db.Statement("UPDATE test SET file = CASE ?2 WHEN '' THEN file ELSE ?2 END, last_status = ?3, last_sha = ?4, seen_at = ?5, flaky_at = coalesce(?6, flaky_at) WHERE id = ?1");

    private readonly SqliteCommand _flaky = db.Statement("INSERT INTO flaky_commit (test, sha, at) VALUES (?1, ?2, ?3) ON CONFLICT (test, sha) DO UPDATE SET at = ?3");

    /// <summary>Takes note that a test ended so on a commit; its number.</summary>
    public long Reported(string suite, string className, string name, string file, string status, string sha)
    {
        if (Find(suite, className, name) is not { } known)
            return _insert.FindWith(repository, suite, className, name, file, status, sha, now) ?? 0;

        // Skipping says nothing about a test, so it does not make the next run forget how the last one ended.
        var counts = Verdict(status) is not null;
        long? flaky = counts && sha.Length > 0 && known.Sha == sha && Verdict(known.Status) is { } before && before != Verdict(status) ? now : null;
        if (flaky is not null)
            _flaky.RunWith(known.Id, sha, now);
        _update.RunWith(known.Id, file, counts ? status : known.Status, counts ? sha : known.Sha, now, flaky);
        return known.Id;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _find.Dispose();
        _insert.Dispose();
        _update.Dispose();
        _flaky.Dispose();
    }

    /// <summary>True: it failed; false: it passed; null: it was not run.</summary>
    internal static bool? Verdict(string status) => status switch
    {
        TestStatus.Failed or TestStatus.Error => true,
        TestStatus.Skipped or TestStatus.SkippedByTi or "" => null,
        _ => false,
    };

    private (long Id, string Status, string Sha)? Find(string suite, string className, string name)
    {
        for (var i = _find.Parameters.Count; i < 4; i++)
            _find.Parameters.Add(new SqliteParameter { ParameterName = $"?{i + 1}" });
        (_find.Parameters[0].Value, _find.Parameters[1].Value, _find.Parameters[2].Value, _find.Parameters[3].Value) = (repository, suite, className, name);
        using var reader = _find.ExecuteReader();
        return reader.Read() ? (reader.GetInt64(0), reader.GetString(1), reader.GetString(2)) : null;
    }
}
