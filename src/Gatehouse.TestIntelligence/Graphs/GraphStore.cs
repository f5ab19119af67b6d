using Gatehouse.TestIntelligence.Protocol;
using Gatehouse.TestIntelligence.Storage;

namespace Gatehouse.TestIntelligence.Graphs;

/// <summary>
/// The call graphs, one for each branch of a repository. Those in use are kept in memory up to a bound; a graph is read anew when another upload has changed it.
/// </summary>
internal sealed class GraphStore(TiDatabase database, TimeProvider time) : IDisposable
{
    /// <summary>Branches of a repository whose graphs are kept; the least lately uploaded go first, at the price of one full run.</summary>
    internal const int BranchesPerRepository = 100;

    private readonly ValueCache<CallGraph> _cache = new(TiLimits.GraphCacheBytes, graph => graph.Size);
    private readonly SemaphoreSlim[] _merging = [.. Enumerable.Range(0, 16).Select(_ => new SemaphoreSlim(1, 1))];

    /// <summary>The graph of a branch, and what it covers; null when there is none.</summary>
    public BranchGraph? Find(RepositoryKey repository, string branch)
    {
        var row = database.Read(db => RepositoryRows.Find(db, repository) is { } id
            ? db.Rows(row => (Id: row.GetInt64(0), Version: row.GetInt64(1)), "SELECT id, version FROM call_graph WHERE repository = ?1 AND branch = ?2", id, branch).Cast<(long Id, long Version)?>().FirstOrDefault()
            : null);
        return row is { } found ? Load(found.Id, found.Version) : null;
    }

    /// <summary>Brings an upload into the graph of its branch.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="branch">The branch that was built.</param>
    /// <param name="step">The step that ran the tests.</param>
    /// <param name="upload">What it found.</param>
    /// <param name="sha">The commit; becomes the step's last good one when <paramref name="isGood"/>.</param>
    /// <param name="isGood">No failed test is left behind that is not on record as failed.</param>
    /// <param name="cancellationToken">Honoured until the change is written.</param>
    public async Task MergeAsync(RepositoryKey repository, string branch, StepKey step, GraphUpload upload, string sha, bool isGood, CancellationToken cancellationToken)
    {
        var turn = _merging[(uint)HashCode.Combine(repository, branch) % _merging.Length];
        await turn.WaitAsync(cancellationToken);
        try
        {
            // Out of the writer's turn: merging takes a second for the largest graphs.
            var before = Find(repository, branch);
            var ran = database.Read(db => Selections.Of(db, step), cancellationToken);
            var merged = GraphMerge.Apply(before?.Graph ?? CallGraph.Empty, upload, unit => unit.File.Length > 0 && ran is not null && ran.DeletedFiles.Contains(unit.File));
            if (merged.Tests.Count > TiLimits.MaxTests || merged.Units.Count > TiLimits.MaxUnits)
                throw new InputException($"The call graph of this branch would hold {merged.Tests.Count} tests and {merged.Units.Count} files; at most {TiLimits.MaxTests} and {TiLimits.MaxUnits} are kept.", 413);
            var bytes = CallGraphCodec.Encode(merged);
            // Who was told what to run has run no more than that; who was not has run everything.
            var isComplete = ran is not { All: false };
            var (id, version) = await database.WriteAsync(db =>
            {
                var number = RepositoryRows.IdOf(db, repository);
                var stored = db.Rows(row => (row.GetInt64(0), row.GetInt64(1)), """
                    INSERT INTO call_graph (repository, branch, version, tests, units, graph, updated_at) VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6)
                    ON CONFLICT (repository, branch) DO UPDATE SET version = version + 1, tests = ?3, units = ?4, graph = ?5, updated_at = ?6 RETURNING id, version
                    """, number, branch, merged.Tests.Count, merged.Units.Count, bytes, time.GetUtcNow().ToUnixTimeMilliseconds())[0];
                db.Run("""
                    INSERT INTO graph_step (graph, pipeline, stage, step, is_complete, good_sha) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                    ON CONFLICT (graph, pipeline, stage, step) DO UPDATE SET is_complete = max(is_complete, ?5), good_sha = CASE ?6 WHEN '' THEN good_sha ELSE ?6 END
                    """, stored.Item1, step.Pipeline, step.Stage, step.Step, isComplete ? 1 : 0, isGood ? sha : "");
                db.Run("""
                    DELETE FROM call_graph WHERE repository = ?1 AND id NOT IN (SELECT id FROM call_graph WHERE repository = ?1 ORDER BY updated_at DESC, id DESC LIMIT ?2)
                    """, number, BranchesPerRepository);
                return stored;
            }, cancellationToken);
            _cache.Put(id, version, merged);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>The commit up to which a step's tests on a branch are known; empty when there is none.</summary>
    public string GoodCommit(RepositoryKey repository, string branch, StepKey step) => database.Read(db => RepositoryRows.Find(db, repository) is { } id
        ? db.Rows(row => row.GetString(0), """
            SELECT s.good_sha FROM call_graph g JOIN graph_step s ON s.graph = g.id WHERE g.repository = ?1 AND g.branch = ?2 AND s.pipeline = ?3 AND s.stage = ?4 AND s.step = ?5
            """, id, branch, step.Pipeline, step.Stage, step.Step).FirstOrDefault("")
        : "");

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var turn in _merging)
            turn.Dispose();
    }

    private BranchGraph? Load(long id, long version)
    {
        var steps = database.Read(db => db.Rows(
            row => (row.GetString(0), row.GetString(1), row.GetString(2)), "SELECT pipeline, stage, step FROM graph_step WHERE graph = ?1 AND is_complete = 1", id));
        if (_cache.Find(id, version) is { } cached)
            return new BranchGraph(cached, [.. steps]);
        var stored = database.Read(db => db.Rows(row => (row.GetInt64(0), row.GetFieldValue<byte[]>(1)), "SELECT version, graph FROM call_graph WHERE id = ?1", id));
        if (stored.Count == 0)
            return null; // Deleted just now.
        var graph = CallGraphCodec.Decode(stored[0].Item2);
        _cache.Put(id, stored[0].Item1, graph);
        return new BranchGraph(graph, [.. steps]);
    }
}

/// <summary>The graph of a branch.</summary>
/// <param name="Graph">What reaches what.</param>
/// <param name="Complete">Steps (pipeline, stage, step) all of whose tests are in it.</param>
internal sealed record BranchGraph(CallGraph Graph, HashSet<(string Pipeline, string Stage, string Step)> Complete)
{
    /// <summary>True when no test of the step is missing.</summary>
    public bool Covers(StepKey step) => Complete.Contains((step.Pipeline, step.Stage, step.Step));
}
