using Gatehouse.TestIntelligence.Protocol;
using Microsoft.Data.Sqlite;

namespace Gatehouse.TestIntelligence.Storage;

/// <summary>Numbers for pipelines.</summary>
internal static class PipelineRows
{
    /// <summary>The number, made where there is none.</summary>
    public static long IdOf(SqliteConnection db, ProjectKey project, string name) => Find(db, project, name)
        ?? db.Scalar("INSERT INTO pipeline (account, org, project, name) VALUES (?1, ?2, ?3, ?4) RETURNING id", project.Account, project.Org, project.Project, name);

    /// <summary>The number; null when nothing of the pipeline is known.</summary>
    public static long? Find(SqliteConnection db, ProjectKey project, string name) =>
        db.Find("SELECT id FROM pipeline WHERE account = ?1 AND org = ?2 AND project = ?3 AND name = ?4", project.Account, project.Org, project.Project, name);
}
