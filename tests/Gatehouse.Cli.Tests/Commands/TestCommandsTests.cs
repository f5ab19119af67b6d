using Gatehouse.Cli.Tests.Support;

namespace Gatehouse.Cli.Tests.Commands;

public sealed class TestCommandsTests
{
    private static readonly string[] s_build = ["--account", "acme", "--org", "default", "--project", "my shop", "--pipeline", "ci", "--build", "7"];

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 1)]
    public async Task Summary_AnswersWithItsExitCodeWhetherTestsFailed(int failed, int exitCode)
    {
        await using var server = await FakeServer.StartAsync();
        server.On("GET /api/v1/accounts/acme/ti/summary", $$"""{"total_tests":9,"failed_tests":{{failed}},"successful_tests":6,"skipped_tests":1,"duration_ms":1500}""");
        using var line = new CommandLine(server);

        var ended = await line.RunAsync(["ti", "summary", .. s_build, "--step", "test"]);

        Assert.Equal(exitCode, ended.ExitCode);
        Assert.Contains("1.5 s", ended.Out, StringComparison.Ordinal);
        Assert.EndsWith("?orgId=default&projectId=my%20shop&pipelineId=ci&buildId=7&stepId=test", Assert.Single(server.Seen).PathAndQuery, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tests_SaysWhichPageOfHowMany()
    {
        await using var server = await FakeServer.StartAsync();
        server.On("GET /api/v1/accounts/acme/ti/tests", """
            {"data":{"totalPages":3,"totalItems":5,"pageItemCount":1,"pageSize":2},"content":[{"name":"adds","class_name":"CartTest","flaky":true,"result":{"status":"failed","message":"expected 1"},"duration_ms":12}]}
            """);
        using var line = new CommandLine(server);

        var ended = await line.RunAsync(["ti", "tests", .. s_build, "--failed", "--search", "cart,adds", "--page", "1", "--page-size", "2"]);

        Assert.Equal(0, ended.ExitCode);
        Assert.Contains("failed (flaky)", ended.Out, StringComparison.Ordinal);
        Assert.Contains("Page 1 of 0 to 2, 5 tests in all.", ended.Out, StringComparison.Ordinal);
        Assert.EndsWith("&status=failed&testCaseSearchTerm=cart%2Cadds&pageIndex=1&pageSize=2", Assert.Single(server.Seen).PathAndQuery, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Overview_AsJsonIsTheServersOwn()
    {
        await using var server = await FakeServer.StartAsync();
        server.On("GET /api/v1/accounts/acme/ti/overview", """{"total_tests":10,"skipped_tests":8,"time_saved_ms":800,"selected_tests":{"new_tests":0,"updated_tests":1,"source_code_changes":1}}""");
        using var line = new CommandLine(server);

        var ended = await line.RunAsync(["ti", "overview", .. s_build, "--output", "json"]);

        Assert.Equal(0, ended.ExitCode);
        Assert.Contains("\"skipped_tests\": 8", ended.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quarantine_PutsInAndTakesOutByClassAndName()
    {
        await using var server = await FakeServer.StartAsync();
        server.On("PUT /api/v1/accounts/acme/ti/quarantine", """{"tests":[{"test_id":"7","test_name":"waits","class_name":"CartTest","reason":"a leak"}]}""");
        server.On("DELETE /api/v1/accounts/acme/ti/quarantine", """{"tests":[]}""");
        using var line = new CommandLine(server);
        string[] where = ["--account", "acme", "--org", "default", "--project", "shop", "--repo", "https://git.example.com/shop", "--class", "CartTest"];

        var added = await line.RunAsync(["ti", "quarantine", "add", "waits", .. where, "--reason", "a leak"]);
        var removed = await line.RunAsync(["ti", "quarantine", "remove", "waits", .. where]);

        Assert.Equal((0, 0), (added.ExitCode, removed.ExitCode));
        Assert.Matches(@"CartTest\s+waits\s+a leak", added.Out);
        Assert.Contains("No test of this repository is in quarantine.", removed.Out, StringComparison.Ordinal);
        Assert.All(server.Seen, seen => Assert.Contains("&repo=https%3A%2F%2Fgit.example.com%2Fshop&class=CartTest&test=waits", seen.PathAndQuery, StringComparison.Ordinal));
    }
}
