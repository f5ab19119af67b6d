using System.Globalization;
using System.Text.Json;
using Gatehouse.Cli.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Gatehouse.Cli.Tests.Commands;

public sealed class AuditCommandsTests
{
    /// <summary>Entries 1 to 5, two a page, whatever limit is asked for.</summary>
    private static FakeServer FiveEntries(FakeServer server) => server.On("GET /api/v1/audit", async context =>
    {
        var after = int.Parse(context.Request.Query["after"]!, CultureInfo.InvariantCulture);
        var entries = Enumerable.Range(after + 1, Math.Min(2, 5 - after)).Select(sequence =>
            $$"""{"sequence":{{sequence}},"at":"2026-01-02T03:04:05Z","actor":"operator","action":"account.create","accountId":"acme","detail":"{}","hash":"h{{sequence}}","previousHash":"h{{sequence - 1}}"}""");
        await context.Response.WriteAsync($"[{string.Join(',', entries)}]", context.RequestAborted);
    });

    [Fact]
    public async Task Export_IsEveryEntry_OneALine()
    {
        await using var server = await FakeServer.StartAsync();
        using var line = new CommandLine(FiveEntries(server));

        var ended = await line.RunAsync("audit", "export");

        Assert.Equal([1, 2, 3, 4, 5], Sequences(ended.Out.TrimEnd('\n').Split('\n')));
    }

    [Fact]
    public async Task List_IsTheNewest_OldestFirst()
    {
        await using var server = await FakeServer.StartAsync();
        using var line = new CommandLine(FiveEntries(server));

        var ended = await line.RunAsync("audit", "list", "--limit", "2", "--output", "json");

        using var json = JsonDocument.Parse(ended.Out);
        Assert.Equal([4, 5], json.RootElement.EnumerateArray().Select(one => one.GetProperty("sequence").GetInt32()));
    }

    [Theory]
    [InlineData("""{"intact":true,"entries":5,"firstBroken":null,"headHash":"abc"}""", 0, "Intact: 5 entries.\nHead abc\n")]
    [InlineData("""{"intact":false,"entries":5,"firstBroken":3,"headHash":"abc"}""", 1, "Broken at entry 3")]
    public async Task Verify_ExitCodeIsTheAnswer(string answer, int exitCode, string expected)
    {
        await using var server = await FakeServer.StartAsync();
        server.On("GET /api/v1/audit/verify", answer);
        using var line = new CommandLine(server);

        var ended = await line.RunAsync("audit", "verify");

        Assert.Equal(exitCode, ended.ExitCode);
        Assert.StartsWith(expected, ended.Out, StringComparison.Ordinal);
    }

    private static IEnumerable<int> Sequences(IEnumerable<string> lines) =>
        lines.Select(one => JsonDocument.Parse(one).RootElement.GetProperty("sequence").GetInt32());
}
