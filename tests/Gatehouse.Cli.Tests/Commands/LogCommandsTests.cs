using Gatehouse.Cli.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Gatehouse.Cli.Tests.Commands;

public sealed class LogCommandsTests
{
    private const string Logs = "GET /api/v1/accounts/acme/logs";
    private const string Task = "GET /api/v1/accounts/acme/tasks/t1";
    private const string End = "{\"end\":\"closed\"}\n";

    [Fact]
    public async Task Get_PrintsTheTextOfATasksLog()
    {
        await using var server = await FakeServer.StartAsync();
        server.On(Logs, Line("one\\n") + Line("zwei \\u00e4\\n") + Line("no line feed") + End);
        using var line = new CommandLine(server);

        var ended = await line.RunAsync("logs", "get", "--account", "acme", "--task", "t1");

        Assert.Equal((0, "one\nzwei ä\nno line feed", ""), (ended.ExitCode, ended.Out, ended.Error));
        Assert.Equal("/api/v1/accounts/acme/logs?key=accountId%3Aacme%2FtaskId%3At1&from=0", Assert.Single(server.Seen).PathAndQuery);
    }

    [Fact]
    public async Task Get_AsJsonIsALineForALine()
    {
        await using var server = await FakeServer.StartAsync();
        server.On(Logs, Line("one\\n") + Line("two\\n") + "{\"end\":\"open\"}\n");
        using var line = new CommandLine(server);

        var ended = await line.RunAsync("logs", "get", "--account", "acme", "--key", "build 1", "--output", "json");

        Assert.Equal((0, Line("one\\n") + Line("two\\n")), (ended.ExitCode, ended.Out));
        Assert.Contains("still being written", ended.Error, StringComparison.Ordinal);
        Assert.Contains("?key=build%201&", Assert.Single(server.Seen).PathAndQuery, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tail_GoesOnWhereTheConnectionBrokeAndSaysWhatWasMissed()
    {
        await using var server = await FakeServer.StartAsync();
        var calls = 0;
        server.On(Logs, async context =>
        {
            if (calls++ == 0)
            {
                // Without the last line that says how the log stands.
                await context.Response.WriteAsync(Line("one\\n") + Missed(5) + Line("two\\n") + "{\"level\":\"info\",\"po", context.RequestAborted);
                return;
            }

            await context.Response.WriteAsync(Line("three\\n") + End, context.RequestAborted);
        });
        using var line = new CommandLine(server);

        var ended = await line.RunAsync("logs", "tail", "--account", "acme", "--task", "t1");

        Assert.Equal((0, "one\ntwo\nthree\n"), (ended.ExitCode, ended.Out));
        Assert.Contains("gatehouse: 5 lines are missing here", ended.Error, StringComparison.Ordinal);
        Assert.EndsWith("&follow=true&from=7", server.Seen.Last().PathAndQuery, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tail_WaitsForALogThatIsAboutToBeOpened()
    {
        await using var server = await FakeServer.StartAsync();
        var calls = 0;
        server.On(Task, TaskJson("STARTED", started: true));
        server.On(Logs, context =>
        {
            context.Response.StatusCode = calls++ == 0 ? 404 : 200;
            return context.Response.WriteAsync(context.Response.StatusCode == 404 ? NotFound : Line("one\\n") + End, context.RequestAborted);
        });
        using var line = new CommandLine(server);

        var ended = await line.RunAsync("logs", "tail", "--account", "acme", "--task", "t1");

        Assert.Equal((0, "one\n"), (ended.ExitCode, ended.Out));
    }

    [Theory]
    [InlineData(true, "its delegate has not reached the log service")]
    [InlineData(false, "no delegate has started it")]
    public async Task AMissingLog_SaysWhy(bool started, string why)
    {
        await using var server = await FakeServer.StartAsync();
        server.On(Logs, NotFound, 404, "application/problem+json").On(Task, TaskJson("FAILED", started));
        using var line = new CommandLine(server);

        var ended = await line.RunAsync("logs", "get", "--account", "acme", "--task", "t1");

        Assert.Equal((1, ""), (ended.ExitCode, ended.Out));
        Assert.Contains(why, ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AServerWithoutLogService_SaysSo()
    {
        await using var server = await FakeServer.StartAsync();
        using var line = new CommandLine(server);

        var ended = await line.RunAsync("logs", "get", "--account", "acme", "--key", "k");

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("runs no log service", ended.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("logs", "get", "--account", "acme")]
    [InlineData("logs", "tail", "--account", "acme", "--task", "t", "--key", "k")]
    public async Task NeitherOrBothOfTaskAndKey_IsWrongUse(params string[] arguments)
    {
        using var line = new CommandLine();

        var ended = await line.RunAsync(arguments);

        Assert.Equal(2, ended.ExitCode);
        Assert.Contains("Give one of --task and --key.", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Download_WritesTheZipAndNeverOverOne()
    {
        await using var server = await FakeServer.StartAsync();
        server.On("GET /api/v1/accounts/acme/logs/zip", "a zip", contentType: "application/zip");
        using var line = new CommandLine(server);

        var ended = await line.RunAsync("logs", "download", "--account", "acme", "--prefix", "accountId:acme/", "--to", "logs.zip", "--output", "json");
        var again = await line.RunAsync("logs", "download", "--account", "acme", "--prefix", "accountId:acme/", "--to", "logs.zip");

        Assert.Equal((0, "a zip"), (ended.ExitCode, await File.ReadAllTextAsync(Path.Combine(line.Folder, "logs.zip"), TestContext.Current.CancellationToken)));
        Assert.Contains("\"bytes\": 5", ended.Out, StringComparison.Ordinal);
        Assert.Equal(2, again.ExitCode);
        Assert.Contains("is there already", again.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Download_LeavesNothingOfWhatBroke()
    {
        await using var server = await FakeServer.StartAsync();
        server.On("GET /api/v1/accounts/acme/logs/zip", async context =>
        {
            context.Response.ContentLength = 100;
            await context.Response.WriteAsync("half", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            context.Abort();
        });
        using var line = new CommandLine(server);

        var ended = await line.RunAsync("logs", "download", "--account", "acme", "--prefix", "a", "--to", "logs.zip");

        Assert.Equal(1, ended.ExitCode);
        Assert.False(File.Exists(Path.Combine(line.Folder, "logs.zip")));
    }

    private const string NotFound = """{"type":"about:blank","title":"log_not_found","status":404,"code":"log_not_found","detail":"Account 'acme' has no log 'k', neither open nor kept."}""";

    private static string Line(string text) => $$"""{"level":"info","pos":0,"out":"{{text}}","time":"2026-11-30T12:00:00Z","args":null}""" + "\n";

    private static string Missed(int lines) =>
        $$$"""{"level":"warn","pos":0,"out":"gatehouse: {{{lines}}} lines are missing here: this reader was too slow for them\n","time":"2026-11-30T12:00:00.000Z","args":{"missed":"{{{lines}}}"}}""" + "\n";

    private static string TaskJson(string status, bool started)
    {
        var begun = started ? ",\"startedAt\":\"2026-11-30T12:00:01Z\"" : "";
        return $$$"""{"id":"t1","accountId":"acme","type":"SHELL_SCRIPT","status":"{{{status}}}","selectors":[],"createdAt":"2026-11-30T12:00:00Z","timeoutMs":600000{{{begun}}} }""";
    }
}
