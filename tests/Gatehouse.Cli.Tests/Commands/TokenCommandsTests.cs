using System.Text.Json;
using Gatehouse.Cli.Tests.Support;

namespace Gatehouse.Cli.Tests.Commands;

public sealed class TokenCommandsTests
{
    private const string Hex = "00112233445566778899aabbccddeeff";
    private const string Token = $$"""{"accountId":"acme","name":"ci","status":"ACTIVE","createdAt":"2026-01-02T03:04:05Z","value":"{{Hex}}"}""";

    [Theory]
    [InlineData("hex", Hex)]
    [InlineData("base64", "MDAxMTIyMzM0NDU1NjY3Nzg4OTlhYWJiY2NkZGVlZmY=")]
    public async Task Create_PrintsTheValueAlone(string format, string expected)
    {
        await using var server = await FakeServer.StartAsync();
        server.On("POST /api/v1/accounts/acme/tokens", Token, 201);
        using var line = new CommandLine(server);

        var ended = await line.RunAsync("token", "create", "--account", "acme", "--name", "ci", "--format", format);

        Assert.Equal((0, expected + "\n"), (ended.ExitCode, ended.Out));
        Assert.DoesNotContain(expected, ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_ExpiresIn_IsSentAsATime()
    {
        await using var server = await FakeServer.StartAsync();
        server.On("POST /api/v1/accounts/acme/tokens", Token, 201);
        using var line = new CommandLine(server);

        await line.RunAsync("token", "create", "--account", "acme", "--name", "ci", "--expires-in", "2d");

        using var body = JsonDocument.Parse(Assert.Single(server.Seen).Body);
        var left = body.RootElement.GetProperty("revokeAfter").GetDateTimeOffset() - TimeProvider.System.GetUtcNow();
        Assert.InRange(left, TimeSpan.FromHours(47), TimeSpan.FromHours(48));
    }

    [Fact]
    public async Task Revoke_NamesTheToken()
    {
        await using var server = await FakeServer.StartAsync();
        server.On("POST /api/v1/accounts/acme/tokens/ci/revoke", """{"accountId":"acme","name":"ci","status":"REVOKED","createdAt":"2026-01-02T03:04:05Z"}""");
        using var line = new CommandLine(server);

        Assert.Equal("Token ci revoked.\n", (await line.RunAsync("token", "revoke", "--account", "acme", "--name", "ci")).Out);
    }

    [Theory]
    [InlineData("--format", "binary")]
    [InlineData("--expires-in", "soon")]
    [InlineData("--expires-in", "0s")]
    public async Task Create_BadOption_AsksNobody(string option, string value)
    {
        await using var server = await FakeServer.StartAsync();
        using var line = new CommandLine(server);

        var ended = await line.RunAsync("token", "create", "--account", "acme", "--name", "ci", option, value);

        Assert.Equal(2, ended.ExitCode);
        Assert.Contains(value, ended.Error, StringComparison.Ordinal);
        Assert.Empty(server.Seen);
    }
}
