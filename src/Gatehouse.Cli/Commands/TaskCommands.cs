using System.CommandLine;
using Gatehouse.Cli.Output;
using Gatehouse.Contracts;

namespace Gatehouse.Cli.Commands;

internal static class TaskCommands
{
    public static Command Build() => new("task", "Tasks: run a script on one of an account's delegates") { TaskRunCommand.Build(), List(), Show(), Abort() };

    private static Command List()
    {
        var account = SharedOptions.Account();
        var command = new Command("list", "List an account's newest tasks") { account };
        command.Runs(async (call, cancellationToken) =>
        {
            var tasks = await call.Client.ListTasksAsync(call.Get(account), cancellationToken);
            call.Print(tasks, ContractsJson.Default.IReadOnlyListTaskView, sheet => sheet.Table(
                ["ID", "TYPE", "STATUS", "DELEGATE", "QUEUED", "FINISHED", "OUTPUT"],
                tasks.Select(task => new[]
                {
                    task.Id, task.Type, task.Status, task.DelegateName, Words.When(task.CreatedAt), Words.When(task.FinishedAt), Words.Size(task.OutputBytes),
                })));
        });
        return command;
    }

    private static Command Show()
    {
        var account = SharedOptions.Account();
        var id = TaskArgument();
        var command = new Command("show", "Show one task") { id, account };
        command.Runs(async (call, cancellationToken) =>
            Print(call, await call.Client.GetTaskAsync(call.Get(account), call.Get(id), cancellationToken)));
        return command;
    }

    private static Command Abort()
    {
        var account = SharedOptions.Account();
        var id = TaskArgument();
        var command = new Command("abort", "End a task: a queued one at once, a running one as soon as its delegate hears of it") { id, account };
        command.Runs(async (call, cancellationToken) =>
            Print(call, await call.Client.AbortTaskAsync(call.Get(account), call.Get(id), cancellationToken)));
        return command;
    }

    private static Argument<string> TaskArgument()
    {
        var argument = new Argument<string>("TASK") { Description = "The task's id, as 'task list' shows it" };
        argument.Validators.Add(result => SharedOptions.RejectUnusableName(result.Tokens, result.AddError));
        return argument;
    }

    private static void Print(Invocation call, TaskView task) =>
        call.Print(task, ContractsJson.Default.TaskView, sheet => sheet.Facts(
            ("Task", task.Id),
            ("Type", task.Type),
            ("Status", task.Status),
            ("Delegate", task.DelegateName ?? task.DelegateId),
            ("Selectors", Words.List(task.Selectors)),
            ("Time limit", Words.Span(TimeSpan.FromMilliseconds(task.TimeoutMs))),
            ("Queued", Words.When(task.CreatedAt)),
            ("Started", Words.When(task.StartedAt)),
            ("Finished", Words.When(task.FinishedAt)),
            ("Output", Words.Size(task.OutputBytes)),
            ("Result", task.Result is { } result ? JsonText.Line(result, ContractsJson.Default.JsonElement) : null),
            ("Error", task.Error)));
}
