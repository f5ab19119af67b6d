using System.Text.Json;
using Gatehouse.TestIntelligence.Protocol;
using Gatehouse.TestIntelligence.Storage;

namespace Gatehouse.TestIntelligence.Selection;

/// <summary>Keeps what each step was told to run.</summary>
internal sealed class SelectionLog(TiDatabase database, TimeProvider time)
{
    private const int MostDeletedFiles = 2_000, MostDeletedCharacters = 64 * 1024;

    public Task KeepAsync(StepKey step, RepositoryKey repository, string sha, string source, string target, Selection selection, IEnumerable<string> deletedFiles, CancellationToken cancellationToken)
    {
        // What is not on this list is kept in the graph for longer than it had to be, and no more than that.
        var deleted = JsonSerializer.Serialize(Few(deletedFiles).ToArray());
        return database.WriteAsync(db => db.Run("""
            INSERT INTO selection (repository, account, org, project, pipeline, build, stage, step, sha, source_branch, target_branch,
                is_all, total, selected, new_tests, updated_tests, source_code, previous_failures, deleted_files, created_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)
            ON CONFLICT (account, org, project, pipeline, build, stage, step) DO UPDATE SET repository = ?1, sha = ?9, source_branch = ?10, target_branch = ?11,
                is_all = ?12, total = ?13, selected = ?14, new_tests = ?15, updated_tests = ?16, source_code = ?17, previous_failures = ?18, deleted_files = ?19, created_at = ?20
            """,
            RepositoryRows.IdOf(db, repository), step.Project.Account, step.Project.Org, step.Project.Project, step.Pipeline, step.Build, step.Stage, step.Step, sha, source, target,
            selection.All ? 1 : 0, selection.Known, selection.Selected, Count(Reason.NewTest), Count(Reason.UpdatedTest), Count(Reason.SourceCode), Count(Reason.PreviousFailure),
            deleted, time.GetUtcNow().ToUnixTimeMilliseconds()), cancellationToken);

        static IEnumerable<string> Few(IEnumerable<string> files)
        {
            var left = MostDeletedCharacters;
            return files.Take(MostDeletedFiles).TakeWhile(file => (left -= file.Length) >= 0);
        }

        long Count(Reason reason) => selection.Counts.GetValueOrDefault(reason);
    }
}
