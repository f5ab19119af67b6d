using System.Text.Json;
using Gatehouse.TestIntelligence.Protocol;
using Microsoft.Data.Sqlite;

namespace Gatehouse.TestIntelligence.Storage;

/// <summary>What steps were told to run, until their call graphs arrive and for the overview.</summary>
internal static class Selections
{
    /// <summary>The repository and the branch that a step of a build asked for; null when it did not ask.</summary>
    public static (long Repository, string Branch)? BranchOf(SqliteConnection db, StepKey step) => db.Rows(
        row => (row.GetInt64(0), row.GetString(1)),
        """
        SELECT repository, CASE source_branch WHEN '' THEN target_branch ELSE source_branch END FROM selection
        WHERE account = ?1 AND org = ?2 AND project = ?3 AND pipeline = ?4 AND build = ?5 AND stage = ?6 AND step = ?7
        """, step.Project.Account, step.Project.Org, step.Project.Project, step.Pipeline, step.Build, step.Stage, step.Step).Cast<(long, string)?>().FirstOrDefault();

    /// <summary>What a step of a build was told; null when it did not ask.</summary>
    public static ToldToRun? Of(SqliteConnection db, StepKey step) => db.Rows(
        row => new ToldToRun(row.GetBoolean(0), [.. JsonSerializer.Deserialize<string[]>(row.GetString(1))!]),
        """
        SELECT is_all, deleted_files FROM selection WHERE account = ?1 AND org = ?2 AND project = ?3 AND pipeline = ?4 AND build = ?5 AND stage = ?6 AND step = ?7
        """, step.Project.Account, step.Project.Org, step.Project.Project, step.Pipeline, step.Build, step.Stage, step.Step).FirstOrDefault();
}

/// <summary>What a step was told.</summary>
/// <param name="All">To run everything.</param>
/// <param name="DeletedFiles">Files that its commit deleted.</param>
internal sealed record ToldToRun(bool All, HashSet<string> DeletedFiles);
