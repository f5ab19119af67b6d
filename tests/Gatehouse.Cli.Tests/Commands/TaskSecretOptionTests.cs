using Gatehouse.Cli.Commands;
using Gatehouse.Cli.Tests.Support;

namespace Gatehouse.Cli.Tests.Commands;

public sealed class TaskSecretOptionTests
{
    [Fact]
    public async Task ReadAsync_TakesThemFromEnvironmentFileAndArgument()
    {
        using var line = new CommandLine();
        var one = line.WriteFile("one", "from a file\n");
        var key = line.WriteFile("key", "-----BEGIN-----\nabc\n-----END-----\n");
        var warnings = new List<string>();

        var secrets = await TaskSecretOption.ReadAsync(
            ["A", $"B=@{one}", "C=at=hand", $"D=@{key}"], name => name == "A" ? "of the environment" : null, warnings.Add, TestContext.Current.CancellationToken);

        Assert.Equal(
            new Dictionary<string, string> { ["A"] = "of the environment", ["B"] = "from a file", ["C"] = "at=hand", ["D"] = "-----BEGIN-----\nabc\n-----END-----\n" }, secrets!.ToDictionary());
        Assert.Contains("--secret C", Assert.Single(warnings), StringComparison.Ordinal);
        Assert.DoesNotContain("hand", warnings[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MISSING", "no variable MISSING")]
    [InlineData("=value-that-is-secret", "needs a name")]
    [InlineData("A=@/does/not/exist", "does not exist")]
    public async Task ReadAsync_WhatCannotBeReadIsBadInputWithoutTheValue(string option, string sentence)
    {
        var failure = await Assert.ThrowsAsync<CliException>(() => TaskSecretOption.ReadAsync([option], _ => null, _ => { }, TestContext.Current.CancellationToken));

        Assert.Equal(ExitCodes.BadInput, failure.ExitCode);
        Assert.Contains(sentence, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("value-that-is-secret", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TaskRun_SendsThemAndShowsThemNowhere()
    {
        await using var server = await FakeServer.StartAsync();
        server.On("POST /api/v1/accounts/acme/tasks", """{"type":"about:blank","title":"no_connected_delegate","status":404,"code":"no_connected_delegate","detail":"Nobody."}""", 404, "application/problem+json");
        using var line = new CommandLine(server).With("PASSWORD", "very-secret");

        var ended = await line.RunAsync("task", "run", "--account", "acme", "--verbose", "--secret", "PASSWORD", "--", "true");

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("\"secrets\":{\"PASSWORD\":\"very-secret\"}", Assert.Single(server.Seen).Body, StringComparison.Ordinal);
        Assert.DoesNotContain("very-secret", ended.Out + ended.Error, StringComparison.Ordinal);
    }
}
