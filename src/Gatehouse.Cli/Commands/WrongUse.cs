using System.CommandLine;
using System.CommandLine.Help;
using Gatehouse.Cli.Output;

namespace Gatehouse.Cli.Commands;

/// <summary>What a person reads who called a command in a way it does not take.</summary>
internal static class WrongUse
{
    /// <summary>Explains on stderr and returns the exit code.</summary>
    public static int Explain(ParseResult parsed, Terminal terminal)
    {
        var command = parsed.CommandResult.Command;
        var name = CommandTree.NameOf(command);
        if (parsed.Tokens.Count == 0)
        {
            var help = new HelpAction { MaxWidth = Math.Max(terminal.Width, 100) };
            parsed.InvocationConfiguration.Output = terminal.Error;
            help.Invoke(parsed);
            return ExitCodes.BadInput;
        }

        if (command.Subcommands.Count > 0)
        {
            var given = parsed.UnmatchedTokens.Count > 0 ? $"'{Safe.Line(parsed.UnmatchedTokens[0])}' is no command of {name}." : $"{name} needs a command.";
            terminal.Error.WriteLine($"{given} It has: {string.Join(", ", command.Subcommands.Select(sub => sub.Name))}.");
        }
        else
        {
            foreach (var error in parsed.Errors)
            {
                terminal.Error.WriteLine(Safe.Line(string.Join(" ", error.Message.Split((char[])['\n', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries))));
            }
        }

        terminal.Error.WriteLine($"'{name} --help' shows how it is used.");
        return ExitCodes.BadInput;
    }
}
