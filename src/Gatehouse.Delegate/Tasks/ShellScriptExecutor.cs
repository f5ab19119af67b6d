using System.ComponentModel;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Tasks;

namespace Gatehouse.Delegate;

/// <summary>Runs a script file with bash in the task's folder.</summary>
/// <param name="process">Starts it.</param>
/// <param name="environment">Of tasks.</param>
/// <param name="steps">Where it finds the services.</param>
/// <param name="taskType">The type it answers for.</param>
/// <param name="purpose">The service without whose address a task of this type has no sense; null: none.</param>
internal sealed class ShellScriptExecutor(
    TaskProcess process, TaskEnvironment environment, StepSetup steps, string taskType = TaskTypes.ShellScript, StepService? purpose = null) : ITaskExecutor
{
    public string TaskType => taskType;

    public async Task<TaskOutcome> RunAsync(TaskAssignment assignment, CancellationToken abort)
    {
        var (task, problem) = Parse(assignment.Package.Data);
        if (task is null)
            return Failed(problem);
        var services = steps.ServicesOf(assignment.Package);
        if (services.WhyNot(task.Script, task.Environment, purpose) is { } unreachable)
            return Failed(unreachable);
        try
        {
            using var identity = steps.IdentityOf(services, assignment.Folder);
            var (variables, wrong) = environment.For(assignment.Package, assignment.DelegateId, assignment.Folder, task.Environment, step =>
            {
                services.AddTo(step);
                identity?.AddTo(step);
            });
            if (variables is null)
                return Failed(wrong);
            if (purpose is not null)
                variables[purpose.EndpointVariable] = services.AddressOf(purpose)!;
            // Without a byte order mark, which bash would take for a command.
            await File.WriteAllTextAsync(assignment.Folder.Script, task.Script, new UTF8Encoding(false), abort);
            var end = await process.RunAsync(
                new TaskCommand
                {
                    Arguments = [Programs.Shell, assignment.Folder.Script],
                    WorkingDirectory = assignment.Folder.Work,
                    Environment = variables,
                },
                assignment.Limit, bytes => assignment.Output.Append(bytes.Span), abort);
            return TaskOutcome.Of(Conclude(assignment, end));
        }
        catch (OperationCanceledException) when (abort.IsCancellationRequested)
        {
            return TaskOutcome.Of(new ShellScriptResult(null, Aborted: true));
        }
        catch (Exception failure) when (failure is Win32Exception or IOException or UnauthorizedAccessException)
        {
            return Failed($"The script could not be started: {failure.Message}");
        }
    }

    private static ShellScriptResult Conclude(TaskAssignment assignment, ProcessEnd end)
    {
        var written = assignment.Output.Total;
        if (end.TimedOut)
            Say(assignment, string.Create(CultureInfo.InvariantCulture, $"the task was stopped at its time limit of {assignment.Limit.TotalSeconds:0.###} s"));
        if (end.Aborted)
            Say(assignment, "the task was stopped on request");
        if (end.LeftBehind.Count > 0)
        {
            var more = end.LeftBehind.Count > 8 ? $" and {end.LeftBehind.Count - 8} more" : "";
            Say(assignment, $"the script ended and left processes running; they were stopped: {string.Join(", ", end.LeftBehind.Take(8))}{more}");
        }

        if (!end.AllGone)
            Say(assignment, "some of its processes could not be stopped; they run as another user or hang in the kernel");
        return new ShellScriptResult(end.ExitCode, end.TimedOut, end.Aborted, written);
    }

    private static void Say(TaskAssignment assignment, string sentence) => assignment.Output.Append(Encoding.UTF8.GetBytes($"gatehouse: {sentence}\n"));

    private static (ShellScriptTask? Task, string? Problem) Parse(JsonElement data)
    {
        try
        {
            return data.Deserialize(ContractsJson.Default.ShellScriptTask) is { Script: not null } task ? (task, null) : (null, "The task holds no script.");
        }
        catch (JsonException)
        {
            return (null, "The task's data is not what a task with a script holds: an object with script and environment.");
        }
    }

    private static TaskOutcome Failed(string? problem) => TaskOutcome.Of(new ShellScriptResult(null, Error: problem));
}
