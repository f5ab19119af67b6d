using System.Net;
using System.Text;
using System.Text.Json;
using Gatehouse.TestIntelligence.Storage;
using Gatehouse.TestIntelligence.Tests.Graphs;
using Gatehouse.TestIntelligence.Tests.Harness;

namespace Gatehouse.TestIntelligence.Tests.Selection;

public sealed class WhenTestsAreSelected
{
    private const string Repo = "repo=https://git.example.com/shop.git";

    private static readonly AvroGraph s_graph = new AvroGraph()
        .Source(10, "com.shop", "Cart", "src/main/java/com/shop/Cart.java").Source(11, "com.shop", "Price").Source(12, "", "", "app.properties")
        .Test(1, "com.shop", "CartTest", "adds", "src/test/java/com/shop/CartTest.java").Test(2, "com.shop", "CartTest", "removes", "src/test/java/com/shop/CartTest.java")
        .Test(3, "com.shop", "PriceTest", "rounds").Test(4, "com.shop", "StartTest", "starts", alwaysRun: true)
        .Reached(10, 1, 2).Reached(11, 1, 3).Reached(12, 4);

    [Fact]
    public async Task Without_a_call_graph_of_the_target_branch_everything_runs()
    {
        await using var host = await TiHost.StartAsync();
        Assert.True((await SelectAsync(host, "src/main/java/com/shop/Cart.java")).All);
        await UploadAsync(host, s_graph, branch: "other");
        var answer = await SelectAsync(host, "src/main/java/com/shop/Cart.java");
        Assert.True(answer.All);
        Assert.Empty(answer.Tests);
    }

    [Theory]
    [InlineData("src/main/java/com/shop/Cart.java", "CartTest.adds source_code,CartTest.removes source_code")]
    [InlineData("modules/core/src/main/java/com/shop/Price.java", "CartTest.adds source_code,PriceTest.rounds source_code")]
    [InlineData("src/main/java/com/other/Price.java", "")]
    [InlineData("src/main/java/com/shop/Unreached.java", "")]
    [InlineData("conf/app.properties", "StartTest.starts source_code")]
    [InlineData("src/test/java/com/shop/CartTest.java", "CartTest. updated_test,CartTest.adds updated_test,CartTest.removes updated_test")]
    [InlineData("src/test/java/com/shop/StockTest.java", "StockTest. updated_test")]
    public async Task Tests_that_reach_a_changed_file_run_and_those_that_always_do(string file, string expected)
    {
        await using var host = await TiHost.StartAsync();
        await UploadAsync(host, s_graph);
        var answer = await SelectAsync(host, file);
        Assert.False(answer.All);
        Assert.Equal(
            expected.Split(',', StringSplitOptions.RemoveEmptyEntries).Concat(expected.Contains("StartTest", StringComparison.Ordinal) ? [] : ["StartTest.starts always_run_test"]).Order(StringComparer.Ordinal),
            answer.Tests.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("pom.xml")]
    [InlineData("src/main/resources/new.properties")]
    [InlineData("src/Cart.kt")]
    [InlineData("tests/NewTests.cs")]
    public async Task What_cannot_be_told_runs_everything(string file)
    {
        await using var host = await TiHost.StartAsync();
        await UploadAsync(host, s_graph);
        var answer = await SelectAsync(host, file);
        Assert.True(answer.All);
        Assert.Equal(4, answer.Json.GetProperty("total_tests").GetInt32());
    }

    [Fact]
    public async Task Ignored_files_count_for_nothing()
    {
        await using var host = await TiHost.StartAsync();
        await UploadAsync(host, s_graph);
        var answer = await SelectBodyAsync(host, """
            {"files":[{"name":"README.md","status":"modified"},{"name":"docs/a/b.txt","status":"added"}],"ti_config":{"Config":{"ignore":["README.md","docs/**"]}}}
            """);
        Assert.Equal(["StartTest.starts always_run_test"], answer.Tests);
    }

    [Fact]
    public async Task A_new_test_is_run_as_a_class_and_counted()
    {
        await using var host = await TiHost.StartAsync();
        await UploadAsync(host, s_graph);
        var answer = await SelectBodyAsync(host, """{"files":[{"name":"src/test/java/com/shop/StockTest.java","status":"added"}]}""");
        Assert.Equal(["StartTest.starts always_run_test", "StockTest. new_test"], answer.Tests.Order(StringComparer.Ordinal));
        Assert.Equal((5, 2, 1, 0), (Number("total_tests"), Number("selected_tests"), Number("new_tests"), Number("updated_tests")));
        Assert.Equal("com.shop", answer.Json.GetProperty("tests").EnumerateArray().Single(test => test.GetProperty("class").GetString() == "StockTest").GetProperty("pkg").GetString());

        int Number(string name) => answer.Json.GetProperty(name).GetInt32();
    }

    [Theory]
    [InlineData("""{"select_all":false,"files":[{"name":"src/main/java/com/shop/Cart.java","status":"modified"}],"ml_service_api_request":{"pr_id":"7"},"percentile":0.9}""", false)]
    [InlineData("""{"select_all":true,"files":[]}""", true)]
    [InlineData("""{"ml_service_api_request":{"run_id":"1"}}""", true)]
    public async Task Who_asks_a_model_is_answered_from_the_call_graphs(string body, bool everything)
    {
        await using var host = await TiHost.StartAsync();
        await UploadAsync(host, s_graph);
        using var response = await host.PostAsync($"ml/tests/select?{TiHost.Q}&{Repo}&sha=c2&source=feature&target=main&mlKey=k", body);
        var answer = await response.ReadAsync(HttpStatusCode.OK);
        Assert.Equal(everything, answer.GetProperty("select_all").GetBoolean());
        Assert.Equal(everything ? 0 : 3, answer.GetProperty("tests").GetArrayLength());
    }

    [Fact]
    public async Task Globs_say_what_a_test_is()
    {
        await using var host = await TiHost.StartAsync();
        await UploadAsync(host, s_graph);
        var answer = await SelectBodyAsync(host, """{"files":[{"name":"checks/java/com/shop/Stock.java","status":"added"}],"test_globs":["checks/**/*.java"],"language":"java"}""");
        Assert.Contains("Stock. new_test", answer.Tests);
    }

    [Fact]
    public async Task A_deleted_test_is_not_run_and_is_forgotten_with_the_graph_of_that_build()
    {
        await using var host = await TiHost.StartAsync();
        await UploadAsync(host, s_graph);
        const string Deleted = """{"files":[{"name":"src/test/java/com/shop/CartTest.java","status":"deleted"},{"name":"src/main/java/com/shop/Price.java","status":"modified"}]}""";
        var answer = await SelectBodyAsync(host, Deleted, source: "main");
        Assert.Equal(["PriceTest.rounds source_code", "StartTest.starts always_run_test"], answer.Tests.Order(StringComparer.Ordinal));
        await UploadAsync(host, new AvroGraph().Source(11, "com.shop", "Price").Test(3, "com.shop", "PriceTest", "rounds").Reached(11, 3));
        Assert.Equal(2, (await SelectAsync(host, "src/main/java/com/shop/Cart.java")).Json.GetProperty("total_tests").GetInt32());
    }

    [Fact]
    public async Task A_moved_test_runs()
    {
        await using var host = await TiHost.StartAsync();
        await UploadAsync(host, s_graph);
        var answer = await SelectBodyAsync(host, """
            {"files":[{"name":"src/test/java/com/shop/PriceTest.java","status":"deleted"},{"name":"core/src/test/java/com/shop/PriceTest.java","status":"added"}]}
            """);
        Assert.Contains("PriceTest.rounds new_test", answer.Tests);
    }

    [Fact]
    public async Task Failed_tests_run_again_until_they_pass()
    {
        await using var host = await TiHost.StartAsync();
        await UploadAsync(host, s_graph);
        await UploadAsync(host, new AvroGraph().Source(11, "com.shop", "Price").Test(3, "com.shop", "PriceTest", "rounds", failed: true).Reached(11, 3), more: "&schemaVersion=1.1&failedTestRerunEnabled=true", build: "2");
        var answer = await SelectAsync(host, "src/main/java/com/shop/Unreached.java");
        Assert.Contains("PriceTest.rounds previous_failure", answer.Tests);
        Assert.Equal(1, answer.Json.GetProperty("previous_failures").GetInt32());
        await UploadAsync(host, new AvroGraph().Source(11, "com.shop", "Price").Test(3, "com.shop", "PriceTest", "rounds").Reached(11, 3), more: "&schemaVersion=1.1&failedTestRerunEnabled=true", build: "3");
        Assert.DoesNotContain("PriceTest.rounds previous_failure", (await SelectAsync(host, "src/main/java/com/shop/Unreached.java")).Tests);
    }

    [Fact]
    public async Task What_the_branchs_own_builds_found_counts_besides_the_targets_graph()
    {
        await using var host = await TiHost.StartAsync();
        await UploadAsync(host, s_graph);
        await UploadAsync(host, new AvroGraph().Source(20, "com.shop", "Stock").Test(3, "com.shop", "PriceTest", "rounds").Test(5, "com.shop", "StockTest", "counts").Reached(20, 3, 5), branch: "feature");
        Assert.Equal(["PriceTest.rounds source_code", "StartTest.starts always_run_test", "StockTest.counts source_code"],
            (await SelectAsync(host, "src/main/java/com/shop/Stock.java")).Tests.Order(StringComparer.Ordinal));
        Assert.Contains("PriceTest.rounds source_code", (await SelectAsync(host, "src/main/java/com/shop/Price.java")).Tests);
    }

    [Fact]
    public async Task A_test_that_failed_in_its_branchs_last_report_runs_again_until_it_has_passed()
    {
        await using var host = await TiHost.StartAsync();
        await UploadAsync(host, s_graph);
        await RunAsync(build: "2", source: "feature", ("com.shop.PriceTest", "rounds(int)[1]", "passed"), ("com.shop.PriceTest", "rounds(int)[2]", "failed"), ("com.shop.PriceTest", "rounds(int)[3]", "passed"), ("com.shop.NewTest", "is in no graph", "error"));
        string[] failed = ["NewTest. previous_failure", "PriceTest.rounds previous_failure", "StartTest.starts always_run_test"];
        Assert.Equal(failed, await TestsAsync("3", "feature"));
        Assert.Equal(["StartTest.starts always_run_test"], await TestsAsync("3", "other"));
        var counts = (await SelectBodyAsync(host, "{}", "feature", Q("3"))).Json;
        Assert.Equal((2, 3), (counts.GetProperty("previous_failures").GetInt32(), counts.GetProperty("selected_tests").GetInt32()));
        // Run once more within the build, it is asked for once more; skipped, nothing is known.
        await ReportAsync("2", ("com.shop.PriceTest", "rounds(int)[2]", "passed"));
        Assert.Equal(failed, await TestsAsync("3", "feature"));
        await ReportAsync("3", ("com.shop.PriceTest", "rounds(int)[2]", "skipped"), ("com.shop.NewTest", "is in no graph", "failed"));
        Assert.Equal(failed, await TestsAsync("4", "feature"));
        await ReportAsync("4", ("com.shop.PriceTest", "rounds(int)[2]", "passed"), ("com.shop.NewTest", "is in no graph", "passed"));
        Assert.Equal(["StartTest.starts always_run_test"], await TestsAsync("5", "feature"));

        // What failed on the target branch counts for all that go there.
        await RunAsync(build: "6", source: "main", ("com.shop.CartTest", "adds", "failed"));
        Assert.Equal(["CartTest.adds previous_failure", "StartTest.starts always_run_test"], await TestsAsync("7", "feature"));
        Assert.Contains("CartTest.adds source_code", (await SelectAsync(host, "src/main/java/com/shop/Cart.java", Q("8"))).Tests);

        async Task<string[]> TestsAsync(string build, string source) => [.. (await SelectBodyAsync(host, "{}", source, Q(build))).Tests.Order(StringComparer.Ordinal)];

        async Task RunAsync(string build, string source, params (string Class, string Name, string Status)[] cases)
        {
            await SelectBodyAsync(host, "{}", source, Q(build));
            await ReportAsync(build, cases);
        }

        async Task ReportAsync(string build, params (string Class, string Name, string Status)[] cases) => await WriteAsync(host, Q(build), cases);
    }

    [Fact]
    public async Task A_failed_test_that_builds_no_longer_have_is_forgotten_and_one_of_a_step_that_never_asks_counts_everywhere()
    {
        await using var host = await TiHost.StartAsync();
        await UploadAsync(host, s_graph);
        await WriteAsync(host, Q("2").Replace("stepId=test", "stepId=plain", StringComparison.Ordinal), ("com.shop.GoneTest", "was", "failed"));
        foreach (var source in new[] { "feature", "main" })
            Assert.Contains("GoneTest. previous_failure", (await SelectBodyAsync(host, "{}", source, Q("2"))).Tests);
        // The change that deletes it is enough; else builds that report without it are.
        Assert.DoesNotContain("GoneTest. previous_failure", (await SelectBodyAsync(host, """{"files":[{"name":"src/test/java/com/shop/GoneTest.java","status":"deleted"}]}""", q: Q("2"))).Tests);
        for (var build = 3; build <= 6; build++)
        {
            Assert.Contains("GoneTest. previous_failure", (await SelectBodyAsync(host, "{}", q: Q("2"))).Tests);
            await WriteAsync(host, Q($"{build}").Replace("stepId=test", "stepId=plain", StringComparison.Ordinal), ("com.shop.CartTest", "adds", "passed"));
        }
        Assert.DoesNotContain("GoneTest. previous_failure", (await SelectBodyAsync(host, "{}", q: Q("2"))).Tests);
    }

    [Fact]
    public async Task More_failures_than_are_kept_run_everything_once()
    {
        await using var host = await TiHost.StartAsync();
        await UploadAsync(host, s_graph);
        await SelectBodyAsync(host, "{}", q: Q("2"));
        await WriteAsync(host, Q("2"), [.. Enumerable.Range(0, TiLimits.MaxFailedTests + 1).Select(i => ("com.shop.PriceTest", $"case {i}", "failed"))]);
        var answer = await SelectBodyAsync(host, "{}", q: Q("3"));
        Assert.True(answer.All);
        Assert.Contains("tests failed when they were last reported", answer.Json.GetProperty("reason").GetString(), StringComparison.Ordinal);
        await WriteAsync(host, Q("3"), ("com.shop.PriceTest", "case 1", "passed"));
        Assert.False((await SelectBodyAsync(host, "{}", q: Q("4"))).All);
    }

    private static string Q(string build) => TiHost.Q.Replace("buildId=1", $"buildId={build}", StringComparison.Ordinal);

    private static async Task WriteAsync(TiHost host, string q, params (string Class, string Name, string Status)[] cases)
    {
        var body = JsonSerializer.Serialize(cases.Select(one => new { name = one.Name, class_name = one.Class, result = new { status = one.Status } }));
        using var response = await host.PostAsync($"reports/write?{q}&{Repo}&sha=c9&report=junit", body);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_step_that_has_not_run_all_of_its_tests_runs_them()
    {
        await using var host = await TiHost.StartAsync();
        await UploadAsync(host, s_graph);
        var other = TiHost.Q.Replace("stepId=test", "stepId=other", StringComparison.Ordinal);
        Assert.True((await SelectAsync(host, "src/main/java/com/shop/Cart.java", q: other)).All);
        // It was told to run everything, and so its graph is complete.
        await UploadAsync(host, new AvroGraph().Test(7, "com.shop", "WebTest", "loads"), q: other);
        Assert.False((await SelectAsync(host, "src/main/java/com/shop/Cart.java", q: other)).All);
    }

    [Fact]
    public async Task The_last_good_commit_is_the_one_whose_tests_are_all_accounted_for()
    {
        await using var host = await TiHost.StartAsync();
        Assert.Equal("", await CommitAsync(host, "main"));
        await UploadAsync(host, s_graph, sha: "c1");
        Assert.Equal("c1", await CommitAsync(host, "main"));
        await UploadAsync(host, s_graph, sha: "c2", more: "&hasFailedTests=true");
        Assert.Equal("c1", await CommitAsync(host, "main"));
        await UploadAsync(host, new AvroGraph().Test(3, "com.shop", "PriceTest", "rounds", failed: true), sha: "c3", more: "&schemaVersion=1.1&failedTestRerunEnabled=true");
        Assert.Equal("c3", await CommitAsync(host, "main"));
        Assert.Equal("", await CommitAsync(host, "feature"));
        Assert.Equal("", await CommitAsync(host, "main", TiHost.Q.Replace("stepId=test", "stepId=other", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_broken_off_test_keeps_what_it_reached_before()
    {
        await using var host = await TiHost.StartAsync();
        await UploadAsync(host, s_graph);
        await UploadAsync(host, new AvroGraph().Test(3, "com.shop", "PriceTest", "rounds"), more: "&hasFailedTests=true");
        Assert.Contains("PriceTest.rounds source_code", (await SelectAsync(host, "src/main/java/com/shop/Price.java")).Tests);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"\"")]
    [InlineData("{}")]
    [InlineData("\"not base 64\"")]
    [InlineData("\"AAAAAAAA\"")]
    public async Task A_body_that_is_no_graph_is_refused_and_changes_nothing(string body)
    {
        await using var host = await TiHost.StartAsync();
        using var response = await host.PostAsync($"tests/uploadcg?{TiHost.Q}&{Repo}&sha=c1&source=main&target=main&timeMs=1&schemaVersion=1.1", body);
        Assert.NotEmpty(await response.ErrorAsync(HttpStatusCode.BadRequest));
        Assert.Equal(0, host.Get<TiDatabase>().Read(db => db.Scalar("SELECT count(*) FROM call_graph")));
    }

    [Fact]
    public async Task A_bad_question_is_refused()
    {
        await using var host = await TiHost.StartAsync();
        await UploadAsync(host, s_graph);
        foreach (var body in new[]
        {
            "{", "[]", "null",
            """{"files":[{"name":"a","status":"eaten"}]}""", """{"files":[{"status":"added"}]}""", """{"files":[null]}""",
            """{"files":[{"name":"a\u0000b","status":"modified"}],"test_globs":["*.cs"]}""",
            """{"files":[],"test_globs":["a/../b"]}""", """{"files":[],"ti_config":{"Config":{"ignore":["**/x/../*"]}}}""",
        })
        {
            using var response = await host.PostAsync($"tests/select?{TiHost.Q}&{Repo}&sha=c2&source=feature&target=main", body);
            Assert.True(response.StatusCode == HttpStatusCode.BadRequest, $"{body} {response.StatusCode}");
            Assert.NotEmpty(await response.ErrorAsync(HttpStatusCode.BadRequest));
        }

        // What names nothing is nothing.
        Assert.False((await SelectBodyAsync(host, """{"files":[],"test_globs":[null,""],"ti_config":{"Config":{"ignore":[null]}}}""")).All);
    }

    private static async Task UploadAsync(TiHost host, AvroGraph graph, string branch = "main", string sha = "c1", string more = "&schemaVersion=1.1", string build = "1", string q = TiHost.Q)
    {
        var query = q.Replace("buildId=1", $"buildId={build}", StringComparison.Ordinal);
        using var response = await host.PostGzipAsync($"tests/uploadcg?{query}&{Repo}&sha={sha}&source={branch}&target=main&timeMs=5{more}", graph.Body(more.Contains("1.1", StringComparison.Ordinal)));
        Assert.True(response.StatusCode == HttpStatusCode.NoContent, await response.Content.ReadAsStringAsync());
    }

    private static Task<Answer> SelectAsync(TiHost host, string file, string q = TiHost.Q) =>
        SelectBodyAsync(host, $$"""{"select_all":false,"files":[{"name":"{{file}}","status":"modified"}],"source_branch":"feature","target_branch":"main"}""", q: q);

    private static async Task<Answer> SelectBodyAsync(TiHost host, string body, string source = "feature", string q = TiHost.Q)
    {
        using var response = await host.PostGzipAsync($"tests/select?{q}&{Repo}&sha=c2&source={source}&target=main", Encoding.UTF8.GetBytes(body));
        var json = await response.ReadAsync(HttpStatusCode.OK);
        return new Answer(json, json.GetProperty("select_all").GetBoolean(), [.. json.GetProperty("tests").EnumerateArray()
            .Select(test => $"{test.GetProperty("class").GetString()}.{test.GetProperty("method").GetString()} {test.GetProperty("selection").GetString()}")]);
    }

    private static async Task<string?> CommitAsync(TiHost host, string branch, string q = TiHost.Q) =>
        (await host.JsonAsync($"vcs/commitinfo?{q}&{Repo}&branch={branch}")).GetProperty("commit_id").GetString();

    private sealed record Answer(JsonElement Json, bool All, IReadOnlyList<string> Tests);
}
