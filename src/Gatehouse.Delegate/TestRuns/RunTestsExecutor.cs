using System.ComponentModel;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gatehouse.Client;
using Gatehouse.Contracts.Tasks;

namespace Gatehouse.Delegate;

/// <summary>
/// Runs a test command for what a change calls for: prepare, ask, run, report. Asking and reporting are workers of their own. Only the
/// scripts' exit codes and the time limit decide how the task ends.
/// </summary>
internal sealed class RunTestsExecutor(TaskProcess process, TaskEnvironment environment, StepSetup steps, DelegateSettings settings, ClientIdentity identity, TimeProvider time) : ITaskExecutor
{
    private const int MaxAnswerBytes = 1024 * 1024;

    /// <summary>Asking must not use up a task's time: without an answer by then, everything runs.</summary>
    private static readonly TimeSpan s_asking = TimeSpan.FromMinutes(3);

    public string TaskType => TaskTypes.RunTests;

    public async Task<TaskOutcome> RunAsync(TaskAssignment assignment, CancellationToken abort)
    {
        var (task, problem) = RunTestsOrder.Check(assignment.Package.Data);
        if (task is null)
            return Failed(problem);
        var services = steps.ServicesOf(assignment.Package);
        if (services.WhyNot($"{task.Prepare}\n{task.Command}", task.Environment, null) is { } unreachable)
            return Failed(unreachable);
        try
        {
            using var files = steps.IdentityOf(services, assignment.Folder);
            var (variables, wrong) = environment.For(assignment.Package, assignment.DelegateId, assignment.Folder, task.Environment, step =>
            {
                services.AddTo(step);
                files?.AddTo(step);
            });
            if (variables is null)
                return Failed(wrong);
            return TaskOutcome.Of(await new Run(process, settings, identity, time, assignment, task, variables, abort).ToEndAsync());
        }
        catch (OperationCanceledException) when (abort.IsCancellationRequested)
        {
            return TaskOutcome.Of(new RunTestsResult(null, Aborted: true));
        }
        catch (Exception failure) when (failure is Win32Exception or IOException or UnauthorizedAccessException)
        {
            return Failed($"The tests could not be started: {failure.Message}");
        }
    }

    private static TaskOutcome Failed(string? problem) => TaskOutcome.Of(new RunTestsResult(null, Error: problem));

    /// <summary>One task on its way.</summary>
    private sealed class Run(
        TaskProcess process, DelegateSettings settings, ClientIdentity identity, TimeProvider time, TaskAssignment assignment, RunTestsTask task, IReadOnlyDictionary<string, string> variables, CancellationToken abort)
    {
        private readonly long _start = time.GetTimestamp();
        private readonly string _folder = task.Directory ?? assignment.Folder.Work;

        internal async Task<RunTestsResult> ToEndAsync()
        {
            if (task.Prepare is { Length: > 0 } prepare && await ScriptAsync(prepare, variables) is { ExitCode: not 0 } failed)
                return Conclude(failed, "preparing ");
            if (!Directory.Exists(_folder))
                return new RunTestsResult(null, OutputBytes: assignment.Output.Total, Error: $"There is no folder {_folder} on this delegate.");
            var answer = await AskAsync();
            var startedAt = time.GetUtcNow();
            var started = time.GetTimestamp();
            var end = await ScriptAsync(task.Command!, With(variables, answer.Variables));
            var result = Conclude(end, "") with { Selection = answer.ToRun };
            if (result.ExitCode is not { } exitCode)
                return result;
            var order = Order() with { StartedAt = startedAt, Secrets = assignment.Secrets.Masked, ExitCode = exitCode, ElapsedMs = (long)time.GetElapsedTime(started).TotalMilliseconds };
            return await ReportAsync(order) is { } report
                ? result with { Report = report.Report, ReportUploaded = report.ReportUploaded, CallGraphUploaded = report.CallGraphUploaded }
                : result;
        }

        private TimeSpan Left => assignment.Limit - time.GetElapsedTime(_start) is { Ticks: > 0 } left ? left : TimeSpan.FromTicks(1);

        private async Task<ProcessEnd> ScriptAsync(string text, IReadOnlyDictionary<string, string> withVariables)
        {
            // Without a byte order mark, which bash would take for a command.
            await File.WriteAllTextAsync(assignment.Folder.Script, text, new UTF8Encoding(false), abort);
            var folder = Directory.Exists(_folder) ? _folder : assignment.Folder.Work;
            return await process.RunAsync(
                new TaskCommand { Arguments = [Programs.Shell, assignment.Folder.Script], WorkingDirectory = folder, Environment = withVariables },
                Left, bytes => assignment.Output.Append(bytes.Span), abort);
        }

        private async Task<SelectionAnswer> AskAsync()
        {
            TaskFolder.MakePrivate(assignment.Folder.Selection);
            var answer = assignment.Package.Services?.TiToken is { Length: > 0 }
                ? await WorkAsync("select-tests", Order(), TestRunJson.Default.SelectionAnswer, s_asking)
                    ?? new SelectionFiles(assignment.Folder.Selection).Everything("Asking the TI service took too long or broke off.")
                : new SelectionFiles(assignment.Folder.Selection).Everything("The manager gave no token for a TI service.");
            var chosen = answer.ToRun;
            Say(chosen.Mode switch
            {
                "all" => $"all tests run. {chosen.Reason}",
                "none" => $"none of the {chosen.Known} known tests is called for by these changes",
                "skip" => $"{chosen.Selected} test files can be left out",
                _ => $"{chosen.Selected} of {chosen.Known} known tests run",
            });
            if (answer.Note is { } note)
                Say(note);
            return answer;
        }

        private async Task<ReportAnswer?> ReportAsync(TestOrder order)
        {
            if (task.Reports is not { Count: > 0 } && task.CallGraph is not { Length: > 0 })
                return null;
            if (string.IsNullOrEmpty(order.Token))
            {
                Say("nothing is uploaded: the manager gave no token for a TI service");
                return null;
            }

            if (await WorkAsync("report-tests", order, TestRunJson.Default.ReportAnswer, Left) is not { } answer)
            {
                Say("the reports could not be read and uploaded in the time that was left");
                return null;
            }

            foreach (var sentence in answer.Sentences)
                Say(sentence);
            if (answer.Report is { } report)
            {
                Say(string.Create(CultureInfo.InvariantCulture, $"{report.TotalTests} tests: {report.SuccessfulTests} passed, {report.FailedTests} failed, {report.SkippedTests} skipped, in {report.DurationMs / 1000.0:0.0##} s{(answer.ReportUploaded ? "; reported" : "")}{(answer.CallGraphUploaded ? "; call graph uploaded" : "")}"));
            }
            else if (answer.CallGraphUploaded)
            {
                Say("call graph uploaded");
            }

            return answer;
        }

        /// <summary>One of our own programs' answers; null when it gave none.</summary>
        private async Task<T?> WorkAsync<T>(string worker, TestOrder order, JsonTypeInfo<T> type, TimeSpan limit)
            where T : class
        {
            using var output = new MemoryStream();
            await process.RunAsync(
                new TaskCommand
                {
                    Arguments = [.. Programs.Self, "worker", worker],
                    WorkingDirectory = _folder,
                    Environment = variables,
                    Input = JsonSerializer.SerializeToUtf8Bytes(order, TestRunJson.Default.TestOrder),
                    JoinErrors = false,
                },
                limit < Left ? limit : Left, bytes =>
                {
                    if (output.Length + bytes.Length <= MaxAnswerBytes)
                        output.Write(bytes.Span);
                }, abort);
            abort.ThrowIfCancellationRequested();
            try
            {
                return JsonSerializer.Deserialize(output.GetBuffer().AsSpan(0, (int)output.Length), type);
            }
            catch (JsonException)
            {
                return null;
            }
        }

        /// <summary>Certificate and roots by value: the worker shows what is in use here, whatever is just being written where they come from.</summary>
        private TestOrder Order() => Order(identity.Material);

        private TestOrder Order(ConnectionMaterial material) => new()
        {
            // Scripts and their secrets are none of a worker's business.
            Task = task with { Command = null, Prepare = null, Environment = null },
            Service = settings.Services.Ti,
            AccountId = settings.AccountId,
            Token = assignment.Package.Services?.TiToken ?? "",
            CertificatePem = material.Identity?.ExportCertificatesPem(),
            KeyPem = material.Identity?.ExportKeyPem(),
            RootsPem = material.Trust.ExportPem(),
            CaBundleDirectory = settings.CaBundleDirectory,
            Proxy = settings.Proxy?.Origin,
            Bypass = settings.Proxy?.Bypass,
            Folder = _folder,
            SelectionFolder = assignment.Folder.Selection,
        };

        private RunTestsResult Conclude(ProcessEnd end, string what)
        {
            var written = assignment.Output.Total;
            if (end.TimedOut)
                Say(string.Create(CultureInfo.InvariantCulture, $"{what}the task was stopped at its time limit of {assignment.Limit.TotalSeconds:0.###} s; nothing is reported"));
            if (end.Aborted)
                Say($"{what}the task was stopped on request; nothing is reported");
            if (end.LeftBehind.Count > 0)
                Say($"processes that were left running were stopped: {string.Join(", ", end.LeftBehind.Take(8))}{(end.LeftBehind.Count > 8 ? $" and {end.LeftBehind.Count - 8} more" : "")}");
            if (!end.AllGone)
                Say("some of its processes could not be stopped; they run as another user or hang in the kernel");
            return new RunTestsResult(end.ExitCode, end.TimedOut, end.Aborted, written);
        }

        private void Say(string sentence) =>
            assignment.Output.Append(Encoding.UTF8.GetBytes($"gatehouse: {new string([.. sentence.Select(c => char.IsControl(c) ? ' ' : c)])}\n"));

        private static Dictionary<string, string> With(IReadOnlyDictionary<string, string> all, IReadOnlyDictionary<string, string> more)
        {
            // What tells of a selection comes from here and nowhere else.
            var with = all.Where(pair => !pair.Key.StartsWith("GATEHOUSE_TI_", StringComparison.Ordinal)).ToDictionary(StringComparer.Ordinal);
            foreach (var (name, value) in more)
                with[name] = value;
            return with;
        }
    }
}
