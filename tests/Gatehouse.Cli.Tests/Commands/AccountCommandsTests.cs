using System.Text.Json;
using Gatehouse.Cli.Tests.Support;

namespace Gatehouse.Cli.Tests.Commands;

public sealed class AccountCommandsTests
{
    private const string Account = """{"id":"acme","name":"Acme \u001b[31mred","createdAt":"2026-01-02T03:04:05Z","mtlsFqdn":"acme.agent.localhost","mtlsMode":"STRICT","connectedDelegates":2}""";

    [Fact]
    public async Task Create_SendsTheAccountWithTheKey()
    {
        await using var server = await FakeServer.StartAsync();
        server.On("POST /api/v1/accounts", Account, 201);
        using var line = new CommandLine(server);

        var ended = await line.RunAsync("account", "create", "acme", "--name", "Acme");

        Assert.Equal((0, "Account acme created.\n", ""), (ended.ExitCode, ended.Out, ended.Error));
        var request = Assert.Single(server.Seen);
        Assert.Equal(FakeServer.Key, request.ApiKey);
        Assert.Equal("""{"id":"acme","name":"Acme"}""", request.Body);
    }

    [Fact]
    public async Task List_FollowsPages_AndKeepsTerminalsSafe()
    {
        await using var server = await FakeServer.StartAsync();
        server.On("GET /api/v1/accounts", async context =>
        {
            var second = context.Request.Query["after"] == "acme";
            await Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(
                context.Response,
                second ? """{"items":[{"id":"zeta","name":"Zeta","createdAt":"2026-01-02T03:04:05Z"}],"next":null}""" : $$"""{"items":[{{Account}}],"next":"acme"}""",
                context.RequestAborted);
        });
        using var line = new CommandLine(server);

        var ended = await line.RunAsync("account", "list");

        Assert.Equal(0, ended.ExitCode);
        Assert.DoesNotContain('\u001b', ended.Out);
        var rows = ended.Out.TrimEnd('\n').Split('\n');
        Assert.Equal(3, rows.Length);
        Assert.Matches(@"^acme +Acme \\u001B\[31mred +acme\.agent\.localhost +STRICT +2 +2026-01-02 03:04:05 UTC$", rows[1]);
        Assert.Matches(@"^zeta +Zeta +- +- +0 +2026-01-02 03:04:05 UTC$", rows[2]);
    }

    [Fact]
    public async Task List_AsJson_IsAnArrayAndNothingElse()
    {
        await using var server = await FakeServer.StartAsync();
        server.On("GET /api/v1/accounts", $$"""{"items":[{{Account}}]}""");
        using var line = new CommandLine(server);

        var ended = await line.RunAsync("account", "list", "--output", "json");

        using var json = JsonDocument.Parse(ended.Out);
        Assert.Equal("STRICT", Assert.Single(json.RootElement.EnumerateArray()).GetProperty("mtlsMode").GetString());
        Assert.Equal("", ended.Error);
    }

    [Fact]
    public async Task Show_Unknown_TellsTheServersWords()
    {
        await using var server = await FakeServer.StartAsync();
        server.On("GET /api/v1/accounts/nobody", """{"title":"Not found","status":404,"detail":"There is no account nobody.","code":"account_not_found"}""", 404, "application/problem+json");
        using var line = new CommandLine(server);

        var ended = await line.RunAsync("account", "show", "nobody");

        Assert.Equal((1, "", "There is no account nobody.\n"), (ended.ExitCode, ended.Out, ended.Error));
    }

    [Fact]
    public async Task Create_BadId_IsBadInput_WithEveryError()
    {
        await using var server = await FakeServer.StartAsync();
        server.On("POST /api/v1/accounts", """{"title":"Bad","status":400,"detail":"The request is not valid.","errors":{"id":["'a b' has a space."]}}""", 400, "application/problem+json");
        using var line = new CommandLine(server);

        var ended = await line.RunAsync("account", "create", "a b");

        Assert.Equal((2, "The request is not valid. id: 'a b' has a space.\n"), (ended.ExitCode, ended.Error));
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("")]
    public async Task Show_NameThatIsNoPathSegment_AsksNobody(string id)
    {
        await using var server = await FakeServer.StartAsync();
        using var line = new CommandLine(server);

        var ended = await line.RunAsync("account", "show", id);

        Assert.Equal(2, ended.ExitCode);
        Assert.Empty(server.Seen);
    }

    [Fact]
    public async Task Show_NameWithSlash_StaysOneSegment()
    {
        await using var server = await FakeServer.StartAsync();
        using var line = new CommandLine(server);

        await line.RunAsync("account", "show", "a/../b?c#d");

        Assert.Equal("/api/v1/accounts/a%2F../b?c#d", Uri.UnescapeDataString(Assert.Single(server.Seen).PathAndQuery).Replace("a/", "a%2F", StringComparison.Ordinal));
        Assert.DoesNotContain('?', Assert.Single(server.Seen).PathAndQuery);
    }

    [Fact]
    public async Task Delete_SaysSo()
    {
        await using var server = await FakeServer.StartAsync();
        server.On("DELETE /api/v1/accounts/acme", context =>
        {
            context.Response.StatusCode = 204;
            return Task.CompletedTask;
        });
        using var line = new CommandLine(server);

        var ended = await line.RunAsync("account", "delete", "acme");

        Assert.Equal((0, "Account acme deleted.\n"), (ended.ExitCode, ended.Out));
    }
}
