using Gatehouse.TestIntelligence.Protocol;
using Microsoft.Data.Sqlite;

namespace Gatehouse.TestIntelligence.Storage;

/// <summary>Numbers for repositories.</summary>
internal static class RepositoryRows
{
    /// <summary>The number, made where there is none.</summary>
    public static long IdOf(SqliteConnection db, RepositoryKey key)
    {
        if (Find(db, key) is { } id)
            return id;
        return db.Scalar("INSERT INTO repository (account, org, project, url) VALUES (?1, ?2, ?3, ?4) RETURNING id", key.Project.Account, key.Project.Org, key.Project.Project, key.Url);
    }

    /// <summary>The number; null when nothing of the repository is known.</summary>
    public static long? Find(SqliteConnection db, RepositoryKey key) =>
        db.Find("SELECT id FROM repository WHERE account = ?1 AND org = ?2 AND project = ?3 AND url = ?4", key.Project.Account, key.Project.Org, key.Project.Project, key.Url);
}
