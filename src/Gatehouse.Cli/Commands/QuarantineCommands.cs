using System.CommandLine;
using Gatehouse.Client.Operator;
using Gatehouse.Contracts.TestIntelligence;

namespace Gatehouse.Cli.Commands;

/// <summary><c>gatehouse ti quarantine</c>: tests that runners may skip because their results say nothing.</summary>
internal static class QuarantineCommands
{
    public static Command Build() => new("quarantine", "Tests that runners may skip because their results say nothing") { List(), Add(), Remove() };

    private static Command List()
    {
        var where = new RepositoryOptions();
        var command = where.AddTo(new Command("list", "A repository's tests in quarantine: found to be flaky, or put there"));
        command.Runs(async (call, cancellationToken) =>
            Print(call, await call.Client.ListQuarantineAsync(call.Get(where.Account), where.Of(call), cancellationToken)));
        return command;
    }

    private static Command Add()
    {
        var where = new RepositoryOptions();
        var (test, className) = (Test(), Class());
        var reason = new Option<string?>("--reason") { Description = "Why, for people", HelpName = "TEXT" };
        var command = where.AddTo(new Command("add", "Put a test into quarantine until it is taken out") { test, className, reason });
        command.Runs(async (call, cancellationToken) =>
            Print(call, await call.Client.AddToQuarantineAsync(call.Get(where.Account), where.Of(call), call.Get(className) ?? "", call.Get(test), call.Get(reason), cancellationToken)));
        return command;
    }

    private static Command Remove()
    {
        var where = new RepositoryOptions();
        var (test, className) = (Test(), Class());
        var command = where.AddTo(new Command("remove", "Take a test out of quarantine; signs of being flaky count from then on") { test, className });
        command.Runs(async (call, cancellationToken) =>
            Print(call, await call.Client.RemoveFromQuarantineAsync(call.Get(where.Account), where.Of(call), call.Get(className) ?? "", call.Get(test), cancellationToken)));
        return command;
    }

    private static void Print(Invocation call, QuarantinedTests tests) => call.Print(tests, TiJson.Default.QuarantinedTests, sheet =>
    {
        if (tests.Tests.Count == 0)
            sheet.Line("No test of this repository is in quarantine.");
        else
            sheet.Table(["CLASS", "TEST", "WHY"], tests.Tests.Select(one => new[] { one.ClassName, one.TestName, one.Reason is null ? "flaky" : one.Reason.Length == 0 ? "put there" : one.Reason }));
    });

    private static Argument<string> Test() => new("TEST") { Description = "Name of the test, as reports have it" };

    private static Option<string?> Class() => new("--class") { Description = "Its class, as reports have it; none when left out", HelpName = "NAME" };

    /// <summary>Which repository.</summary>
    private sealed class RepositoryOptions
    {
        private readonly Option<string> _org = Required("--org", "Organisation", "ID"), _project = Required("--project", "Project", "ID"), _repo = Required("--repo", "Address of the repository", "URL");

        public Option<string> Account { get; } = SharedOptions.Account();

        public Command AddTo(Command command)
        {
            foreach (var option in new Option[] { Account, _org, _project, _repo })
                command.Add(option);
            return command;
        }

        public TestRepository Of(Invocation call) => new(call.Get(_org), call.Get(_project), call.Get(_repo));

        private static Option<string> Required(string name, string description, string help) => new(name) { Description = description, Required = true, HelpName = help };
    }
}
