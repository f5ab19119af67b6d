using Gatehouse.Contracts.TestIntelligence;
using Gatehouse.TestIntelligence.Graphs;
using Gatehouse.TestIntelligence.Protocol;
using Gatehouse.TestIntelligence.Reports;
using Gatehouse.TestIntelligence.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Gatehouse.TestIntelligence.Selection;

/// <summary>Which tests to run (sheet §7).</summary>
internal sealed partial class SelectionEndpoints(UploadBody bodies, AccountTurns turns, AccountSpace space, TiDatabase database, GraphStore graphs, SelectionLog log, ILogger<SelectionEndpoints> logger)
{
    /// <summary>From here on an answer is too large for memory to be used for it again at once.</summary>
    private const int ManyTests = 1000;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/tests/select", (Delegate)SelectAsync);
        routes.MapPost("/ml/tests/select", (Delegate)SelectForModelAsync);
    }

    /// <summary>Without a list of changed files there is nothing to go by: everything.</summary>
    private async Task<IResult> SelectForModelAsync(HttpContext http)
    {
        var body = await bodies.ReadJsonAsync(http, TiJson.Default.MlSelectTestsRequest);
        return await AnswerAsync(http, new SelectTestsRequest { SelectAll = body.SelectAll || body.Files is null, Files = body.Files });
    }

    private async Task<IResult> SelectAsync(HttpContext http) => await AnswerAsync(http, await bodies.ReadJsonAsync(http, TiJson.Default.SelectTestsRequest));

    private async Task<IResult> AnswerAsync(HttpContext http, SelectTestsRequest body)
    {
        var query = new TiQuery(http.Request);
        var (step, repository) = (query.Step(), query.Repository());
        var target = query.Optional("target") is { Length: > 0 } named ? named : body.TargetBranch ?? "";
        var source = query.Optional("source") is { Length: > 0 } built ? built : body.SourceBranch ?? "";
        if (target.Length == 0)
            throw new InputException("The query has no value for target; add target=….");
        Selection selection;
        using (await turns.EnterAsync(http))
            selection = Select(step, repository, source.Length == 0 ? target : source, target, body);
        // Who was told to run less than everything must be on record for it: its graph is not a complete one.
        var isKept = space.Refusal(step.Project.Account) is null;
        if (!isKept)
            selection = Selection.Everything("There is no room to keep what this step is told to run (quota, or disk).", selection.Known);
        var deleted = (body.Files ?? []).Where(file => KindOf(file) == ChangeKind.Deleted).Select(file => Normal(file?.Name));
        if (isKept)
            await log.KeepAsync(step, repository, query.Optional("sha"), source, target, selection, deleted, http.RequestAborted);
        if (selection.All)
            Log.Everything(logger, step.Project.Account, TiQuery.Bounded(repository.Url), selection.Why);
        var answer = ResponseOf(selection);
        return answer.Tests.Count < ManyTests ? TiAnswer.Json(answer, TiJson.Default.SelectTestsResponse) : TiAnswer.Written((json, aborted) => SelectionWriter.WriteAsync(json, answer, aborted));
    }

    private Selection Select(StepKey step, RepositoryKey repository, string source, string target, SelectTestsRequest body)
    {
        var onTarget = graphs.Find(repository, target);
        var onSource = source == target ? null : graphs.Find(repository, source);
        IReadOnlyList<CallGraph> known = [.. new[] { onTarget?.Graph, onSource?.Graph }.OfType<CallGraph>()];
        var total = TestSelector.KnownIn(known);
        if (body.SelectAll)
            return Selection.Everything("The step asked for everything.", total);
        if (onTarget is null)
            return Selection.Everything($"There is no call graph of the branch {TiQuery.Bounded(target)} yet.", total);
        if (!onTarget.Covers(step) && onSource?.Covers(step) != true)
            return Selection.Everything("This step has not yet run all of its tests on either branch.", total);
        var files = body.Files ?? [];
        if (files.Count > TiLimits.MaxChangedFiles)
            return Selection.Everything($"More than {TiLimits.MaxChangedFiles} files have changed.", total);
        var rules = new FileRules(GlobsOf(body.TestGlobs), GlobsOf(body.TiConfig?.Config?.Ignore));
        var failed = database.Read(db => FailedTests.Of(db, repository, source, target));
        if (failed.Count > TiLimits.MaxFailedTests || failed.Any(test => test.Class.Length == 0))
            return Selection.Everything($"More than {TiLimits.MaxFailedTests} tests failed when they were last reported, or one of which nobody knows the class.", total);
        return TestSelector.Select(known, [.. files.Select(file => new ChangedFile(Normal(file?.Name), KindOf(file), file?.Package ?? ""))], rules, failed);
    }

    private static string[] GlobsOf(IReadOnlyList<string?>? sent)
    {
        string[] globs = [.. (sent ?? []).OfType<string>()];
        if (sent?.Count > TiLimits.MaxGlobs)
            throw new InputException($"There are more than {TiLimits.MaxGlobs} globs.");
        if (globs.Any(glob => glob.Length > TiLimits.MaxGlob))
            throw new InputException($"There is a glob of more than {TiLimits.MaxGlob} characters.");
        return globs.FirstOrDefault(glob => !FileRules.Takes(glob)) is { } bad
            ? throw new InputException($"The glob '{TiQuery.Bounded(bad)}' cannot be used: '..' stands at its beginning only.")
            : globs;
    }

    private static string Normal(string? path) => path is { Length: > 0 and <= 4096 } && !path.Contains('\0')
        ? path.Replace('\\', '/').TrimStart('/')
        : throw new InputException("A changed file has no name, or one of more than 4096 characters or with a zero byte.");

    private static ChangeKind KindOf(ChangedFileInfo? file) => file?.Status?.ToLowerInvariant() switch
    {
        "modified" or "changed" => ChangeKind.Modified,
        "added" => ChangeKind.Added,
        "deleted" or "removed" => ChangeKind.Deleted,
        var other => throw new InputException($"The status of a changed file is '{TiQuery.Bounded(other ?? "")}'; use modified, added or deleted."),
    };

    private static SelectTestsResponse ResponseOf(Selection selection) => new()
    {
        SelectAll = selection.All,
        Reason = selection.All ? selection.Why : null,
        TotalTests = selection.Known,
        SelectedTests = selection.Selected,
        NewTests = selection.Counts.GetValueOrDefault(Reason.NewTest),
        UpdatedTests = selection.Counts.GetValueOrDefault(Reason.UpdatedTest),
        SrcCodeTests = selection.Counts.GetValueOrDefault(Reason.SourceCode),
        PreviousFailures = selection.Counts.GetValueOrDefault(Reason.PreviousFailure),
        Tests = new RunnableTests(selection.Tests),
    };

    private static partial class Log
    {
        [LoggerMessage(6030, LogLevel.Information, "Account {Account}, {Repository}: all tests run. {Why}", EventName = "TiSelectsEverything")]
        public static partial void Everything(ILogger logger, string account, string repository, string why);
    }
}
