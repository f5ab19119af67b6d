using System.CommandLine;
using System.Text;
using Gatehouse.Cli.Commands;
using Gatehouse.Testing;

namespace Gatehouse.Cli.Tests.Commands;

/// <summary>Keeps docs/reference/cli.md true: what is below its mark is made from the commands themselves.</summary>
public sealed class CommandReferenceTests
{
    private const string Mark = "<!-- From here on made from the commands: run the tests with GATEHOUSE_WRITE_BASELINES=1 to write it anew. -->\n";
    private static readonly string s_path = Path.Combine(SourceTree.Root, "docs", "reference", "cli.md");

    [Fact]
    public void ReferencePage_SaysWhatTheCommandsAre()
    {
        var page = File.ReadAllText(s_path);
        var at = page.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length;
        var expected = Reference();
        if (Environment.GetEnvironmentVariable("GATEHOUSE_WRITE_BASELINES") is { Length: > 0 })
        {
            File.WriteAllText(s_path, page[..at] + expected);
            return;
        }

        Assert.Equal(expected, page[at..]);
    }

    [Fact]
    public void EveryCommandAndOption_IsDescribed()
    {
        foreach (var command in All(CommandTree.Build()))
        {
            Assert.False(string.IsNullOrWhiteSpace(command.Description), CommandTree.NameOf(command));
            Assert.All(command.Options.Concat<Symbol>(command.Arguments), symbol => Assert.False(string.IsNullOrWhiteSpace(symbol.Description), $"{CommandTree.NameOf(command)} {symbol.Name}"));
        }
    }

    private static string Reference()
    {
        var text = new StringBuilder();
        foreach (var command in All(CommandTree.Build()).Where(command => command.Action is not null && command.Subcommands.Count == 0))
        {
            text.Append("\n### ").Append(CommandTree.NameOf(command)).Append("\n\n").Append(command.Description).Append(".\n");
            if (command.Arguments.Count + command.Options.Count > 0)
            {
                text.Append("\n| | |\n| --- | --- |\n");
            }

            foreach (var argument in command.Arguments)
            {
                Row(text, argument.Name, argument.Description);
            }

            foreach (var option in command.Options)
            {
                var names = string.Join(", ", option.Aliases.Prepend(option.Name));
                Row(text, option.HelpName is null ? names : $"{names} {option.HelpName}", option.Description + (option.Required ? " (required)" : Default(option)));
            }
        }

        return text.ToString();
    }

    private static void Row(StringBuilder text, string name, string? description) =>
        text.Append("| `").Append(name.Replace("|", "\\|", StringComparison.Ordinal)).Append("` | ").Append(description?.Replace("<", "&lt;", StringComparison.Ordinal)).Append(" |\n");

    private static string Default(Option option) =>
        option.HasDefaultValue && option.GetDefaultValue() is { } value and not false ? $" (default `{value}`)" : "";

    private static IEnumerable<Command> All(Command command) => command.Subcommands.SelectMany(All).Prepend(command);
}
