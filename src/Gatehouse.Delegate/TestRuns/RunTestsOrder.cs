using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Tasks;

namespace Gatehouse.Delegate;

/// <summary>Reads and checks what a RUN_TESTS task holds.</summary>
internal static class RunTestsOrder
{
    /// <summary>The task, or what is wrong with it.</summary>
    internal static (RunTestsTask? Task, string? Problem) Check(JsonElement data)
    {
        RunTestsTask? task;
        try
        {
            task = data.Deserialize(ContractsJson.Default.RunTestsTask);
        }
        catch (JsonException failure)
        {
            return (null, $"The task's data is not what a RUN_TESTS task holds{(failure.Path is { Length: > 1 and < 100 } path ? $": look at {path[1..].TrimStart('.')}" : "")}.");
        }

        return Problem(task) is { } problem ? (null, problem) : (task, null);
    }

    private static string? Problem(RunTestsTask? task)
    {
        if (string.IsNullOrWhiteSpace(task?.Command))
            return "The task holds no command.";
        if (task.Command.Contains('\0') || task.Prepare?.Contains('\0') == true)
            return "The task's command has a NUL character.";
        if (task.Directory is { } folder && !Path.IsPathFullyQualified(folder))
            return $"The task's directory is “{folder}”; it must be an absolute path on the delegate, or left out.";
        if (Missing(task.Step) is { } missing)
            return $"The task's step has no {missing}.";
        if (task.Reports is { } globs && (globs.Count > ReportFiles.MaxGlobs || globs.Any(glob => !IsBelow(glob))))
            return $"The task's reports are not at most {ReportFiles.MaxGlobs} globs below its directory, such as **/TestResults/*.xml.";
        if (task.CallGraph is { } graph && !IsBelow(graph))
            return $"The task's callGraph is “{graph}”; it must be a path below its directory.";
        if (task.ReportName is { Length: 0 or > 128 })
            return "The task's reportName is not 1 to 128 characters.";
        var ways = task.Changes is { } changes ? (changes.Files is null ? 0 : 1) + (changes.Git ? 1 : 0) + (changes.Checksums is null ? 0 : 1) : 1;
        return ways == 1 ? null : "The task's changes must have exactly one of files, git and checksums.";
    }

    private static string? Missing(TestStep? step) => step is null ? "data at all" :
        new[]
        {
            (step.OrgId, "orgId"), (step.ProjectId, "projectId"), (step.PipelineId, "pipelineId"), (step.BuildId, "buildId"), (step.StageId, "stageId"), (step.StepId, "stepId"),
            (step.Repo, "repo"), (step.TargetBranch, "targetBranch"),
        }.Where(pair => string.IsNullOrEmpty(pair.Item1)).Select(pair => pair.Item2).FirstOrDefault();

    private static bool IsBelow(string? path) =>
        path is { Length: > 0 and <= 1024 } && !Path.IsPathRooted(path) && !path.Replace('\\', '/').Split('/').Contains("..") && !path.Contains('\0', StringComparison.Ordinal);
}
