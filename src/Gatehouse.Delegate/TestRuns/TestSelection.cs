using Gatehouse.Client;
using Gatehouse.Contracts.TestIntelligence;

namespace Gatehouse.Delegate;

/// <summary>Asks the TI service which tests to run. Whatever goes wrong runs everything, and says so.</summary>
internal sealed class TestSelection(TestOrder order, TiClient client)
{
    private readonly SelectionFiles _files = new(order.SelectionFolder);

    internal async Task<SelectionAnswer> AskAsync(CancellationToken cancel)
    {
        try
        {
            if (order.Task is { RunAll: false, Changes.Checksums: { } checksums })
                return _files.LeaveOut(await client.SkipListAsync(new SkipTestsRequest { Files = checksums, ExecutionContext = order.Task.Changes.ExecutionContext }, cancel));
            var (changed, problem) = await ChangedAsync(cancel);
            // Asked all the same when everything runs: the TI service then knows that what comes in is complete.
            var answer = await client.SelectAsync(new SelectTestsRequest { SelectAll = changed is null, Files = changed ?? [] }, cancel);
            return changed is null ? _files.Everything(problem!, answer.TotalTests) : _files.Selected(answer);
        }
        catch (RequestRefusedException refused)
        {
            return _files.Everything($"The TI service did not say which: {refused.Message} {refused.NextStep}".TrimEnd());
        }
        catch (ConnectionFailedException away)
        {
            return _files.Everything($"The TI service cannot be asked: {away.Message} {away.NextStep}".TrimEnd());
        }
    }

    private async Task<(IReadOnlyList<ChangedFileInfo>? Files, string? Problem)> ChangedAsync(CancellationToken cancel)
    {
        if (order.Task.RunAll)
            return (null, "The task asks for everything.");
        if (order.Task.Changes is not { } changes)
            return (null, "The task does not say what has changed.");
        if (changes.Files is { } files)
            return (files, null);
        if ((changes.GitBase is { Length: > 0 } given ? given : await client.LastGoodCommitAsync(cancel)) is not { } commit)
            return (null, $"The TI service does not account for any commit of {order.Task.Step!.TargetBranch} yet.");
        var reports = new ReportFiles(order.Task.Reports ?? []);
        return await GitChanges.SinceAsync(order.Folder, commit, path => path == order.Task.CallGraph || reports.Match(path), cancel);
    }
}
