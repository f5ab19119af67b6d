using System.CommandLine;
using System.CommandLine.Parsing;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Tasks;

namespace Gatehouse.Cli.Commands;

internal static class TaskRunCommand
{
    public static Command Build()
    {
        var account = SharedOptions.Account();
        var selector = new Option<string[]>("--selector") { Description = "Only on a delegate with this tag, name or host name; give it again for more, all must fit", HelpName = "TAG" };
        var timeout = new Option<TimeSpan?>("--timeout") { Description = "End the task after this time, the wait for a delegate included; default 10m", HelpName = "TIME", CustomParser = Durations.Parse };
        var environment = new Option<string[]>("--env") { Description = "Environment variable of the script; give it again for more", HelpName = "NAME=VALUE" };
        environment.Validators.Add(RejectUnnamed);
        var script = new Argument<string[]>("SCRIPT") { Description = "After --: one word is the script; several are one command, each word as it is", Arity = ArgumentArity.OneOrMore };
        var command = new Command("run", "Run a script on a delegate, print its output as it appears and exit with its exit code")
        {
            account, selector, timeout, environment, script,
        };
        command.Runs(async (call, cancellationToken) =>
        {
            var shell = new ShellScriptTask(ScriptText(call.Get(script)), Pairs(call.Get(environment)));
            var request = new RunTaskRequest { Shell = shell, Selectors = call.Get(selector) ?? [], TimeoutMs = (long?)call.Get(timeout)?.TotalMilliseconds };
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

    private static Dictionary<string, string>? Pairs(string[]? environment) =>
        environment is not { Length: > 0 } ? null
            : environment.Select(pair => pair.Split('=', 2)).GroupBy(pair => pair[0]).ToDictionary(group => group.Key, group => group.Last()[1]);

    private static void RejectUnnamed(OptionResult result)
    {
        foreach (var token in result.Tokens.Where(token => token.Value.IndexOf('=', StringComparison.Ordinal) < 1))
        {
            // Only what is before an equals sign is shown: what is behind it may be secret.
            result.AddError($"--env '{token.Value.Split('=')[0]}' needs the form NAME=VALUE.");
        }
    }
}
