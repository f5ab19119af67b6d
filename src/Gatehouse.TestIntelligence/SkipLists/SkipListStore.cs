using Gatehouse.TestIntelligence.Protocol;
using Gatehouse.TestIntelligence.Storage;

namespace Gatehouse.TestIntelligence.SkipLists;

/// <summary>The records behind skip lists, one for each repository and execution context.</summary>
internal sealed class SkipListStore(TiDatabase database, TestIntelligenceOptions options, TimeProvider time) : IDisposable
{
    /// <summary>Execution contexts of a repository that are kept; the least lately uploaded go first.</summary>
    internal const int ContextsPerRepository = 50;

    private readonly ValueCache<SkipGraph> _cache = new(TiLimits.GraphCacheBytes / 2, graph => graph.Size);
    private readonly SemaphoreSlim[] _merging = [.. Enumerable.Range(0, 16).Select(_ => new SemaphoreSlim(1, 1))];

    public SkipGraph Find(RepositoryKey repository, string context)
    {
        var found = database.Read(db => RepositoryRows.Find(db, repository) is { } number
            ? db.Rows(row => (row.GetInt64(0), row.GetInt64(1)), "SELECT id, version FROM skip_list WHERE repository = ?1 AND context = ?2", number, context)
            : []);
        if (found.Count == 0)
            return SkipGraph.Empty;
        var (id, version) = found[0];
        if (_cache.Find(id, version) is { } cached)
            return cached;
        var stored = database.Read(db => db.Rows(row => (row.GetInt64(0), row.GetFieldValue<byte[]>(1)), "SELECT version, graph FROM skip_list WHERE id = ?1", id));
        if (stored.Count == 0)
            return SkipGraph.Empty; // Deleted just now.
        var graph = SkipGraphCodec.Decode(stored[0].Item2);
        _cache.Put(id, stored[0].Item1, graph);
        return graph;
    }

    /// <exception cref="InputException">There would be too much on record.</exception>
    public async Task MergeAsync(RepositoryKey repository, SkipUpload upload, CancellationToken cancellationToken)
    {
        var turn = _merging[(uint)HashCode.Combine(repository, upload.Context) % _merging.Length];
        await turn.WaitAsync(cancellationToken);
        try
        {
            var now = time.GetUtcNow();
            var merged = SkipMerge.Apply(Find(repository, upload.Context), upload, Day(now), Day(now - options.GraphRetention));
            if (merged.Tests.Count > TiLimits.MaxTests || merged.Paths.Count > TiLimits.MaxUnits)
                throw new InputException($"There would be {merged.Tests.Count} tests and {merged.Paths.Count} files on record; at most {TiLimits.MaxTests} and {TiLimits.MaxUnits} are kept.", 413);
            var bytes = SkipGraphCodec.Encode(merged);
            var (id, version) = await database.WriteAsync(db =>
            {
                var number = RepositoryRows.IdOf(db, repository);
                var stored = db.Rows(row => (row.GetInt64(0), row.GetInt64(1)), """
                    INSERT INTO skip_list (repository, context, version, tests, graph, updated_at) VALUES (?1, ?2, 1, ?3, ?4, ?5)
                    ON CONFLICT (repository, context) DO UPDATE SET version = version + 1, tests = ?3, graph = ?4, updated_at = ?5 RETURNING id, version
                    """, number, upload.Context, merged.Tests.Count, bytes, now.ToUnixTimeMilliseconds())[0];
                db.Run("""
                    DELETE FROM skip_list WHERE repository = ?1 AND id NOT IN (SELECT id FROM skip_list WHERE repository = ?1 ORDER BY updated_at DESC, id DESC LIMIT ?2)
                    """, number, ContextsPerRepository);
                return stored;
            }, cancellationToken);
            _cache.Put(id, version, merged);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var turn in _merging)
            turn.Dispose();
    }

    private static int Day(DateTimeOffset time) => (int)(time.ToUnixTimeSeconds() / 86400);
}
