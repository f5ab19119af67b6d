using System.Net;
using System.Text;
using System.Text.Json;
using Gatehouse.Contracts.Protocol;
using Gatehouse.TestIntelligence.Protocol;
using Gatehouse.TestIntelligence.Quarantine;
using Gatehouse.TestIntelligence.Storage;
using Gatehouse.TestIntelligence.Tests.Graphs;
using Gatehouse.TestIntelligence.Tests.Harness;

namespace Gatehouse.TestIntelligence.Tests.Overview;

public sealed class WhenABuildIsLookedBackAt
{
    private const string Repo = "repo=https://git.example.com/shop.git";

    [Fact]
    public async Task The_overview_says_what_was_left_out_and_saved()
    {
        await using var host = await TiHost.StartAsync();
        using var none = await host.GetAsync($"tests/overview?{TiHost.Q}");
        Assert.NotEmpty(await none.ErrorAsync(HttpStatusCode.NotFound));
        var graph = new AvroGraph().Source(10, "com.shop", "Cart").Source(11, "com.shop", "Price")
            .Test(1, "com.shop", "CartTest", "adds").Test(2, "com.shop", "PriceTest", "rounds").Test(3, "com.shop", "PriceTest", "sums").Reached(10, 1).Reached(11, 2, 3);
        await MustAsync(await host.PostAsync($"tests/uploadcg?{TiHost.Q}&{Repo}&sha=c1&source=main&target=main&timeMs=5&schemaVersion=1.1", graph.Body()));
        await MustAsync(await host.PostAsync($"reports/write?{TiHost.Q}&report=junit", """[{"name":"rounds","class_name":"PriceTest","result":{"status":"passed"},"duration_ms":300},{"name":"adds","class_name":"CartTest","result":{"status":"passed"},"duration_ms":100}]"""));
        await MustAsync(await host.PostAsync($"tests/select?{TiHost.Q}&{Repo}&sha=c2&source=feature&target=main", """{"files":[{"name":"src/main/java/com/shop/Cart.java","status":"modified"}]}"""));
        await MustAsync(await host.PostAsync($"savings?{TiHost.Q}&{Repo}&featureName=build_cache&featureState=OPTIMIZED&timeMs=1234", """{"gradle_metrics":null}"""));

        Assert.Equal("""
            {"total_tests":3,"skipped_tests":2,"time_saved_ms":400,"time_taken_ms":400,"repo":"https://git.example.com/shop","source_branch":"feature","target_branch":"main","selected_tests":{"new_tests":0,"updated_tests":0,"source_code_changes":1},"savings":[{"feature":"build_cache","state":"OPTIMIZED","time_ms":1234}]}
            """.Trim(), (await host.JsonAsync($"tests/overview?{TiHost.Q}")).GetRawText());
        Assert.Equal("""[{"step":"test","stage":"build"}]""", (await host.JsonAsync($"tests/info?{TiHost.Q.Replace("stepId=test", "stepId=", StringComparison.Ordinal)}")).GetRawText());
        using var bad = await host.PostAsync($"savings?{TiHost.Q}&{Repo}&featureName=magic&featureState=OPTIMIZED&timeMs=1", "{}");
        Assert.Contains("build_cache", await bad.ErrorAsync(HttpStatusCode.BadRequest), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tests_that_were_flaky_on_two_commits_are_in_quarantine_for_two_weeks()
    {
        await using var host = await TiHost.StartAsync();
        await FlakyOnAsync("c1");
        Assert.Empty(await QuarantinedAsync());
        await FlakyOnAsync("c1");
        Assert.Empty(await QuarantinedAsync());
        await FlakyOnAsync("c2");
        Assert.Equal(["waits"], await QuarantinedAsync());
        host.Advance(TimeSpan.FromDays(15));
        Assert.Empty(await QuarantinedAsync());

        async Task FlakyOnAsync(string sha)
        {
            foreach (var status in new[] { "failed", "passed" })
                await MustAsync(await host.PostAsync($"reports/write?{TiHost.Q}&report=junit&{Repo}&sha={sha}", $$"""[{"name":"waits","class_name":"T","result":{"status":"{{status}}"} }]"""));
        }

        async Task<IEnumerable<string?>> QuarantinedAsync() => (await host.JsonAsync($"test-management/quarantined?accountId=acme&orgId=default&projectId=shop&{Repo}"))
            .GetProperty("tests").EnumerateArray().Select(test => test.GetProperty("test_name").GetString());
    }

    [Fact]
    public async Task An_operator_puts_tests_into_quarantine_and_takes_them_out_the_flaky_ones_too()
    {
        await using var host = await TiHost.StartAsync();
        var list = host.Get<QuarantineList>();
        var repository = new RepositoryKey(new ProjectKey("acme", "default", "shop"), "https://git.example.com/shop");
        foreach (var sha in new[] { "c1", "c2" })
        {
            foreach (var status in new[] { "failed", "passed" })
                await MustAsync(await host.PostAsync($"reports/write?{TiHost.Q}&report=junit&{Repo}&sha={sha}", $$"""[{"name":"waits","class_name":"T","result":{"status":"{{status}}"} },{"name":"adds","class_name":"T","result":{"status":"passed"} }]"""));
        }
        await list.SetAsync(repository, "T", "adds", isIn: true, "a leak", CancellationToken.None);
        await list.SetAsync(repository, "T", "unseen", isIn: true, "", CancellationToken.None);
        Assert.Equal([("adds", "a leak"), ("unseen", ""), ("waits", null)], (await QuarantinedAsync()).Select(test => (Text(test, "test_name")!, Text(test, "reason"))));
        var seen = await host.JsonAsync($"reports/test_cases?{TiHost.Q}&report=junit&testCaseSearchTerm=adds");
        Assert.True(seen.GetProperty("content")[0].GetProperty("quarantine").GetBoolean());

        host.Advance(TimeSpan.FromMinutes(1));
        foreach (var name in new[] { "waits", "adds", "unseen" })
            await list.SetAsync(repository, "T", name, isIn: false, "", CancellationToken.None);
        Assert.Empty(await QuarantinedAsync());
        Assert.Equal(0, Rows("is_in = 1"));
        host.Advance(TimeSpan.FromDays(15));
        await host.Get<TiRetention>().SweepAsync(CancellationToken.None);
        Assert.Equal(0, Rows("1"));

        long Rows(string which) => host.Get<TiDatabase>().Read(db => db.Scalar($"SELECT count(*) FROM quarantine WHERE {which}"), CancellationToken.None);

        async Task<List<JsonElement>> QuarantinedAsync() =>
            [.. (await host.JsonAsync($"test-management/quarantined?accountId=acme&orgId=default&projectId=shop&{Repo}")).GetProperty("tests").EnumerateArray()];

        static string? Text(JsonElement of, string name) => of.TryGetProperty(name, out var value) ? value.GetString() : null;
    }

    [Fact]
    public async Task The_call_graph_can_be_drawn()
    {
        await using var host = await TiHost.StartAsync();
        using var none = await host.GetAsync($"vg?{TiHost.Q}");
        Assert.NotEmpty(await none.ErrorAsync(HttpStatusCode.NotFound));
        var graph = new AvroGraph().Source(10, "com.shop", "Cart").Source(11, "com.shop", "Price")
            .Test(1, "com.shop", "CartTest", "adds").Test(2, "com.shop", "PriceTest", "rounds").Test(3, "com.shop", "PriceTest", "sums").Reached(10, 1).Reached(11, 1, 2, 3);
        await MustAsync(await host.PostAsync($"tests/select?{TiHost.Q}&{Repo}&sha=c1&source=main&target=main", """{"files":[]}"""));
        await MustAsync(await host.PostAsync($"tests/uploadcg?{TiHost.Q}&{Repo}&sha=c1&source=main&target=main&timeMs=5&schemaVersion=1.1", graph.Body()));

        Assert.Equal(["Cart>CartTest", "Price>CartTest", "Price>PriceTest"], Edges(await host.JsonAsync($"vg?{TiHost.Q}")));
        var price = await host.JsonAsync($"vg?{TiHost.Q}&class=com.shop.Price");
        Assert.Equal(["Price>CartTest", "Price>PriceTest"], Edges(price));
        Assert.Equal("""{"id":0,"root":true,"important":true,"package":"com.shop","class":"Price","file":"","type":"source"}""", price.GetProperty("nodes")[0].GetRawText());
        Assert.Equal(["Cart>CartTest", "Price>CartTest"], Edges(await host.JsonAsync($"vg?{TiHost.Q}&class=CartTest")));
        Assert.Single((await host.JsonAsync($"vg?{TiHost.Q}&limit=1")).GetProperty("nodes").EnumerateArray());
        using var unknown = await host.GetAsync($"vg?{TiHost.Q}&class=Nobody");
        Assert.Contains("Nobody", await unknown.ErrorAsync(HttpStatusCode.NotFound), StringComparison.Ordinal);

        static IEnumerable<string> Edges(JsonElement picture)
        {
            var names = picture.GetProperty("nodes").EnumerateArray().Select(node => node.GetProperty("class").GetString()).ToList();
            return picture.GetProperty("edges").EnumerateArray()
                .SelectMany(edge => edge.GetProperty("to").EnumerateArray().Select(to => $"{names[edge.GetProperty("from").GetInt32()]}>{names[to.GetInt32()]}")).Order(StringComparer.Ordinal);
        }
    }

    [Theory]
    [InlineData("""{"gradle_metrics":{"profiles":[{"projects":[{"name":"app","tasks":[{"name":"a","time_ms":70,"state":"FROM-CACHE"},{"name":"b","time_ms":900,"state":""},{"name":"c","time_ms":null,"state":null}]}]}]}}""", 3, 1, 70)]
    [InlineData("""{"maven_metrics":{"cacheReport":[{"projects":[{"checksumMatched":true},{"checksumMatched":false}]}]}}""", 2, 1, 0)]
    [InlineData("""{"gradle_metrics":null,"dlc_metrics":{"total_layers":5,"done":5,"cached":4,"layers":{"1":{"status":"CACHED","time":0.1}}}}""", 5, 4, 0)]
    public async Task What_a_build_tool_spared_is_kept(string body, int parts, int spared, long ms)
    {
        await using var host = await TiHost.StartAsync();
        await MustAsync(await host.PostAsync($"tests/select?{TiHost.Q}&{Repo}&target=main", """{"files":[]}"""));
        await MustAsync(await host.PostAsync($"savings?{TiHost.Q}&{Repo}&featureName=build_cache&featureState=OPTIMIZED&timeMs=1234", body));
        var detail = (await host.JsonAsync($"tests/overview?{TiHost.Q}")).GetProperty("savings")[0].GetProperty("detail");
        Assert.Equal((parts, spared, ms), (detail.GetProperty("parts").GetInt32(), detail.GetProperty("spared").GetInt32(), detail.GetProperty("spared_ms").GetInt64()));
        // Without a body, as after a build tool that left no report.
        await MustAsync(await host.PostAsync($"savings?{TiHost.Q}&{Repo}&featureName=build_cache&featureState=DISABLED&timeMs=1", ""));
    }

    [Fact]
    public async Task Agents_come_from_the_operators_folder_on_the_host_that_was_asked()
    {
        await using var host = await TiHost.StartAsync();
        const string Java = "java/java-agent.jar", Python = "python/python-agent.zip", Ruby = "ruby/ruby-agent.zip", DotNet = "csharp/dotnet-agent.zip";
        (string Language, string[] Needed)[] languages =
            [("java", [Java]), ("kotlin", [Java]), ("scala", [Java]), ("csharp", [DotNet]), ("python", [Python]), ("ruby", [Ruby]), ("RunTestV2", [Java, Python, Ruby])];
        foreach (var (language, needed) in languages)
        {
            using var empty = await host.GetAsync(Link(language));
            var why = await empty.ErrorAsync(HttpStatusCode.NotFound);
            Assert.Contains(needed[0], why, StringComparison.Ordinal);
            Assert.Contains("ti.agents", why, StringComparison.Ordinal);
        }
        Put(Java, Python);
        using (var incomplete = await host.GetAsync(Link("RunTestV2")))
            Assert.Contains(Ruby, await incomplete.ErrorAsync(HttpStatusCode.NotFound), StringComparison.Ordinal);
        Put(Ruby);
        // Clients take them by position; .NET's is the fourth, where there is one.
        Assert.Equal([Java, Python, Ruby], (await LinksAsync("RunTestV2")).Select(link => link.File));
        Put(DotNet);
        foreach (var (language, needed) in languages)
            Assert.Equal(language == "RunTestV2" ? [.. needed, DotNet] : needed, (await LinksAsync(language)).Select(link => link.File));
        var links = await LinksAsync("RunTestV2");
        Assert.Equal(["java-agent.jar", "python-agent.zip", "ruby-agent.zip", "dotnet-agent.zip"], links.Select(link => link.Path));
        var address = new Uri(links[1].Url).PathAndQuery;
        Assert.Equal("the agent python/python-agent.zip", await host.Client.GetStringAsync(new Uri(host.Address, address)));
        using var outside = await host.GetAsync("agents/file/java/..%2f..%2fti.db?accountId=acme");
        Assert.Equal(HttpStatusCode.NotFound, outside.StatusCode);
        using var unknown = await host.GetAsync(Link("cobol"));
        Assert.Contains("cobol", await unknown.ErrorAsync(HttpStatusCode.BadRequest), StringComparison.Ordinal);

        static string Link(string language) => $"agents/link?accountId=acme&language={language}&os=linux&arch=amd64&framework=&version=&buildenv=";

        void Put(params string[] files)
        {
            foreach (var path in files.Select(file => Path.Combine(host.Data, "ti", "agents", file)))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.WriteAllText(path, $"the agent {Path.GetRelativePath(Path.Combine(host.Data, "ti", "agents"), path)}");
            }
        }

        async Task<IReadOnlyList<(string Url, string File, string? Path)>> LinksAsync(string language) =>
            [.. (await host.JsonAsync(Link(language))).EnumerateArray().Select(link => (link.GetProperty("url").GetString()!, FileOf(link.GetProperty("url").GetString()!), link.GetProperty("rel_path").GetString()))];

        static string FileOf(string url)
        {
            const string Before = "https://gatehouse.localhost:8443/ti-service/agents/file/", After = "?accountId=acme";
            Assert.StartsWith(Before, url, StringComparison.Ordinal);
            Assert.EndsWith(After, url, StringComparison.Ordinal);
            return url[Before.Length..^After.Length];
        }
    }

    [Fact]
    public async Task An_integration_test_is_skipped_while_all_that_it_reached_is_still_deployed()
    {
        await using var host = await TiHost.StartAsync();
        const string Graph = """
            {"test_repo_url":"https://git.example.com/it.git","graph":[
              {"service":{"host":"cart","port":80},"tests":[{"test_file_path":"a.py","test_checksum":"1","state":"SUCCESS","sources":[{"repo_uuid":"cart-7","class":"Cart"}]},
                                                            {"test_file_path":"b.py","test_checksum":"2","sources":[]}]},
              {"service":{"host":"pay","port":80},"tests":[{"test_file_path":"a.py","test_checksum":"1","state":"SUCCESS","sources":[{"repo_uuid":"pay-3"}]}]}]}
            """;
        await MustAsync(await host.PostAsync("it/uploadcg?accountId=acme&cgId=g1", TiHost.Gzip(Encoding.UTF8.GetBytes(Graph))));
        Assert.Equal("a.py", await SkippedAsync("1", "cart-7", "pay-3"));
        Assert.Equal("", await SkippedAsync("1", "cart-7", "pay-4"));
        Assert.Equal("", await SkippedAsync("9", "cart-7", "pay-3"));
        // What came twice counts once.
        await MustAsync(await host.PostAsync("it/uploadcg?accountId=acme&cgId=g1", TiHost.Gzip(Encoding.UTF8.GetBytes(Graph.Replace("pay-3", "pay-4", StringComparison.Ordinal)))));
        Assert.Equal("a.py", await SkippedAsync("1", "cart-7", "pay-3"));
        using var empty = await host.PostAsync("it/uploadcg?accountId=acme&cgId=g2", Array.Empty<byte>());
        Assert.NotEmpty(await empty.ErrorAsync(HttpStatusCode.BadRequest));
        using var plain = await host.PostAsync("it/uploadcg?accountId=acme&cgId=g2", Graph);
        Assert.Contains("gzip", await plain.ErrorAsync(HttpStatusCode.BadRequest), StringComparison.Ordinal);

        async Task<string> SkippedAsync(string checksum, params string[] deployed)
        {
            using var response = await host.PostAsync("it/select?accountId=acme", $$"""
                {"test_repo_url":"https://git.example.com/it","files":{"a.py":"{{checksum}}","b.py":"2"},"deployment":[{{string.Join(',', deployed.Select(uuid => $"{{\"repo_url\":\"r\",\"repo_uuid\":\"{uuid}\"}}"))}}]}
                """);
            return string.Join(',', (await response.ReadAsync(HttpStatusCode.OK)).GetProperty("skipTests").EnumerateArray().Select(test => test.GetString()));
        }
    }

    [Fact]
    public async Task A_manager_cleans_up_after_an_account()
    {
        await using var host = await TiHost.StartAsync();
        await MustAsync(await host.PostAsync($"reports/write?{TiHost.Q}&report=junit&{Repo}", """[{"name":"a","class_name":"T","result":{"status":"passed"}}]"""));
        using var runner = await host.PostAsync("internal/account/cleanup?accountId=acme", "");
        Assert.NotEmpty(await runner.ErrorAsync(HttpStatusCode.BadRequest));
        Assert.Equal(1, Rows());
        host.Admission.Denial = new(401, ProtocolErrorCode.AccountDoesNotExist, "There is no such account.");
        host.Client.DefaultRequestHeaders.Remove("X-Harness-Token");
        host.Client.DefaultRequestHeaders.Add("X-Harness-Token", TiHost.GlobalToken);
        await MustAsync(await host.PostAsync("internal/account/cleanup?accountId=acme", ""));
        Assert.Equal(0, Rows());
        Assert.Equal(0, host.Get<TiDatabase>().Read(db => db.Scalar("SELECT count(*) FROM test")));

        long Rows() => host.Get<TiDatabase>().Read(db => db.Scalar("SELECT count(*) FROM test_case"));
    }

    private static async Task MustAsync(HttpResponseMessage response)
    {
        using (response)
            Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
    }
}
