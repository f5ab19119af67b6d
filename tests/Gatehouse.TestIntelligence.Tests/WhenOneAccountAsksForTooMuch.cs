using System.Net;
using System.Text;
using Gatehouse.Contracts.TestIntelligence;
using Gatehouse.TestIntelligence.Graphs;
using Gatehouse.TestIntelligence.Protocol;
using Gatehouse.TestIntelligence.Reports;
using Gatehouse.TestIntelligence.Selection;
using Gatehouse.TestIntelligence.Storage;
using Gatehouse.TestIntelligence.Tests.Harness;
using Gatehouse.Testing;
using Microsoft.AspNetCore.Http;
using TestResult = Gatehouse.Contracts.TestIntelligence.TestResult;

namespace Gatehouse.TestIntelligence.Tests;

public sealed class WhenOneAccountAsksForTooMuch
{
    private static readonly ReportKey s_report = new(new StepKey(new ProjectKey("acme", "default", "shop"), "ci", "1", "build", "test"), "junit");
    private static readonly ReportOrigin s_origin = new(new RepositoryKey(s_report.Step.Project, "https://git.example.com/shop"), "c1", "");

    [Fact]
    public async Task A_page_of_long_texts_takes_bounded_memory_and_leaves_no_case_out()
    {
        await using var host = await TiHost.StartAsync();
        var text = new string('<', TiLimits.MaxText);
        var cases = Enumerable.Range(0, 200).Select(i => new TestCase
        {
            Name = $"case {i}",
            Stdout = text,
            Stderr = text,
            Result = new TestResult { Status = "passed", Desc = text },
        }).ToList();
        await host.Get<ReportWriter>().AddAsync(s_report, s_origin, cases, CancellationToken.None);
        var query = new CaseQuery { Terms = [], OrderBy = "c.id ASC", PageIndex = 0, PageSize = 1000 };

        var before = GC.GetAllocatedBytesForCurrentThread();
        var page = host.Get<ReportReader>().Find(s_report, query, CancellationToken.None);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2 * TiLimits.MaxPageText);

        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"case {i}"), page.Content!.Select(one => one.Name));
        Assert.Equal(text, page.Content![0].Stderr);
        Assert.Equal(CasePage.LeftOut, page.Content[^1].Stderr);
        var last = await host.JsonAsync($"reports/test_cases?{TiHost.Q}&report=junit&pageSize=1&pageIndex=199");
        Assert.Equal(text, last.GetProperty("content")[0].GetProperty("stderr").GetString());
    }

    [Fact]
    public async Task Terms_that_are_long_or_many_are_refused()
    {
        await using var host = await TiHost.StartAsync();
        using var longer = await host.GetAsync($"reports/test_cases?{TiHost.Q}&testCaseSearchTerm={new string('a', 101)}");
        Assert.Contains("101 characters; use at most 100", await longer.ErrorAsync(HttpStatusCode.BadRequest), StringComparison.Ordinal);
        using var more = await host.GetAsync($"reports/test_cases_v2?{TiHost.Q}&testCaseSearchTerm={string.Join(',', Enumerable.Repeat("a", 17))}");
        Assert.Contains("17 terms; use at most 16", await more.ErrorAsync(HttpStatusCode.BadRequest), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_query_that_nobody_waits_for_is_broken_off()
    {
        await using var host = await TiHost.StartAsync();
        var database = host.Get<TiDatabase>();
        using var left = new CancellationTokenSource(TimeSpan.FromMilliseconds(20));
        Assert.ThrowsAny<OperationCanceledException>(() => database.Read(db => db.Scalar("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"), left.Token));
        Assert.Equal(1, database.Read(db => db.Scalar("SELECT 1"), CancellationToken.None));
    }

    [Fact]
    public void A_selection_among_files_of_one_name_ends_and_runs_everything()
    {
        var units = Enumerable.Range(0, 200_000).Select(i => new CodeUnit($"d{i}/X.java", "", "X")).ToList();
        var graph = new CallGraph(units, [new GraphTest(new TestName("p", "ATest", "a", ""), 0, TestTraits.None, [1])]);
        var changes = Enumerable.Range(0, 20_000).Select(i => new ChangedFile($"q{i}/X.java", ChangeKind.Modified, "")).ToList();
        var work = new SelectionWork();
        var selection = TestSelector.Select([graph], changes, FileRules.Habits, [], work);
        Assert.True(selection.All);
        Assert.Contains("too long", selection.Why, StringComparison.Ordinal);
        Assert.True(work.IsExhausted);
    }

    [Fact]
    public void Globs_without_end_run_everything()
    {
        var graph = new CallGraph([new CodeUnit("src/a.cs", "", "A")], [new GraphTest(new TestName("p", "ATest", "a", ""), 0, TestTraits.None, [])]);
        var deep = string.Join('/', Enumerable.Repeat("d", 2000));
        var changes = Enumerable.Range(0, 20_000).Select(i => new ChangedFile($"{deep}/{i}.cs", ChangeKind.Added, "")).ToList();
        var globs = Enumerable.Range(0, TiLimits.MaxGlobs).Select(i => $"**/d/**/e{i}/*.cs");
        var selection = TestSelector.Select([graph], changes, new FileRules(globs, []), []);
        Assert.True(selection.All);
        Assert.Contains("too long", selection.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_large_uploads_wait_for_each_other_and_nobody_elses()
    {
        await using var host = await TiHost.StartAsync();
        var bodies = host.Get<UploadBody>();
        var (started, mayEnd) = (new SemaphoreSlim(0), new TaskCompletionSource());
        var large = new byte[TiLimits.SmallBody + 1];
        var first = ReceiveAsync(bodies, "acme", large, started, mayEnd.Task);
        await started.WaitAsync(TestContext.Current.CancellationToken);
        var second = ReceiveAsync(bodies, "acme", large, started, Task.CompletedTask);

        // A small one of its own, and a large one of another account, are past it while it waits.
        await ReceiveAsync(bodies, "acme", new byte[100], started, Task.CompletedTask);
        await ReceiveAsync(bodies, "other", large, started, Task.CompletedTask);
        Assert.False(second.IsCompleted);
        mayEnd.SetResult();
        await Task.WhenAll(first, second);
    }

    [Fact]
    public async Task What_unpacks_to_much_is_a_large_upload_however_small_it_comes()
    {
        await using var host = await TiHost.StartAsync();
        var bodies = host.Get<UploadBody>();
        var (started, mayEnd) = (new SemaphoreSlim(0), new TaskCompletionSource());
        var bomb = TiHost.Gzip(new byte[TiLimits.SmallBody + 1]);
        var first = ReceiveAsync(bodies, "acme", bomb, started, mayEnd.Task, isGzip: true);
        await started.WaitAsync(TestContext.Current.CancellationToken);
        var second = ReceiveAsync(bodies, "acme", bomb, started, Task.CompletedTask, isGzip: true);
        await ReceiveAsync(bodies, "acme", TiHost.Gzip(new byte[100]), started, Task.CompletedTask, isGzip: true);
        Assert.False(second.IsCompleted);
        mayEnd.SetResult();
        await Task.WhenAll(first, second);
    }

    [Fact]
    public async Task Its_questions_wait_for_each_other_and_others_are_answered()
    {
        await using var host = await TiHost.StartAsync();
        var turns = host.Get<AccountTurns>();
        using var one = await turns.EnterAsync(Request("acme"));
        using var two = await turns.EnterAsync(Request("acme"));
        var three = turns.EnterAsync(Request("acme"));
        using var other = await turns.EnterAsync(Request("other"));
        Assert.False(three.IsCompleted);
        one.Dispose();
        (await three).Dispose();
    }

    [Fact]
    public async Task A_question_is_in_memory_until_it_is_answered_and_counts_so_long()
    {
        await using var host = await TiHost.StartAsync();
        var (bodies, turns) = (host.Get<UploadBody>(), host.Get<AccountTurns>());
        var large = Encoding.UTF8.GetBytes($$"""{"include_filename":true,"more":"{{new string('x', TiLimits.SmallBody)}}"}""");
        var first = Request("acme", large);
        await bodies.ReadJsonAsync(first, TiJson.Default.GetTestTimesRequest);
        var second = bodies.ReadJsonAsync(Request("acme", large), TiJson.Default.GetTestTimesRequest);

        // A small one is past it, and another account's.
        var small = Request("acme", "{}"u8.ToArray());
        await bodies.ReadJsonAsync(small, TiJson.Default.GetTestTimesRequest);
        await bodies.ReadJsonAsync(Request("other", large), TiJson.Default.GetTestTimesRequest);
        (await turns.EnterAsync(small)).Dispose();
        Assert.False(second.IsCompleted);
        (await turns.EnterAsync(first)).Dispose();
        await second;

        // What nobody answers yet is so many, however small.
        var waiting = Enumerable.Range(0, TiLimits.UploadsPerAccount).Select(_ => bodies.ReadJsonAsync(Request("acme", "{}"u8.ToArray()), TiJson.Default.GetTestTimesRequest)).ToList();
        await Eventually.TrueAsync("all but one", () => Task.FromResult(waiting.Count(one => one.IsCompleted) == TiLimits.UploadsPerAccount - 1));
    }

    [Fact]
    public async Task A_large_report_is_there_as_a_whole_or_not_at_all()
    {
        await using var host = await TiHost.StartAsync();
        var cases = Enumerable.Range(0, TiLimits.RowsAtOnce + 1).Select(i => new TestCase { Name = $"case {i}", Result = new TestResult { Status = "passed" } }).ToArray();
        using var leaves = new CancellationTokenSource();
        var broken = new List<TestCase>(cases) { [TiLimits.RowsAtOnce] = null! };
        await Assert.ThrowsAnyAsync<Exception>(() => host.Get<ReportWriter>().AddAsync(s_report, s_origin, broken, leaves.Token));
        Assert.Equal(0, host.Get<TiDatabase>().Read(db => db.Scalar("SELECT count(*) FROM test_case") + db.Scalar("SELECT count(*) FROM report"), CancellationToken.None));

        await host.Get<ReportWriter>().AddAsync(s_report, s_origin, cases, CancellationToken.None);
        await host.Get<ReportWriter>().AddAsync(s_report, s_origin, cases[..1], CancellationToken.None);
        Assert.Equal(cases.Length + 1, (await host.JsonAsync($"reports/summary?{TiHost.Q}&report=junit")).GetProperty("total_tests").GetInt32());
    }

    [Fact]
    public async Task What_a_crash_left_of_a_large_report_is_gone_at_the_next_start()
    {
        var data = Directory.CreateTempSubdirectory("gatehouse-ti-").FullName;
        var host = await TiHost.StartAsync(data);
        await host.Get<ReportWriter>().AddAsync(s_report, s_origin, [new TestCase { Name = "a", Result = new TestResult { Status = "passed" } }], CancellationToken.None);
        await host.Get<TiDatabase>().WriteAsync(db => db.Run("UPDATE report SET is_whole = 0"), CancellationToken.None);
        Assert.Equal(0, (await host.JsonAsync($"reports/summary?{TiHost.Q}&report=junit")).GetProperty("total_tests").GetInt32());
        await host.StopAsync();
        await using (var again = await TiHost.StartAsync(data))
            Assert.Equal(0, again.Get<TiDatabase>().Read(db => db.Scalar("SELECT count(*) FROM test_case"), CancellationToken.None));
        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task An_integration_test_that_reaches_versions_without_end_is_refused()
    {
        await using var host = await TiHost.StartAsync();
        var sources = string.Join(',', Enumerable.Range(0, TiLimits.MaxVersions + 1).Select(i => $$"""{"repo_uuid":"{{i}}"}"""));
        var graph = $$$"""{"test_repo_url":"https://git.example.com/it","graph":[{"service":{"host":"a","port":1},"tests":[{"test_file_path":"a.java","sources":[{{{sources}}}]}]}]}""";
        using var response = await host.PostAsync("it/uploadcg?accountId=acme&cgId=1", TiHost.Gzip(Encoding.UTF8.GetBytes(graph)));
        Assert.Contains("a.java", await response.ErrorAsync(HttpStatusCode.BadRequest), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_account_fills_its_own_share_and_then_all_its_tests_run()
    {
        await using var host = await TiHost.StartAsync(configure: options => options.AccountQuota = 1024 * 1024);
        string Report(string build) => $"reports/write?accountId=acme&orgId=default&projectId=shop&pipelineId=ci&buildId={build}&stageId=build&stepId=test&report=junit";
        var half = $$$"""[{"name":"a","class_name":"C","result":{"status":"passed"},"stdout":"{{{new string('x', 600_000)}}}"}]""";
        Assert.Equal(HttpStatusCode.NoContent, (await host.PostAsync(Report("1"), half)).StatusCode);
        using var second = await host.PostAsync(Report("2"), half);
        Assert.Contains("ti.accountQuotaMiB", await second.ErrorAsync(HttpStatusCode.TooManyRequests), StringComparison.Ordinal);
        var select = await (await host.PostAsync($"tests/select?{TiHost.Q}&repo=r&target=main", """{"files":[]}""")).ReadAsync(HttpStatusCode.OK);
        Assert.True(select.GetProperty("select_all").GetBoolean());

        // Texts are cut when they are kept: counted anew, there is room again.
        host.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(HttpStatusCode.NoContent, (await host.PostAsync(Report("2"), half)).StatusCode);
    }

    [Fact]
    public async Task A_disk_that_is_almost_full_takes_no_uploads()
    {
        var free = 0L;
        await using var host = await TiHost.StartAsync(configure: options => (options.FreeSpaceFloor, options.FreeSpace) = (1024, () => free));
        var path = $"reports/write?{TiHost.Q}&report=junit";
        using var refused = await host.PostAsync(path, "[]");
        Assert.Contains("almost full", await refused.ErrorAsync(HttpStatusCode.InsufficientStorage), StringComparison.Ordinal);
        free = 1024;
        Assert.Equal(HttpStatusCode.NoContent, (await host.PostAsync(path, "[]")).StatusCode);
    }

    private static Task<bool> ReceiveAsync(UploadBody bodies, string account, byte[] body, SemaphoreSlim started, Task mayEnd, bool isGzip = false)
    {
        var http = Request(account, body);
        if (isGzip)
            http.Request.Headers.ContentEncoding = "gzip";
        return bodies.ReadAsync(http, TiLimits.MaxDecodedBytes, async (_, _) =>
        {
            started.Release();
            await mayEnd;
            return true;
        });
    }

    private static DefaultHttpContext Request(string account, byte[]? body = null) => new() { Request = { QueryString = new QueryString($"?accountId={account}"), Body = new MemoryStream(body ?? []) } };
}
