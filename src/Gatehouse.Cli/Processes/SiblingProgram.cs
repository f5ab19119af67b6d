using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Gatehouse.Cli.Output;

namespace Gatehouse.Cli.Processes;

/// <summary>A command of the product that is a program of its own: this one starts it, passes signals on and exits with its code.</summary>
internal sealed class SiblingProgram
{
    private readonly string _program;
    private readonly IReadOnlyList<string> _arguments;

    private SiblingProgram(string program, IReadOnlyList<string> arguments)
    {
        _program = program;
        _arguments = arguments;
    }

    /// <summary>True when the first word names another program. <c>delegate</c> and <c>upgrader</c> are only the program's name there, the rest of the words are its own.</summary>
    public static bool TryFind(IReadOnlyList<string> arguments, [NotNullWhen(true)] out SiblingProgram? sibling)
    {
        sibling = arguments.Count == 0 ? null : arguments[0] switch
        {
            "serve" or "config" => new SiblingProgram("Gatehouse.Server", arguments),
            "delegate" => new SiblingProgram("Gatehouse.Delegate", [.. arguments.Skip(1)]),
            "upgrader" => new SiblingProgram("Gatehouse.Upgrader", [.. arguments.Skip(1)]),
            _ => null,
        };
        return sibling is not null;
    }

    public async Task<int> RunAsync()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(ProgramFiles.Host, [ProgramFiles.Find(_program), .. _arguments]) { UseShellExecute = false })
                ?? throw CliException.Failed($"{_program} could not be started.");
            // A terminal sends Ctrl-C to both of us; TERM and HUP come to this process alone.
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
            using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, PassOn);
            using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, PassOn);
            await process.WaitForExitAsync();
            return process.ExitCode;

            void PassOn(PosixSignalContext context)
            {
                context.Cancel = true;
                Signals.AskToEnd(process);
            }
        }
        catch (CliException e)
        {
            Terminal.OfProcess().Error.WriteLine(e.Message);
            return e.ExitCode;
        }
    }
}
