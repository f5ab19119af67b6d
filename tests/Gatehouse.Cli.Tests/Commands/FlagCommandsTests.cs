using Gatehouse.Cli.Tests.Support;

namespace Gatehouse.Cli.Tests.Commands;

public sealed class FlagCommandsTests
{
    [Theory]
    [InlineData("on", "true")]
    [InlineData("off", "false")]
    public async Task Set_SendsTheState(string word, string value)
    {
        await using var server = await FakeServer.StartAsync();
        server.On("PUT /api/v1/accounts/acme/flags/CI_OVERRIDE_SERVICE_URLS", $$"""{"name":"CI_OVERRIDE_SERVICE_URLS","on":{{value}},"description":"d"}""");
        using var line = new CommandLine(server);

        var ended = await line.RunAsync("flag", "set", "CI_OVERRIDE_SERVICE_URLS", "--account", "acme", word);

        Assert.Equal((0, $"CI_OVERRIDE_SERVICE_URLS is {word} for account acme.\n"), (ended.ExitCode, ended.Out));
        Assert.Equal($$"""{"on":{{value}}}""", Assert.Single(server.Seen).Body);
    }

    [Fact]
    public async Task Set_AnotherWord_AsksNobody()
    {
        await using var server = await FakeServer.StartAsync();
        using var line = new CommandLine(server);

        Assert.Equal(2, (await line.RunAsync("flag", "set", "X", "--account", "acme", "yes")).ExitCode);
        Assert.Empty(server.Seen);
    }
}
