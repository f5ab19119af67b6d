using System.Net;
using System.Text;
using System.Text.Json;
using Gatehouse.TestIntelligence.Storage;
using Gatehouse.TestIntelligence.Tests.Harness;

namespace Gatehouse.TestIntelligence.Tests.Reports;

public sealed class WhenReportsAreWritten
{
    private const string Write = $"reports/write?{TiHost.Q}&report=junit&repo=https://git.example.com/shop.git&sha=c1&commitLink=https://git.example.com/shop/commit/c1";

    private const string ThreeCases = """
        [{"name":"adds","class_name":"com.shop.CartTest","suite_name":"cart","file_name":"CartTest.java","result":{"status":"passed"},"duration_ms":40,"stdout":"hello\n"},
         {"name":"removes","class_name":"com.shop.CartTest","suite_name":"cart","result":{"status":"failed","message":"expected 1","type":"AssertionError","desc":"at CartTest.java:7"},"duration_ms":60},
         {"name":"pays","class_name":"com.shop.PayTest","suite_name":"pay","result":{"status":"skipped"},"duration_ms":0,"unknown":null}]
        """;

    [Fact]
    public async Task The_summary_counts_each_case_once()
    {
        await using var host = await TiHost.StartAsync();
        await WriteAsync(host, ThreeCases);
        await WriteAsync(host, """[{"name":"ships","class_name":"S","result":{"status":"error"},"duration_ms":5},{"name":"packs","class_name":"S","result":{"status":"skipped_by_ti"}}]""");
        var summary = await host.JsonAsync($"reports/summary?{TiHost.Q}&report=junit");
        Assert.Equal((5, 2, 1, 1, 1, 105), Counts(summary));
    }

    [Fact]
    public async Task Repeated_writes_add_up()
    {
        await using var host = await TiHost.StartAsync();
        await WriteAsync(host, ThreeCases);
        await WriteAsync(host, ThreeCases);
        Assert.Equal((6, 2, 2, 2, 0, 200), Counts(await host.JsonAsync($"reports/summary?{TiHost.Q}&report=junit")));
    }

    [Fact]
    public async Task A_body_may_be_compressed_and_may_lack_a_content_type()
    {
        await using var host = await TiHost.StartAsync();
        using var gzip = await host.PostGzipAsync(Write, Encoding.UTF8.GetBytes(ThreeCases));
        Assert.Equal(HttpStatusCode.NoContent, gzip.StatusCode);
        using var bare = await host.PostAsync(Write, ThreeCases);
        Assert.Equal(HttpStatusCode.NoContent, bare.StatusCode);
        Assert.Null(bare.Content.Headers.ContentType);
    }

    [Fact]
    public async Task Empty_stage_and_step_mean_all_of_the_build()
    {
        await using var host = await TiHost.StartAsync();
        await WriteAsync(host, ThreeCases);
        await WriteAsync(host, ThreeCases, Write.Replace("stepId=test", "stepId=other", StringComparison.Ordinal));
        const string Build = "accountId=acme&orgId=default&projectId=shop&pipelineId=ci&buildId=1";
        Assert.Equal(6, Counts(await host.JsonAsync($"reports/summary?{Build}&stageId=&stepId=&report=junit")).Total);
        Assert.Equal(3, Counts(await host.JsonAsync($"reports/summary?{Build}&stageId=build&stepId=other&report=junit")).Total);
        Assert.Equal(0, Counts(await host.JsonAsync($"reports/summary?{Build.Replace("buildId=1", "buildId=2", StringComparison.Ordinal)}&report=junit")).Total);
        Assert.Equal(
            ["build/other", "build/test"],
            (await host.JsonAsync($"reports/info?{Build}")).EnumerateArray().Select(info => $"{info.GetProperty("stage").GetString()}/{info.GetProperty("step").GetString()}"));
    }

    [Fact]
    public async Task Cases_come_in_pages_failures_first()
    {
        await using var host = await TiHost.StartAsync();
        await WriteAsync(host, ThreeCases);
        var page = await host.JsonAsync($"reports/test_cases?{TiHost.Q}&report=junit&pageSize=2");
        Assert.Equal(["removes", "adds"], Names(page));
        var data = page.GetProperty("data");
        Assert.Equal((2, 3, 2, 2), (data.GetProperty("totalPages").GetInt32(), data.GetProperty("totalItems").GetInt32(), data.GetProperty("pageItemCount").GetInt32(), data.GetProperty("pageSize").GetInt32()));
        Assert.Equal("at CartTest.java:7", page.GetProperty("content")[0].GetProperty("result").GetProperty("desc").GetString());
        Assert.Equal("hello\n", page.GetProperty("content")[1].GetProperty("stdout").GetString());
        Assert.Equal(["pays"], Names(await host.JsonAsync($"reports/test_cases?{TiHost.Q}&report=junit&pageSize=2&pageIndex=1")));
    }

    [Theory]
    [InlineData("sort=name&order=DESC", "removes,pays,adds")]
    [InlineData("sort=duration_ms&order=ASC", "pays,adds,removes")]
    [InlineData("sort=class_name", "adds,removes,pays")]
    [InlineData("sort=status&order=asc", "removes,adds,pays")]
    [InlineData("status=failed", "removes")]
    [InlineData("suite_name=pay", "pays")]
    [InlineData("testCaseSearchTerm=PAYTEST", "pays")]
    [InlineData("testCaseSearchTerm=%25", "")]
    [InlineData("testCaseSearchTerm=' OR 1=1 --", "")]
    public async Task Cases_are_sorted_filtered_and_searched(string query, string expected)
    {
        await using var host = await TiHost.StartAsync();
        await WriteAsync(host, ThreeCases);
        Assert.Equal(expected, string.Join(',', Names(await host.JsonAsync($"reports/test_cases?{TiHost.Q}&report=junit&{query}"))));
    }

    [Fact]
    public async Task The_newer_search_takes_several_terms()
    {
        await using var host = await TiHost.StartAsync();
        await WriteAsync(host, ThreeCases);
        Assert.Equal(["adds"], Names(await host.JsonAsync($"reports/test_cases_v2?{TiHost.Q}&report=junit&testCaseSearchTerm=cart, adds")));
    }

    [Fact]
    public async Task Suites_are_added_up()
    {
        await using var host = await TiHost.StartAsync();
        await WriteAsync(host, ThreeCases);
        var suites = (await host.JsonAsync($"reports/test_suites?{TiHost.Q}&report=junit")).GetProperty("content");
        Assert.Equal("cart", suites[0].GetProperty("name").GetString());
        Assert.Equal((2, 1, 1, 50), (suites[0].GetProperty("total_tests").GetInt32(), suites[0].GetProperty("failed_tests").GetInt32(), suites[0].GetProperty("passed_tests").GetInt32(), suites[0].GetProperty("fail_pct").GetInt32()));
    }

    [Fact]
    public async Task Passed_and_failed_on_one_commit_is_flaky()
    {
        await using var host = await TiHost.StartAsync();
        await WriteAsync(host, """[{"name":"waits","class_name":"T","result":{"status":"failed"}},{"name":"steady","class_name":"T","result":{"status":"failed"}}]""");
        await WriteAsync(host, """[{"name":"waits","class_name":"T","result":{"status":"skipped"}}]""");
        await WriteAsync(host, """[{"name":"waits","class_name":"T","result":{"status":"passed"}}]""");
        // Another commit may well mend a test.
        await WriteAsync(host, """[{"name":"steady","class_name":"T","result":{"status":"passed"}}]""", Write.Replace("sha=c1", "sha=c2", StringComparison.Ordinal));
        var cases = (await host.JsonAsync($"reports/test_cases?{TiHost.Q}&report=junit")).GetProperty("content").EnumerateArray();
        Assert.Equal(["waits"], cases.Where(one => one.GetProperty("flaky").GetBoolean()).Select(one => one.GetProperty("name").GetString()).Distinct());
        Assert.Equal(3, (await host.JsonAsync($"reports/summary?{TiHost.Q}&report=junit")).GetProperty("flaky_tests").GetInt32());
    }

    [Fact]
    public async Task One_account_never_sees_anothers()
    {
        await using var host = await TiHost.StartAsync();
        await WriteAsync(host, ThreeCases);
        host.Client.DefaultRequestHeaders.Remove("X-Harness-Token");
        host.Client.DefaultRequestHeaders.Add("X-Harness-Token", host.Token("other"));
        Assert.Equal(0, Counts(await host.JsonAsync($"reports/summary?{TiHost.Q.Replace("acme", "other", StringComparison.Ordinal)}&report=junit")).Total);
    }

    [Fact]
    public async Task What_was_acknowledged_is_there_after_a_restart()
    {
        await using var host = await TiHost.StartAsync();
        await WriteAsync(host, ThreeCases);
        var copy = Directory.CreateTempSubdirectory("gatehouse-ti-copy-").FullName;
        // As a killed server leaves it: nothing is closed.
        Directory.CreateDirectory(Path.Combine(copy, "ti"));
        foreach (var file in Directory.GetFiles(Path.Combine(host.Data, "ti")))
            File.Copy(file, Path.Combine(copy, "ti", Path.GetFileName(file)));
        await using (var again = await TiHost.StartAsync(copy, host.Time))
            Assert.Equal(3, Counts(await again.JsonAsync($"reports/summary?{TiHost.Q}&report=junit")).Total);
        Directory.Delete(copy, recursive: true);
    }

    [Fact]
    public async Task Reports_go_when_their_time_is_over()
    {
        await using var host = await TiHost.StartAsync();
        await WriteAsync(host, ThreeCases);
        host.Advance(TimeSpan.FromDays(29));
        await host.Get<TiRetention>().SweepAsync(default);
        Assert.Equal(3, Counts(await host.JsonAsync($"reports/summary?{TiHost.Q}&report=junit")).Total);
        host.Advance(TimeSpan.FromDays(70));
        await host.Get<TiRetention>().SweepAsync(default);
        Assert.Equal(0, Counts(await host.JsonAsync($"reports/summary?{TiHost.Q}&report=junit")).Total);
        Assert.Equal(0, host.Get<TiDatabase>().Read(db => db.Scalar("SELECT count(*) FROM test")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[{\"name\":")]
    [InlineData("[null]")]
    [InlineData("[{\"name\":[]}]")]
    public async Task A_body_that_is_no_report_changes_nothing(string body)
    {
        await using var host = await TiHost.StartAsync();
        using var response = await host.PostAsync(Write, body);
        Assert.NotEmpty(await response.ErrorAsync(HttpStatusCode.BadRequest));
        Assert.Equal(0, host.Get<TiDatabase>().Read(db => db.Scalar("SELECT count(*) FROM report")));
    }

    [Fact]
    public async Task A_few_bytes_that_unpack_to_too_much_are_refused()
    {
        await using var host = await TiHost.StartAsync();
        var bomb = new byte[TiLimits.MaxDecodedBytes + 1];
        bomb.AsSpan().Fill((byte)' ');
        bomb[0] = (byte)'[';
        using var response = await host.PostGzipAsync(Write, bomb);
        Assert.Contains("unpacks to more", await response.ErrorAsync(HttpStatusCode.RequestEntityTooLarge), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.Combine(host.Data, "ti", "uploads")));
    }

    [Fact]
    public async Task Long_texts_are_cut_between_characters()
    {
        await using var host = await TiHost.StartAsync();
        var text = "x" + string.Concat(Enumerable.Repeat("😀", TiLimits.MaxText));
        await WriteAsync(host, JsonSerializer.Serialize(new[] { new { name = "n", class_name = "c", result = new { status = "passed" }, stdout = text } }));
        var kept = (await host.JsonAsync($"reports/test_cases?{TiHost.Q}&report=junit")).GetProperty("content")[0].GetProperty("stdout").GetString()!;
        Assert.Equal(TiLimits.MaxText - 1, kept.Length);
        Assert.EndsWith("😀", kept, StringComparison.Ordinal);
    }

    private static async Task WriteAsync(TiHost host, string cases, string path = Write)
    {
        using var response = await host.PostAsync(path, cases);
        Assert.True(response.StatusCode == HttpStatusCode.NoContent, await response.Content.ReadAsStringAsync());
    }

    private static (int Total, int Failed, int Successful, int Skipped, int ByTi, int Duration) Counts(JsonElement summary) => (
        summary.GetProperty("total_tests").GetInt32(), summary.GetProperty("failed_tests").GetInt32(), summary.GetProperty("successful_tests").GetInt32(),
        summary.GetProperty("skipped_tests").GetInt32(), summary.GetProperty("skipped_by_ti").GetInt32(), summary.GetProperty("duration_ms").GetInt32());

    private static IEnumerable<string?> Names(JsonElement page) => page.GetProperty("content").EnumerateArray().Select(one => one.GetProperty("name").GetString());
}
