using System.CommandLine;
using System.CommandLine.Parsing;

namespace Gatehouse.Cli.Commands;

/// <summary>What every command that runs something on a delegate takes.</summary>
/// <param name="what">What gets the environment, for the help.</param>
internal sealed class TaskOptions(string what)
{
    public Option<string[]> Selector { get; } = new("--selector") { Description = "Only on a delegate with this tag, name or host name; give it again for more, all must fit", HelpName = "TAG" };

    public Option<TimeSpan?> Timeout { get; } =
        new("--timeout") { Description = "End the task after this time, the wait for a delegate included; default 10m", HelpName = "TIME", CustomParser = Durations.Parse };

    public Option<string[]> Environment { get; } = Validated(new("--env") { Description = $"Environment variable of {what}; give it again for more", HelpName = "NAME=VALUE" });

    public Option<string[]> Secret { get; } = new("--secret")
    {
        Description = $"Environment variable of {what} whose value is masked wherever output goes: taken from this command's environment, or from a file; NAME=VALUE works, and shows it in process lists. Give it again for more",
        HelpName = "NAME|NAME=@FILE",
    };

    public IReadOnlyList<string> Selectors(Invocation call) => call.Get(Selector) ?? [];

    public long? TimeoutMs(Invocation call) => (long?)call.Get(Timeout)?.TotalMilliseconds;

    public IReadOnlyDictionary<string, string>? Variables(Invocation call) => call.Get(Environment) is not { Length: > 0 } environment
        ? null
        : environment.Select(pair => pair.Split('=', 2)).GroupBy(pair => pair[0]).ToDictionary(group => group.Key, group => group.Last()[1]);

    /// <exception cref="CliException">One cannot be read.</exception>
    public Task<IReadOnlyDictionary<string, string>?> SecretsAsync(Invocation call, CancellationToken cancellationToken) =>
        TaskSecretOption.ReadAsync(call.Get(Secret) ?? [], System.Environment.GetEnvironmentVariable, call.Say, cancellationToken);

    private static Option<string[]> Validated(Option<string[]> environment)
    {
        environment.Validators.Add(RejectUnnamed);
        return environment;
    }

    private static void RejectUnnamed(OptionResult result)
    {
        foreach (var token in result.Tokens.Where(token => token.Value.IndexOf('=', StringComparison.Ordinal) < 1))
        {
            // Only what is before an equals sign is shown: what is behind it may be secret.
            result.AddError($"--env '{token.Value.Split('=')[0]}' needs the form NAME=VALUE.");
        }
    }
}
