using System.CommandLine;
using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Tasks;

namespace Gatehouse.Cli.Commands;

internal static class TaskRunCommand
{
    public static Command Build()
    {
        var account = SharedOptions.Account();
        var options = new TaskOptions("the script");
        var type = new Option<string>("--type")
        {
            Description = "SHELL_SCRIPT, or a step that is told the address of its service and does not start without: STO_STEP, SCS_STEP",
            HelpName = "TYPE",
            DefaultValueFactory = _ => TaskTypes.ShellScript,
        };
        type.AcceptOnlyFromAmong(TaskTypes.ShellScript, TaskTypes.StoStep, TaskTypes.ScsStep);
        var script = new Argument<string[]>("SCRIPT") { Description = "After --: one word is the script; several are one command, each word as it is", Arity = ArgumentArity.OneOrMore };
        var command = new Command("run", "Run a script on a delegate, print its output as it appears and exit with its exit code")
        {
            account, options.Selector, options.Timeout, options.Environment, options.Secret, type, script,
        };
        command.Runs(async (call, cancellationToken) =>
        {
            var shell = new ShellScriptTask(ScriptText(call.Get(script)), options.Variables(call));
            var isPlain = call.Get(type) == TaskTypes.ShellScript;
            var request = new RunTaskRequest
            {
                Shell = isPlain ? shell : null,
                Type = isPlain ? null : call.Get(type),
                Data = isPlain ? null : JsonSerializer.SerializeToElement(shell, ContractsJson.Default.ShellScriptTask),
                Selectors = options.Selectors(call),
                TimeoutMs = options.TimeoutMs(call),
                Secrets = await options.SecretsAsync(call, cancellationToken),
            };
            return await TaskRun.RunAsync(call, call.Get(account), request, cancellationToken);
        });
        return command;
    }

    /// <summary>One word is a script. Several are a command whose words the far shell must not split or expand again.</summary>
    internal static string ScriptText(IReadOnlyList<string> words) =>
        words.Count == 1 ? words[0] : string.Join(' ', words.Select(Quote));

    private static string Quote(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "_-./:=,+@%".Contains(c, StringComparison.Ordinal))
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
