using System.Text.Json;
using Gatehouse.TestIntelligence.Protocol;
using Gatehouse.TestIntelligence.Storage;

namespace Gatehouse.TestIntelligence.Splits;

/// <summary>How the tests of a build were split, until its stages have asked for their parts.</summary>
internal sealed class SplitStore(TiDatabase database, TimeProvider time)
{
    public Task KeepAsync(RepositoryKey repository, string pipeline, string build, IReadOnlyList<SplitStage> stages, CancellationToken cancellationToken)
    {
        var json = JsonSerializer.Serialize(stages);
        return database.WriteAsync(db => db.Run("""
            INSERT INTO split (pipeline, build, repository, stages, created_at) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (pipeline, build, repository) DO UPDATE SET stages = ?4, created_at = ?5
            """, PipelineRows.IdOf(db, repository.Project, pipeline), build, repository.Url, json, time.GetUtcNow().ToUnixTimeMilliseconds()), cancellationToken);
    }

    /// <summary>The stages; null when this build was not split.</summary>
    public IReadOnlyList<SplitStage>? Find(RepositoryKey repository, string pipeline, string build) => database.Read(db => PipelineRows.Find(db, repository.Project, pipeline) is { } id
        ? db.Rows(row => JsonSerializer.Deserialize<List<SplitStage>>(row.GetString(0)), "SELECT stages FROM split WHERE pipeline = ?1 AND build = ?2 AND repository = ?3", id, build, repository.Url).FirstOrDefault()
        : null);
}
