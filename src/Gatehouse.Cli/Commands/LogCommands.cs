using System.CommandLine;
using System.Text.Json.Serialization;
using Gatehouse.Cli.Output;
using Gatehouse.Contracts;

namespace Gatehouse.Cli.Commands;

/// <summary><c>gatehouse logs</c>: what tasks and other writers left with the log service.</summary>
internal static class LogCommands
{
    public static Command Build() => new("logs", "Logs of an account's tasks and steps, live and kept") { Tail(), Get(), Download() };

    private static Command Tail()
    {
        var which = new WhichLog();
        var command = which.AddTo(new Command("tail", "Follow a log until it is closed, from its first line on; says what was missed"));
        command.Runs((call, cancellationToken) => which.Of(call).FollowAsync(cancellationToken));
        return command;
    }

    private static Command Get()
    {
        var which = new WhichLog();
        var command = which.AddTo(new Command("get", "Print a log: all of one that is kept, what there is now of one that is open"));
        command.Runs((call, cancellationToken) => which.Of(call).PrintAsync(cancellationToken));
        return command;
    }

    private static Command Download()
    {
        var account = SharedOptions.Account();
        var prefix = new Option<string>("--prefix") { Description = "Beginning of the logs' keys, as plain text, for example accountId:acme/", HelpName = "TEXT", Required = true };
        var to = new Option<string>("--to") { Description = "The zip to write; must not be there yet", HelpName = "FILE", Required = true };
        var command = new Command("download", "Put all kept logs whose key begins with a text into a zip") { account, prefix, to };
        command.Runs(async (call, cancellationToken) =>
        {
            var done = await new LogReading(call, call.Get(account), call.Get(prefix), taskId: null).DownloadAsync(call.Get(to), cancellationToken);
            call.Print(done, LogCommandsJson.Default.LogDownload, sheet => sheet.Facts(("File", done.File), ("Size", Words.Size(done.Bytes))));
        });
        return command;
    }

    /// <summary>A log by its key, or by the task it is of.</summary>
    private sealed class WhichLog
    {
        private readonly Option<string?> _task = new("--task") { Description = "The task whose log it is, as 'task list' shows it", HelpName = "TASK" };
        private readonly Option<string?> _key = new("--key") { Description = "The log's key, for logs of other writers", HelpName = "KEY" };

        public Option<string> Account { get; } = SharedOptions.Account();

        public Command AddTo(Command command)
        {
            command.Add(Account);
            command.Add(_task);
            command.Add(_key);
            command.Validators.Add(result =>
            {
                if (result.GetValue(_task) is null == (result.GetValue(_key) is null))
                {
                    result.AddError("Give one of --task and --key.");
                }
            });
            return command;
        }

        public LogReading Of(Invocation call) => new(call, call.Get(Account), call.Get(_key) ?? TaskLogKey.Of(call.Get(Account), call.Get(_task)!), call.Get(_task));
    }
}

/// <summary>A zip that was written.</summary>
internal sealed record LogDownload(string File, long Bytes);

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(LogDownload))]
internal sealed partial class LogCommandsJson : JsonSerializerContext;
