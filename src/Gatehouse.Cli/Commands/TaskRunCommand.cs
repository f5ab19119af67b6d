using System.CommandLine;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Tasks;

namespace Gatehouse.Cli.Commands;

internal static class TaskRunCommand
{
    public static Command Build()
    {
        var account = SharedOptions.Account();
        var options = new TaskOptions("the script");
        var script = new Argument<string[]>("SCRIPT") { Description = "After --: one word is the script; several are one command, each word as it is", Arity = ArgumentArity.OneOrMore };
        var command = new Command("run", "Run a script on a delegate, print its output as it appears and exit with its exit code")
        {
            account, options.Selector, options.Timeout, options.Environment, options.Secret, script,
        };
        command.Runs(async (call, cancellationToken) =>
        {
            var shell = new ShellScriptTask(ScriptText(call.Get(script)), options.Variables(call));
            var request = new RunTaskRequest
            {
                Shell = shell,
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
