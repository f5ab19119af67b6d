using System.Net;
using System.Text.Json;
using Gatehouse.TestIntelligence.Splits;
using Gatehouse.TestIntelligence.Storage;
using Gatehouse.TestIntelligence.Tests.Harness;
using Gatehouse.TestIntelligence.Timing;

namespace Gatehouse.TestIntelligence.Tests.Timing;

public sealed class WhenDurationsAreAsked
{
    [Fact]
    public async Task They_are_whole_milliseconds_of_what_was_asked_for()
    {
        await using var host = await TiHost.StartAsync();
        await WriteAsync(host, 10);
        await WriteAsync(host, 21);
        Assert.Equal("""{"file_time_map":{"CartTest.java":32},"suite_time_map":{},"test_time_map":{},"class_time_map":{"CartTest":32}}""", await AskAsync(host, "&enableAverages=true"));
        Assert.Equal("""{"file_time_map":{"CartTest.java":43},"suite_time_map":{},"test_time_map":{},"class_time_map":{"CartTest":43}}""", await AskAsync(host, ""));
        // By suite and by test: a name in two classes counts together, as its runs do.
        Assert.Equal(
            """{"file_time_map":{},"suite_time_map":{"carts":32},"test_time_map":{"a":16,"b":17},"class_time_map":{}}""",
            Sorted(await AskAsync(host, "&enableAverages=true", asked: """{"include_test_suite":true,"include_test_case":true}""")));
        Assert.Equal(
            """{"file_time_map":{},"suite_time_map":{},"test_time_map":{"a":21,"b":22},"class_time_map":{}}""",
            Sorted(await AskAsync(host, "", asked: """{"include_test_case":true}""")));
        Assert.Equal("""{"file_time_map":{},"suite_time_map":{"carts":43},"test_time_map":{},"class_time_map":{}}""", await AskAsync(host, "", asked: """{"include_test_suite":true}"""));
    }

    [Fact]
    public async Task All_steps_of_a_build_that_say_when_it_began_are_told_the_same()
    {
        await using var host = await TiHost.StartAsync();
        await WriteAsync(host, 10);
        const string Began = "&buildStartTime=1764504000000";
        var first = await AskAsync(host, Began);
        Assert.Contains("\"CartTest.java\":21", first, StringComparison.Ordinal);
        await WriteAsync(host, 500);
        Assert.Equal(first, await AskAsync(host, Began));
        Assert.NotEqual(first, await AskAsync(host, ""));
        Assert.NotEqual(first, await AskAsync(host, Began, TiHost.Q.Replace("buildId=1", "buildId=2", StringComparison.Ordinal)));
        host.Advance(TimingAnswers.Kept + TimeSpan.FromHours(1));
        await host.Get<TiRetention>().SweepAsync(CancellationToken.None);
        Assert.NotEqual(first, await AskAsync(host, Began));
    }

    [Fact]
    public async Task Another_pipelines_do_not_count()
    {
        await using var host = await TiHost.StartAsync();
        await WriteAsync(host, 10);
        Assert.Equal("""{"file_time_map":{},"suite_time_map":{},"test_time_map":{},"class_time_map":{}}""", await AskAsync(host, "", TiHost.Q.Replace("pipelineId=ci", "pipelineId=cd", StringComparison.Ordinal)));
    }

    [Fact]
    public void Stages_are_as_even_as_the_longest_test_allows()
    {
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            var tests = Enumerable.Range(0, random.Next(1, 60)).ToDictionary(i => $"t{i}", _ => (long)random.Next(0, 1000));
            var max = random.Next(1, 9);
            var stages = StageSplit.Of(tests.Keys.Concat(tests.Keys), test => tests[test], max);
            Assert.Equal(Math.Min(max, tests.Count), stages.Count);
            Assert.Equal(tests.Keys.Order(), stages.SelectMany(stage => stage.Tests).Order());
            Assert.All(stages, stage => Assert.Equal(stage.Tests.Sum(test => tests[test]), stage.EstimatedMs));
            var bound = Math.Max(tests.Values.Max(), (double)tests.Values.Sum() / stages.Count);
            Assert.True(stages.Max(stage => stage.EstimatedMs) <= (2 * bound) + 1);
        }
    }

    [Fact]
    public void Nothing_to_run_is_one_empty_stage() => Assert.Empty(Assert.Single(StageSplit.Of([], _ => 1, 4)).Tests);

    /// <summary>With the names of each map in order.</summary>
    private static string Sorted(string answer) => JsonSerializer.Serialize(JsonSerializer.Deserialize<Dictionary<string, SortedDictionary<string, long>>>(answer));

    private static async Task WriteAsync(TiHost host, int duration)
    {
        using var response = await host.PostAsync($"reports/write?{TiHost.Q}&report=junit", $$"""
            [{"name":"a","class_name":"CartTest","suite_name":"carts","file_name":"CartTest.java","result":{"status":"passed"},"duration_ms":{{duration}}},
             {"name":"b","class_name":"CartTest","suite_name":"carts","file_name":"CartTest.java","result":{"status":"failed"},"duration_ms":{{duration + 1}}},
             {"name":"c","class_name":"CartTest","suite_name":"carts","file_name":"CartTest.java","result":{"status":"skipped"},"duration_ms":9999}]
            """);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    private static async Task<string> AskAsync(TiHost host, string more, string q = TiHost.Q, string asked = """{"include_filename":true,"include_classname":true}""")
    {
        using var response = await host.PostAsync($"tests/timedata?{q}{more}", asked);
        return (await response.ReadAsync(HttpStatusCode.OK)).GetRawText();
    }
}
