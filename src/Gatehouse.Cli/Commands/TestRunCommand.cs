using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Tasks;
using Gatehouse.Contracts.TestIntelligence;

namespace Gatehouse.Cli.Commands;

/// <summary><c>gatehouse ti run</c>: a RUN_TESTS task from the command line.</summary>
internal sealed class TestRunCommand
{
    private readonly Option<string> _account = SharedOptions.Account();
    private readonly Option<string> _org = Id("--org", "Organisation"), _project = Id("--project", "Project"), _pipeline = Id("--pipeline", "Pipeline"), _build = Id("--build", "Build"), _stage = Id("--stage", "Stage"), _step = Id("--step", "Step");
    private readonly Option<string> _repo = new("--repo") { Description = "Address of the repository", HelpName = "URL", Required = true };
    private readonly Option<string?> _sha = new("--sha") { Description = "The commit that is built", HelpName = "COMMIT" };
    private readonly Option<string> _target = new("--target") { Description = "Branch that the change is compared with", HelpName = "BRANCH", Required = true };
    private readonly Option<string?> _source = new("--source") { Description = "Branch that is built; default the target", HelpName = "BRANCH" };
    private readonly Option<string?> _directory = new("--directory") { Description = "Folder of the checkout on the delegate; default the task's own, which is empty at the start", HelpName = "DIR" };
    private readonly Option<string?> _prepare = new("--prepare") { Description = "Script to run first, for example to check out", HelpName = "SCRIPT" };
    private readonly Option<string[]> _changed = new("--changed") { Description = "A changed file, as modified:, added: or deleted: and its path; give it again for more", HelpName = "STATUS:PATH" };
    private readonly Option<bool> _git = new("--git") { Description = "Let git on the delegate say what has changed since the last commit of the target that is accounted for" };
    private readonly Option<string?> _since = new("--since") { Description = "As --git, since this commit", HelpName = "COMMIT" };
    private readonly Option<bool> _all = new("--all") { Description = "Run everything, whatever has changed" };
    private readonly Option<string[]> _report = new("--report") { Description = "JUnit XML files below the directory, for example **/TestResults/*.xml; give it again for more", HelpName = "GLOB" };
    private readonly Option<string?> _graph = new("--call-graph") { Description = "File below the directory in which the command leaves a call graph", HelpName = "PATH" };
    private readonly TaskOptions _task = new("the command");
    private readonly Argument<string[]> _command = new("COMMAND") { Description = "After --: one word is a script; several are one command, each word as it is", Arity = ArgumentArity.OneOrMore };

    public static Command Build() => new TestRunCommand().Command();

    private Command Command()
    {
        var command = new Command("run", "Run tests on a delegate: those that a change calls for, or all when that cannot be told; exits with the command's exit code")
        {
            _account, _org, _project, _pipeline, _build, _stage, _step, _repo, _sha, _target, _source, _directory, _prepare, _changed, _git, _since, _all, _report, _graph,
            _task.Selector, _task.Timeout, _task.Environment, _task.Secret, _command,
        };
        _changed.Validators.Add(result => RejectUnknown(result));
        command.Validators.Add(result =>
        {
            var ways = new[] { result.GetResult(_changed) is not null, result.GetResult(_git) is not null || result.GetResult(_since) is not null, result.GetResult(_all) is not null };
            if (ways.Count(way => way) > 1)
                result.AddError("Give only one of --changed, --git or --since, and --all.");
        });
        command.Runs(async (call, cancellationToken) =>
        {
            var request = new RunTaskRequest
            {
                Type = TaskTypes.RunTests,
                Data = JsonSerializer.SerializeToElement(TaskOf(call), ContractsJson.Default.RunTestsTask),
                Selectors = _task.Selectors(call),
                TimeoutMs = _task.TimeoutMs(call),
                Secrets = await _task.SecretsAsync(call, cancellationToken),
            };
            return await TaskRun.RunAsync(call, call.Get(_account), request, cancellationToken);
        });
        return command;
    }

    private RunTestsTask TaskOf(Invocation call) => new()
    {
        Command = TaskRunCommand.ScriptText(call.Get(_command)),
        Prepare = call.Get(_prepare),
        Directory = call.Get(_directory),
        Environment = _task.Variables(call),
        Step = new TestStep
        {
            OrgId = call.Get(_org),
            ProjectId = call.Get(_project),
            PipelineId = call.Get(_pipeline),
            BuildId = call.Get(_build),
            StageId = call.Get(_stage),
            StepId = call.Get(_step),
            Repo = call.Get(_repo),
            Sha = call.Get(_sha),
            SourceBranch = call.Get(_source),
            TargetBranch = call.Get(_target),
        },
        Changes = ChangesOf(call),
        RunAll = call.Get(_all),
        Reports = call.Get(_report),
        CallGraph = call.Get(_graph),
    };

    private TestChanges? ChangesOf(Invocation call)
    {
        if (call.Get(_changed) is { Length: > 0 } changed)
            return new TestChanges { Files = [.. changed.Select(text => text.Split(':', 2)).Select(parts => new ChangedFileInfo(parts[1], parts[0]))] };
        return call.Get(_git) || call.Get(_since) is not null ? new TestChanges { Git = true, GitBase = call.Get(_since) } : null;
    }

    private static void RejectUnknown(OptionResult result)
    {
        foreach (var token in result.Tokens.Where(token => token.Value.Split(':', 2) is not ["modified" or "added" or "deleted", { Length: > 0 }]))
            result.AddError($"--changed '{token.Value}' needs the form modified:PATH, added:PATH or deleted:PATH.");
    }

    private static Option<string> Id(string name, string description) => new(name) { Description = description, Required = true, HelpName = "ID" };
}
