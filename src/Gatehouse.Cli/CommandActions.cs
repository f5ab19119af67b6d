using System.CommandLine;
using Gatehouse.Cli.Output;
using Gatehouse.Client.Operator;

namespace Gatehouse.Cli;

/// <summary>Runs commands so that each foreseen failure ends as a sentence on stderr and an exit code.</summary>
internal static class CommandActions
{
    /// <summary>Sets what the command does.</summary>
    public static void Runs(this Command command, Func<Invocation, CancellationToken, Task<int>> run) =>
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed, run, cancellationToken));

    /// <summary>Sets what the command does, for one that is done when it returns.</summary>
    public static void Runs(this Command command, Func<Invocation, CancellationToken, Task> run) => command.Runs(async (call, cancellationToken) =>
    {
        await run(call, cancellationToken);
        return ExitCodes.Done;
    });

    private static async Task<int> RunAsync(ParseResult parsed, Func<Invocation, CancellationToken, Task<int>> run, CancellationToken cancellationToken)
    {
        var terminal = Terminal.OfProcess();
        using var call = new Invocation(parsed, terminal);
        try
        {
            return await run(call, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            terminal.Error.WriteLine("Interrupted.");
            return ExitCodes.Failed;
        }
        catch (CliException e)
        {
            return Fail(e, e.ExitCode);
        }
        catch (OperatorApiException e)
        {
            return Fail(e, e.Status is 400 or 413 or 422 ? ExitCodes.BadInput : ExitCodes.Failed);
        }
        catch (Exception e)
        {
            return Fail(e, ExitCodes.Failed, "This should not have happened: ");
        }

        int Fail(Exception e, int exitCode, string lead = "")
        {
            terminal.Error.WriteLine(lead + Safe.Line(e.Message));
            if (call.Get(SharedOptions.Verbose))
            {
                terminal.Error.WriteLine(Safe.Text(e.ToString()));
            }

            return exitCode;
        }
    }
}
