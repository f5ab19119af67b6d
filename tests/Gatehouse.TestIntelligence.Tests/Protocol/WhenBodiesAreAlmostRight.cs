using System.Text;
using System.Text.Json.Nodes;
using Gatehouse.TestIntelligence.Tests.Graphs;
using Gatehouse.TestIntelligence.Tests.Harness;

namespace Gatehouse.TestIntelligence.Tests.Protocol;

/// <summary>Every body that a runner sends, with each value in it by turns another than it should be: taken or refused, and never a fault of the service.</summary>
public sealed class WhenBodiesAreAlmostRight
{
    private const string Mark = "a mark";
    private const string Repo = "repo=https://git.example.com/shop&sha=c1&source=main&target=main";

    private static readonly (string Route, string Body)[] s_calls =
    [
        ("reports/write?report=junit&", """[{"name":"a","class_name":"T","file_name":"f","suite_name":"s","result":{"status":"failed","message":"m","type":"t","desc":"d"},"duration_ms":1,"stdout":"o","stderr":"e"}]"""),
        ("tests/select?", """{"select_all":false,"files":[{"name":"com/shop/Cart.java","status":"modified","package":"p"},{"name":"x/NewTest.java","status":"added","package":""}],"source_branch":"main","target_branch":"main","repo":"r","ti_config":{"Config":{"ignore":["*.md"],"BazelOptimization":false,"BazelFileCountThreshold":1}},"test_globs":["**/*Test.java"],"language":"java"}"""),
        ("ml/tests/select?mlKey=k&", """{"select_all":false,"ml_service_api_request":{"project_dir":"d","changed_files":["a"],"pr_additions":1},"percentile":0.5,"files":[{"name":"a","status":"deleted"}],"specs":["s"],"test_runner":"r"}"""),
        ("tests/timedata?", """{"include_filename":true,"include_test_suite":true,"include_test_case":true,"include_classname":true}"""),
        ("savings?featureName=build_cache&featureState=OPTIMIZED&timeMs=5&", """{"gradle_metrics":{"profiles":[{"projects":[{"name":"app","time_ms":1,"tasks":[{"name":"a","time_ms":70,"state":"FROM-CACHE"}]}],"command":"c","build_time_ms":1}]},"maven_metrics":{"cacheReport":[{"projects":[{"checksumMatched":true}]}]},"dlc_metrics":{"total_layers":5,"done":5,"cached":4,"layers":{"1":{"status":"CACHED","time":0.1}}}}"""),
        ("v2/uploadcg?timeMs=1&", """{"identifier":{"repo":"r","extraInfo":{}},"tests":[{"key":"k","path":"a_test.rb","indicativeChains":[{"source_paths":["a.rb"]}]}],"chains":[{"key":"k","path":"a_test.rb","testChecksum":"1","checksum":"2","state":"SUCCESS"}],"pathToTestNumMap":{"a_test.rb":1},"totalTests":1,"previousFailures":["b"]}"""),
        ("v2/select?coverageEnabled=true&", """{"files":{"a.rb":1,"a_test.rb":2},"executionContext":{"k":"v"}}"""),
        ("v2/select-and-split?", """{"files":{"a.rb":1},"executionContext":{"k":["v"]},"allTests":["a_test.rb","b"],"splitConfig":{"maxStages":2,"timeDataKey":"file","defaultDurationMs":5}}"""),
        ("v2/stage-batch?", """{"stageIndex":0}"""),
        ("it/select?", """{"test_repo_url":"https://git.example.com/it","files":{"a.py":"1"},"deployment":[{"repo_url":"r","repo_uuid":"u"}],"execution_context":{"a":"b"}}"""),
        ("it/uploadcg?cgId=", """{"test_repo_url":"https://git.example.com/it","graph":[{"service":{"host":"cart","port":80,"service_name":"s"},"tests":[{"test_file_path":"a.py","test_checksum":"1","state":"SUCCESS","sources":[{"repo_uuid":"u","jar":"j","class":"C","method":"m","file_path":"f"}]}]}]}"""),
    ];

    private static readonly string[] s_instead = ["null", "[null]", "{}", "-1", "1e999", "\"\"", "\"\\u0000\"", "\"\\ud800\"", $"\"{new string('x', 5_000)}\""];

    private static readonly string[] s_reads =
    [
        "reports/summary?report=junit&", "reports/test_cases?report=junit&sort=name&", "reports/test_cases_v2?report=junit&testCaseSearchTerm=%00,a,%25&", "reports/test_suites?report=junit&",
        "reports/info?", "tests/info?", "tests/overview?", "vg?class=%00&", "vcs/commitinfo?branch=%ED%A0%80&", "test-management/quarantined?", "agents/link?language=java%00&",
    ];

    [Fact]
    public async Task They_are_taken_or_refused_and_what_was_taken_can_be_read()
    {
        await using var host = await TiHost.StartAsync();
        var graph = new AvroGraph().Source(10, "com.shop", "Cart").Test(1, "com.shop", "CartTest", "adds").Reached(10, 1);
        using (var kept = await host.PostAsync($"tests/uploadcg?{TiHost.Q}&{Repo}&timeMs=1&schemaVersion=1.1", graph.Body()))
            Assert.True(kept.IsSuccessStatusCode);
        var faults = new List<string>();
        var (sent, taken) = (0, 0);
        foreach (var (route, body) in s_calls)
        {
            foreach (var changed in Changed(body))
            {
                var isGzip = route.StartsWith("it/uploadcg", StringComparison.Ordinal);
                var bytes = Encoding.UTF8.GetBytes(changed);
                using var answer = await host.PostAsync($"{route}{(isGzip ? $"{sent}&" : "")}{TiHost.Q}&{Repo}", isGzip ? TiHost.Gzip(bytes) : bytes);
                if ((int)answer.StatusCode >= 500)
                    faults.Add($"{route} {changed}: {answer.StatusCode}");
                sent++;
                taken += answer.IsSuccessStatusCode ? 1 : 0;
            }
        }

        // It asked for something: not all was refused, and not all taken.
        Assert.InRange(taken, sent / 10, sent * 9 / 10);
        foreach (var route in s_reads)
        {
            using var answer = await host.GetAsync($"{route}{TiHost.Q}&{Repo}");
            if ((int)answer.StatusCode >= 500)
                faults.Add($"{route}: {answer.StatusCode}");
        }

        Assert.Empty(faults);
    }

    /// <summary>The body as it should be, and with each value in it by turns another.</summary>
    private static IEnumerable<string> Changed(string body)
    {
        yield return body;
        var places = Places(JsonNode.Parse(body)!).Select(node => node.GetPath()).ToList();
        foreach (var place in places)
        {
            // A mark, which is replaced in the text: not all of these are values that a parsed document can hold.
            var changed = JsonNode.Parse(body)!;
            var node = Places(changed).Single(one => one.GetPath() == place);
            if (node is JsonObject members)
            {
                members.Add(Mark, 1);
                yield return changed.ToJsonString().Replace(Mark, "\\ud800", StringComparison.Ordinal);
            }

            node.ReplaceWith(Mark);
            foreach (var instead in s_instead)
                yield return changed.ToJsonString().Replace($"\"{Mark}\"", instead, StringComparison.Ordinal);
        }
    }

    private static IEnumerable<JsonNode> Places(JsonNode node) => (node switch
    {
        JsonObject members => members.Select(member => member.Value),
        JsonArray items => items,
        _ => [],
    }).OfType<JsonNode>().SelectMany(child => Places(child).Prepend(child));
}
