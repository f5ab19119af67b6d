using System.CommandLine;
using System.Globalization;
using Gatehouse.Client.Operator;
using Gatehouse.Contracts.TestIntelligence;

namespace Gatehouse.Cli.Commands;

/// <summary><c>gatehouse ti</c>: what builds reported to the TI service, and what it left out.</summary>
internal static class TestCommands
{
    public static Command Build() => new("ti", "Test reports and selections of an account's builds") { TestRunCommand.Build(), Summary(), Tests(), Overview(), QuarantineCommands.Build() };

    private static Command Summary()
    {
        var which = new BuildOptions();
        var command = which.AddTo(new Command("summary", "A build's test report in numbers; exits with 1 when tests failed"));
        command.Runs(async (call, cancellationToken) =>
        {
            var summary = await call.Client.GetTestSummaryAsync(call.Get(which.Account), which.Of(call), cancellationToken);
            call.Print(summary, TiJson.Default.ReportSummary, sheet => sheet.Facts(
                ("Tests", Text(summary.TotalTests)), ("Passed", Text(summary.SuccessfulTests)), ("Failed", Text(summary.FailedTests)), ("Skipped", Text(summary.SkippedTests)),
                ("Left out", Text(summary.SkippedByTi)), ("Flaky", Text(summary.FlakyTests)), ("Duration", Duration(summary.DurationMs))));
            return summary.FailedTests == 0 ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }

    private static Command Tests()
    {
        var which = new BuildOptions();
        var failed = new Option<bool>("--failed") { Description = "Only tests that failed" };
        var search = new Option<string?>("--search") { Description = "Only tests with this in name, class, suite or file; several with commas", HelpName = "TEXT" };
        var page = new Option<int>("--page") { Description = "Which page, from 0", DefaultValueFactory = _ => 0 };
        var size = new Option<int>("--page-size") { Description = "Tests on a page, 1 to 1000", DefaultValueFactory = _ => 50 };
        var command = which.AddTo(new Command("tests", "A build's test cases, failures first") { failed, search, page, size });
        command.Runs(async (call, cancellationToken) =>
        {
            var cases = await call.Client.ListTestCasesAsync(
                call.Get(which.Account), which.Of(call), call.Get(failed), call.Get(search), call.Get(page), call.Get(size), cancellationToken);
            call.Print(cases, TiJson.Default.TestCases, sheet =>
            {
                sheet.Table(["STATUS", "CLASS", "TEST", "DURATION", "MESSAGE"], cases.Content.Select(one => new[]
                {
                    one.Flaky ? one.Result.Status + " (flaky)" : one.Result.Status, one.ClassName, one.Name, Duration(one.DurationMs), one.Result.Message,
                }));
                if (cases.Data.TotalPages > 1)
                    sheet.Line(string.Create(CultureInfo.InvariantCulture, $"Page {call.Get(page)} of 0 to {cases.Data.TotalPages - 1}, {cases.Data.TotalItems} tests in all."));
            });
        });
        return command;
    }

    private static Command Overview()
    {
        var which = new BuildOptions();
        var command = which.AddTo(new Command("overview", "How many tests a build left out, and what that saved"));
        command.Runs(async (call, cancellationToken) =>
        {
            var overview = await call.Client.GetTestOverviewAsync(call.Get(which.Account), which.Of(call), cancellationToken);
            call.Print(overview, TiJson.Default.SelectionOverview, sheet => sheet.Facts(
                ("Repository", overview.Repo), ("Branches", $"{overview.SourceBranch} against {overview.TargetBranch}"),
                ("Tests", Text(overview.TotalTests)), ("Left out", Text(overview.SkippedTests)),
                ("Selected", string.Create(CultureInfo.InvariantCulture, $"{overview.SelectedTests.SourceCodeChanges} for changed sources, {overview.SelectedTests.UpdatedTests} changed, {overview.SelectedTests.NewTests} new")),
                ("Time saved", Duration(overview.TimeSavedMs)), ("Time taken", Duration(overview.TimeTakenMs))));
        });
        return command;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Duration(long milliseconds) => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000.0:0.###} s");

    /// <summary>Which build.</summary>
    private sealed class BuildOptions
    {
        private readonly Option<string> _org = Required("--org", "Organisation"), _project = Required("--project", "Project"), _pipeline = Required("--pipeline", "Pipeline"), _build = Required("--build", "Build");
        private readonly Option<string?> _stage = Optional("--stage", "Stage; all when left out"), _step = Optional("--step", "Step; all when left out"), _report = Optional("--report", "Report, for example junit; all when left out");

        public Option<string> Account { get; } = SharedOptions.Account();

        public Command AddTo(Command command)
        {
            foreach (var option in new Option[] { Account, _org, _project, _pipeline, _build, _stage, _step, _report })
                command.Add(option);
            return command;
        }

        public TestBuild Of(Invocation call) => new(call.Get(_org), call.Get(_project), call.Get(_pipeline), call.Get(_build), call.Get(_stage), call.Get(_step), call.Get(_report));

        private static Option<string> Required(string name, string description) => new(name) { Description = description, Required = true, HelpName = "ID" };

        private static Option<string?> Optional(string name, string description) => new(name) { Description = description, HelpName = "ID" };
    }
}
