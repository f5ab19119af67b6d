using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Contracts.Tasks;
using Gatehouse.Testing;

namespace Gatehouse.Delegate.Tests;

/// <summary>RUN_TESTS in a delegate process, against a TI service that says what the test wants.</summary>
public sealed class WhenTestsAreRun : IAsyncLifetime
{
    private const string Selection = """
        {"total_tests":9,"selected_tests":2,"select_all":false,"tests":[
          {"pkg":"Shop","class":"CartTests","method":"Adds","selection":"source_code"},{"pkg":"Shop","class":"NewTests","method":"","selection":"new_test"}]}
        """;

    internal static readonly TestStep Step = new()
    {
        OrgId = "default",
        ProjectId = "shop",
        PipelineId = "ci",
        BuildId = "7",
        StageId = "build",
        StepId = "test",
        Repo = "https://git.example.com/shop",
        Sha = "c7",
        TargetBranch = "main",
    };

    private readonly TemporaryDirectory _folder = new();
    private FakeManager _manager = null!;
    private DelegateProcess? _delegate;

    public async ValueTask InitializeAsync() => _manager = await FakeManager.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_delegate is not null)
            await _delegate.DisposeAsync();
        await _manager.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_command_is_told_what_to_run_and_its_reports_are_uploaded()
    {
        _manager.Ti.Answers["tests/select"] = (200, Selection);
        var (task, result) = await RunAsync(new RunTestsTask
        {
            Prepare = "mkdir -p old && echo '<testsuite><testcase name=\"old\"/></testsuite>' > old/TEST-old.xml && touch -d '1 hour ago' old/TEST-old.xml",
            Command = """
                echo "mode=$GATEHOUSE_TI_SELECTION"; sed 's/^/test: /' "$GATEHOUSE_TI_TESTS_FILE"; echo "filter=$GATEHOUSE_TI_DOTNET_FILTER"; cat "$GATEHOUSE_TI_DOTNET_SETTINGS"; echo
                env | grep -c a-ti-token
                mkdir -p a/TestResults; echo '<testsuite name="s"><testcase classname="Shop.CartTests" name="Adds" time="0.5"/><testcase name="Pays"><failure message="no"/></testcase></testsuite>' > a/TestResults/TEST-1.xml
                echo '<testsuite><testcase name="x"/><testcase na' > a/TestResults/TEST-2.xml; mkfifo a/TestResults/TEST-3.xml
                printf 'avro' > graph.avro; exit 3
                """,
            Changes = new TestChanges { Files = [new("src/Cart.cs", "modified")] },
            Reports = ["**/TEST-*.xml"],
            CallGraph = "graph.avro",
        });

        Assert.Equal(3, result.ExitCode);
        Assert.Equal("FAILED", (await task.ResponseAsync()).Code);
        Assert.Contains("gatehouse: 2 of 9 known tests run\nmode=some\ntest: Shop.CartTests.Adds\ntest: Shop.NewTests\nfilter=FullyQualifiedName~Shop.CartTests.Adds|", task.Output, StringComparison.Ordinal);
        Assert.Contains(@"<TestCaseFilter>FullyQualifiedName~Shop.CartTests.Adds|FullyQualifiedName~Shop.CartTests\(|FullyQualifiedName~Shop.NewTests.|", task.Output, StringComparison.Ordinal);
        Assert.Contains("\n0\n", task.Output, StringComparison.Ordinal);
        Assert.Contains("gatehouse: the report a/TestResults/TEST-2.xml cannot be read: ", task.Output, StringComparison.Ordinal);
        Assert.Contains("; the 1 cases before that count\n", task.Output, StringComparison.Ordinal);
        Assert.Contains("gatehouse: the report a/TestResults/TEST-3.xml cannot be read: it is empty\n", task.Output, StringComparison.Ordinal);
        Assert.Contains("gatehouse: 1 report is older than this run and not counted\n", task.Output, StringComparison.Ordinal);
        Assert.EndsWith("gatehouse: 3 tests: 2 passed, 1 failed, 0 skipped, in 0.5 s; reported; call graph uploaded\n", task.Output, StringComparison.Ordinal);
        Assert.Equal((new TestsToRun("some", null, 9, 2), 3, true, true), (result.Selection, result.Report!.TotalTests, result.ReportUploaded, result.CallGraphUploaded));

        var asked = _manager.Ti.Call("tests/select");
        Assert.Equal(("acme", "shop", "c7", "main", "main", "https://git.example.com/shop"), (asked.Query["accountId"], asked.Query["projectId"], asked.Query["sha"], asked.Query["source"], asked.Query["target"], asked.Query["repo"]));
        Assert.Contains("\"files\":[{\"name\":\"src/Cart.cs\",\"status\":\"modified\"", asked.Body, StringComparison.Ordinal);
        var written = _manager.Ti.Call("reports/write");
        Assert.Equal("junit", written.Query["report"]);
        Assert.Contains("\"status\":\"failed\",\"message\":\"no\"", written.Body, StringComparison.Ordinal);
        var graph = _manager.Ti.Call("tests/uploadcg");
        Assert.Equal(("true", $"\"{Convert.ToBase64String("avro"u8)}\""), (graph.Query["hasFailedTests"], graph.Body));
        Assert.All(_manager.Ti.Tokens, token => Assert.Equal(FakeTi.Token, token));
    }

    [Fact]
    public async Task Without_a_ti_service_everything_runs_and_that_is_said()
    {
        var (task, result) = await RunAsync(
            new RunTestsTask
            {
                Command = "echo mode=$GATEHOUSE_TI_SELECTION; echo filter=${GATEHOUSE_TI_DOTNET_FILTER-none}; cat \"$GATEHOUSE_TI_DOTNET_SETTINGS\"; echo '<testsuite><testcase name=\"a\"/></testsuite>' > r.xml",
                Changes = new TestChanges { Files = [] },
                Reports = ["r.xml"],
            }, new() { ["TI_SERVICE_URL"] = "http://127.0.0.1:1/ti" });
        Assert.Equal(("OK", 0), ((await task.ResponseAsync()).Code, result.ExitCode));
        Assert.StartsWith("gatehouse: all tests run. The TI service cannot be asked: Nothing listens at http://127.0.0.1:1.", task.Output, StringComparison.Ordinal);
        Assert.Contains("\nmode=all\nfilter=none\n", task.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("TestCaseFilter", task.Output, StringComparison.Ordinal);
        Assert.Contains("gatehouse: the report could not be uploaded: Nothing listens at http://127.0.0.1:1.", task.Output, StringComparison.Ordinal);
        Assert.EndsWith("gatehouse: 1 tests: 1 passed, 0 failed, 0 skipped, in 0.0 s\n", task.Output, StringComparison.Ordinal);
        Assert.Equal(("all", false), (result.Selection!.Mode, result.ReportUploaded));
    }

    [Fact]
    public async Task Git_tells_what_has_changed_since_the_last_commit_that_is_accounted_for()
    {
        var git = _folder.File("checkout");
        Directory.CreateDirectory(git);
        await GitAsync(git, "init", "-q", "-b", "main");
        foreach (var file in new[] { "kept.cs", "changed.cs", "deleted.cs", "moved.cs" })
            File.WriteAllText(Path.Combine(git, file), $"// {file}, long enough to be taken for the same one");
        File.WriteAllText(Path.Combine(git, ".gitignore"), "bin/\n");
        await CommitAsync(git, "first");
        var first = (await GitAsync(git, "rev-parse", "HEAD")).Trim();
        await GitAsync(git, "mv", "moved.cs", "there.cs");
        await GitAsync(git, "rm", "-q", "deleted.cs");
        await CommitAsync(git, "second");
        File.AppendAllText(Path.Combine(git, "changed.cs"), "x");
        File.WriteAllText(Path.Combine(git, "new ünd.cs"), "");
        File.WriteAllText(Path.Combine(git, "old-report.xml"), "");
        File.SetLastWriteTimeUtc(Path.Combine(git, "old-report.xml"), DateTime.UtcNow.AddMinutes(-1));
        Directory.CreateDirectory(Path.Combine(git, "bin"));
        File.WriteAllText(Path.Combine(git, "bin", "out.dll"), "");
        _manager.Ti.Answers["vcs/commitinfo"] = (200, $$"""{"commit_id":"{{first}}"}""");
        _manager.Ti.Answers["tests/select"] = (200, """{"total_tests":9,"selected_tests":0,"select_all":false,"tests":[]}""");
        var order = new RunTestsTask { Command = "echo mode=$GATEHOUSE_TI_SELECTION $GATEHOUSE_TI_DOTNET_FILTER", Directory = git, Changes = new TestChanges { Git = true }, Reports = ["*.xml"] };

        var (task, result) = await RunAsync(order);
        Assert.Contains("gatehouse: none of the 9 known tests is called for by these changes\nmode=none FullyQualifiedName=Gatehouse.NoTestIsSelected\n", task.Output, StringComparison.Ordinal);
        Assert.Contains("gatehouse: 1 report is older", task.Output, StringComparison.Ordinal);
        using var asked = JsonDocument.Parse(_manager.Ti.Call("tests/select").Body);
        Assert.Equal(
            ["added new ünd.cs", "added there.cs", "deleted deleted.cs", "deleted moved.cs", "modified changed.cs"],
            asked.RootElement.GetProperty("files").EnumerateArray().Select(file => $"{file.GetProperty("status").GetString()} {file.GetProperty("name").GetString()}").Order(StringComparer.Ordinal));
        Assert.Equal("none", result.Selection!.Mode);

        // A commit that this checkout does not have.
        _manager.Ti.Calls.Clear();
        var (shallow, _) = await RunAsync(order with { Changes = new TestChanges { Git = true, GitBase = "0123456789012345678901234567890123456789" } });
        Assert.StartsWith("gatehouse: all tests run. git diff failed: ", shallow.Output, StringComparison.Ordinal);
        Assert.Contains("\"select_all\":true", _manager.Ti.Call("tests/select").Body, StringComparison.Ordinal);
        var (option, _) = await RunAsync(order with { Changes = new TestChanges { Git = true, GitBase = "--output=/tmp/x" } });
        Assert.StartsWith("gatehouse: all tests run. “--output=/tmp/x” is not a commit", option.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Checksums_get_a_list_of_files_to_leave_out_and_json_goes_to_v2()
    {
        _manager.Ti.Answers["v2/select"] = (200, """{"skipTests":["a_test.rb","HARNESS_TI_NON_CODE_CHAIN_PATH"],"failedTests":[]}""");
        var (task, result) = await RunAsync(new RunTestsTask
        {
            Command = "echo mode=$GATEHOUSE_TI_SELECTION; cat \"$GATEHOUSE_TI_SKIP_FILE\"; printf ' {\"tests\":[],\"chains\":[]}\\n' > graph.json",
            Changes = new TestChanges { Checksums = new Dictionary<string, ulong> { ["a.rb"] = ulong.MaxValue } },
            CallGraph = "graph.json",
        });
        Assert.Contains("gatehouse: 2 test files can be left out\nmode=skip\na_test.rb\nHARNESS_TI_NON_CODE_CHAIN_PATH\n", task.Output, StringComparison.Ordinal);
        Assert.Contains("18446744073709551615", _manager.Ti.Call("v2/select").Body, StringComparison.Ordinal);
        Assert.Equal(" {\"tests\":[],\"chains\":[]}\n", _manager.Ti.Call("v2/uploadcg").Body);
        Assert.True(result.CallGraphUploaded);
    }

    [Fact]
    public async Task Secrets_are_in_no_report_that_is_uploaded()
    {
        var (task, result) = await RunAsync(
            new RunTestsTask
            {
                Command = "echo \"<testsuite><testcase name='signs in'><failure message='wrong: $PASSWORD'/><system-out>$PASSWORD</system-out></testcase></testsuite>\" > TEST-1.xml",
                Reports = ["*.xml"],
            }, secrets: [("PASSWORD", "s3cret-word")]);
        Assert.True(result.ReportUploaded);
        var body = _manager.Ti.Call("reports/write").Body;
        Assert.Contains("wrong: **************", body, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret-word", body + task.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_orders_are_refused_with_the_reason()
    {
        var good = new RunTestsTask { Command = "true", Step = Step };
        Assert.Contains("no command", await ErrorAsync(good with { Command = " " }), StringComparison.Ordinal);
        Assert.Contains("has no repo", await ErrorAsync(good with { Step = Step with { Repo = null } }), StringComparison.Ordinal);
        Assert.Contains("“../x”", await ErrorAsync(good with { CallGraph = "../x" }), StringComparison.Ordinal);
        Assert.Contains("globs below", await ErrorAsync(good with { Reports = ["/etc/*.xml"] }), StringComparison.Ordinal);
        Assert.Contains("exactly one", await ErrorAsync(good with { Changes = new TestChanges { Git = true, Files = [] } }), StringComparison.Ordinal);
        Assert.Contains("absolute path", await ErrorAsync(good with { Directory = "here" }), StringComparison.Ordinal);
        Assert.Contains("no folder /no/such", await ErrorAsync(good with { Directory = "/no/such" }), StringComparison.Ordinal);
        var (task, result) = await RunAsync(good with { Prepare = "echo cloning; exit 9" });
        Assert.Equal((9, "cloning\n"), (result.ExitCode, task.Output));
        Assert.Empty(_manager.Ti.Calls);

        async Task<string?> ErrorAsync(RunTestsTask order) => (await RunAsync(order, step: order.Step)).Result.Error;
    }

    private int _tasks;

    private async Task<(FakeTask Task, RunTestsResult Result)> RunAsync(RunTestsTask order, Dictionary<string, string?>? environment = null, TestStep? step = null, params (string Name, string Value)[] secrets)
    {
        _delegate ??= DelegateProcess.Start(_manager.Url, environment);
        await Eventually.TrueAsync("the stream is open", () => Task.FromResult(_manager.StreamIsOpen));
        var data = JsonSerializer.SerializeToElement(order with { Step = step ?? order.Step ?? Step }, ContractsJson.Default.RunTestsTask);
        var id = $"t{++_tasks}";
        var task = _manager.Queue(id, TaskTypes.RunTests, data);
        foreach (var (name, value) in secrets)
            task.Secrets[name] = value;
        await _manager.PushAsync(FakeManager.Offer(DelegateTaskEvent.Task, id));
        return (task, (await task.ResponseAsync()).Data!.Value.Deserialize(ContractsJson.Default.RunTestsResult)!);
    }

    private static Task<string> GitAsync(string folder, params string[] arguments) =>
        CommandLine.MustAsync("git", ["-C", folder, "-c", "user.name=t", "-c", "user.email=t@example.com", .. arguments]);

    private static async Task CommitAsync(string folder, string message)
    {
        await GitAsync(folder, "add", "-A");
        await GitAsync(folder, "commit", "-q", "-m", message);
    }
}
