using Gatehouse.Cli.Tests.Support;

namespace Gatehouse.Cli.Tests.Commands;

public sealed class CommandTreeTests
{
    [Fact]
    public async Task Help_ShowsTheWholeProduct()
    {
        using var line = new CommandLine();

        var ended = await line.RunAsync("--help");

        Assert.Equal((0, ""), (ended.ExitCode, ended.Error));
        foreach (var command in new[] { "serve", "config", "delegate", "account", "token", "mtls", "delegates", "refusals", "task", "flag", "audit", "certs", "demo" })
        {
            Assert.Matches($@"\n  {command} +\w", ended.Out);
        }
    }

    [Fact]
    public async Task NoWords_ShowsHelpOnStderr_AsWrongUse()
    {
        using var line = new CommandLine();

        var ended = await line.RunAsync();

        Assert.Equal((2, ""), (ended.ExitCode, ended.Out));
        Assert.Contains("gatehouse [command] [options]", ended.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'mlts' is no command of gatehouse.", "mlts", "show")]
    [InlineData("gatehouse mtls needs a command.", "mtls")]
    [InlineData("Option '--account' is required.", "delegates")]
    [InlineData("Must be one of: 'table' 'json'", "account", "list", "--output", "yaml")]
    public async Task WrongUse_IsExplainedInALine(string expected, params string[] arguments)
    {
        using var line = new CommandLine();

        var ended = await line.RunAsync(arguments);

        Assert.Equal((2, ""), (ended.ExitCode, ended.Out));
        Assert.Contains(expected, ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NobodyListens_IsASentence_WithACauseOnlyWhenAsked()
    {
        using var line = new CommandLine().With("GATEHOUSE_SERVER", "http://127.0.0.1:1").With("GATEHOUSE_API_KEY", "k");

        var ended = await line.RunAsync("account", "list");
        var verbose = await line.RunAsync("account", "list", "--verbose");

        Assert.Equal(1, ended.ExitCode);
        Assert.StartsWith("Cannot reach the Gatehouse server at http://127.0.0.1:1/: ", ended.Error, StringComparison.Ordinal);
        Assert.Single(ended.Error.TrimEnd('\n').Split('\n'));
        Assert.Contains("   at ", verbose.Error, StringComparison.Ordinal);
    }
}
