using System.Globalization;
using System.IO.Hashing;
using System.Net;
using System.Text;
using System.Text.Json;
using Gatehouse.TestIntelligence.Storage;
using Gatehouse.TestIntelligence.Tests.Harness;

namespace Gatehouse.TestIntelligence.Tests.SkipLists;

public sealed class WhenTestsAreSkipped
{
    private const string NonCode = "HARNESS_TI_NON_CODE_CHAIN_PATH";
    private const string R = "accountId=acme&orgId=default&projectId=shop&repo=https://git.example.com/shop.git";
    private const string Upload = $"v2/uploadcg?{TiHost.Q}&repo=https://git.example.com/shop&timeMs=5&sourceBranch=main&targetBranch=main";

    // All 64 bits: a double would lose the last ones.
    private const ulong Test = 18446744073709551557, Source = 9007199254740993, Readme = 3;

    [Fact]
    public async Task A_test_whose_files_are_as_they_were_is_skipped()
    {
        await using var host = await TiHost.StartAsync();
        await UploadAsync(host);
        var answer = await SelectAsync(host, Files(Test, Source, Readme));
        Assert.Equal([NonCode, "tests/test_cart.py"], Skipped(answer));
        Assert.False(answer.TryGetProperty("skipTestChecksums", out _));
        Assert.Equal(["tests/test_cart.py"], Skipped(await SelectAsync(host, Files(Test, Source, Readme), "&coverageEnabled=true")).Where(path => path != NonCode));
        Assert.Equal(
            Chain($"src/cart.py:{Source}"),
            (await SelectAsync(host, Files(Test, Source, Readme), "&coverageEnabled=true")).GetProperty("skipTestChecksums").GetProperty("tests/test_cart.py").GetString());
    }

    [Theory]
    [InlineData(Test - 1, Source, Readme)]
    [InlineData(Test, Source - 1, Readme)]
    [InlineData(Test, Source, Readme + 1)]
    [InlineData(Test, null, Readme)]
    [InlineData(null, Source, Readme)]
    public async Task One_that_differs_in_a_bit_or_is_gone_is_not(object? test, object? source, object? readme)
    {
        await using var host = await TiHost.StartAsync();
        await UploadAsync(host);
        Assert.DoesNotContain("tests/test_cart.py", Skipped(await SelectAsync(host, Files((ulong?)test, (ulong?)source, (ulong?)readme))));
    }

    [Fact]
    public async Task Failed_tests_are_told_and_run_until_they_pass()
    {
        await using var host = await TiHost.StartAsync();
        await UploadAsync(host, state: "FAILURE");
        var answer = await SelectAsync(host, Files(Test, Source, Readme));
        Assert.Equal([NonCode], Skipped(answer));
        Assert.Equal(["tests/test_cart.py"], answer.GetProperty("failedTests").EnumerateArray().Select(path => path.GetString()));
        await UploadAsync(host);
        Assert.Contains("tests/test_cart.py", Skipped(await SelectAsync(host, Files(Test, Source, Readme))));
    }

    [Fact]
    public async Task Runs_of_another_execution_context_do_not_count()
    {
        await using var host = await TiHost.StartAsync();
        await UploadAsync(host, context: """{"python":"3.12","os":"linux"}""");
        Assert.Empty(Skipped(await SelectAsync(host, Files(Test, Source, Readme))));
        Assert.Empty(Skipped(await SelectAsync(host, Files(Test, Source, Readme, """{"os":"linux","python":"3.13"}"""))));
        Assert.Equal(2, Skipped(await SelectAsync(host, Files(Test, Source, Readme, """{"os":"linux","python":"3.12"}"""))).Count);
    }

    [Fact]
    public async Task What_is_left_is_split_into_stages_that_take_as_long_as_each_other()
    {
        await using var host = await TiHost.StartAsync();
        await UploadAsync(host);
        var cases = JsonSerializer.Serialize(new[] { ("a.py", 900), ("b.py", 400), ("c.py", 300), ("d.py", 200) }
            .Select(file => new { name = "t", class_name = file.Item1, file_name = file.Item1, result = new { status = "passed" }, duration_ms = file.Item2 }));
        using var report = await host.PostAsync($"reports/write?{TiHost.Q}&report=junit", cases);
        Assert.Equal(HttpStatusCode.NoContent, report.StatusCode);

        using var response = await host.PostAsync($"v2/select-and-split?{R}&pipelineId=ci&buildId=7", $$"""
            {"files":{{FilesOnly(Test, Source, Readme)}},"allTests":["a.py","b.py","c.py","d.py","new.py","tests/test_cart.py"],"splitConfig":{"maxStages":2,"timeDataKey":"file","defaultDurationMs":100} }
            """);
        var split = await response.ReadAsync(HttpStatusCode.OK);
        Assert.Equal((2, 5), (split.GetProperty("parallelism").GetInt32(), split.GetProperty("totalSelectedTests").GetInt32()));
        Assert.Equal("""{"0":1000,"1":900}""", split.GetProperty("estimatedDurationMs").GetRawText());
        Assert.Equal(["a.py", "new.py"], await BatchAsync(host, 0));
        Assert.Equal(["b.py", "c.py", "d.py"], await BatchAsync(host, 1));
        using var third = await host.PostAsync($"v2/stage-batch?{R}&pipelineId=ci&buildId=7", """{"stageIndex":2}""");
        Assert.Contains("no stage 2", await third.ErrorAsync(HttpStatusCode.BadRequest), StringComparison.Ordinal);
        using var other = await host.PostAsync($"v2/stage-batch?{R}&pipelineId=ci&buildId=8", """{"stageIndex":0}""");
        Assert.NotEmpty(await other.ErrorAsync(HttpStatusCode.NotFound));
    }

    [Theory]
    [InlineData("v2/uploadcg", "{")]
    [InlineData("v2/uploadcg", "[]")]
    [InlineData("v2/uploadcg", """{"chains":[{"path":"a","checksum":"-1"}]}""")]
    [InlineData("v2/uploadcg", """{"chains":[{"path":"a","checksum":"18446744073709551616"}]}""")]
    [InlineData("v2/uploadcg", """{"tests":[{"path":"a","indicativeChains":[{"source_paths":[1]}]}]}""")]
    [InlineData("v2/uploadcg", """{"tests":[{"indicativeChains":[]}]}""")]
    [InlineData("v2/uploadcg", """{"tests":{}}""")]
    [InlineData("v2/select", """{"files":{"a":-1}}""")]
    [InlineData("v2/select", """{"files":{"a":1.5}}""")]
    [InlineData("v2/select-and-split", """{"splitConfig":{"maxStages":-1}}""")]
    [InlineData("v2/select-and-split", """{"splitConfig":{"timeDataKey":"mood"}}""")]
    public async Task A_bad_body_is_refused_and_changes_nothing(string path, string body)
    {
        await using var host = await TiHost.StartAsync();
        using var response = await host.PostAsync($"{path}?{R}&pipelineId=ci&buildId=1", body);
        Assert.NotEmpty(await response.ErrorAsync(HttpStatusCode.BadRequest));
        Assert.Equal(0, host.Get<TiDatabase>().Read(db => db.Scalar("SELECT count(*) FROM skip_list")));
    }

    private static async Task UploadAsync(TiHost host, string state = "SUCCESS", string? context = null)
    {
        var body = $$"""
            {"identifier":{"_id":"000000000000000000000000","extraInfo":{{context ?? "{}"}}},
             "tests":[{"path":"tests/test_cart.py","indicativeChains":[{"source_paths":["src/cart.py"]}]},{"path":"{{NonCode}}","indicativeChains":[{"source_paths":["README.md"]}]}],
             "chains":[{"path":"tests/test_cart.py","testChecksum":"{{Test}}","checksum":"{{Chain($"src/cart.py:{Source}")}}","state":"{{state}}"},
                       {"path":"{{NonCode}}","testChecksum":"0","checksum":"{{Chain($"README.md:{Readme}")}}","state":"SUCCESS"}],
             "pathToTestNumMap":{"tests/test_cart.py":4},"totalTests":4,"previousFailures":null}
            """;
        using var response = await host.PostGzipAsync(Upload, Encoding.UTF8.GetBytes(body));
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    private static async Task<JsonElement> SelectAsync(TiHost host, string body, string more = "")
    {
        using var response = await host.PostGzipAsync($"v2/select?{R}{more}", Encoding.UTF8.GetBytes(body));
        return await response.ReadAsync(HttpStatusCode.OK);
    }

    private static async Task<IEnumerable<string?>> BatchAsync(TiHost host, int stage)
    {
        using var response = await host.PostAsync($"v2/stage-batch?{R}&pipelineId=ci&buildId=7", $$"""{"stageIndex":{{stage}}}""");
        return (await response.ReadAsync(HttpStatusCode.OK)).GetProperty("testIds").EnumerateArray().Select(test => test.GetString());
    }

    private static string Files(ulong? test, ulong? source, ulong? readme, string context = "null") => $$"""{"files":{{FilesOnly(test, source, readme)}},"executionContext":{{context}} }""";

    private static string FilesOnly(ulong? test, ulong? source, ulong? readme) =>
        "{" + string.Join(',', new[] { ("tests/test_cart.py", test), ("src/cart.py", source), ("README.md", readme) }.Where(file => file.Item2 is not null).Select(file => $"\"{file.Item1}\":{file.Item2}")) + "}";

    private static List<string?> Skipped(JsonElement answer) => [.. answer.GetProperty("skipTests").EnumerateArray().Select(path => path.GetString()).Order(StringComparer.Ordinal)];

    private static string Chain(string text) => XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(text)).ToString(CultureInfo.InvariantCulture);
}
