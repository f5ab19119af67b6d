using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Gatehouse.Cli.Processes;

/// <summary>Asks a child process to end. The platform can only kill: our programs finish their work on TERM.</summary>
internal static class Signals
{
    private const int Terminate = 15;

    /// <summary>Sends TERM (on Windows there is none: kills). No error when the process has ended.</summary>
    public static void AskToEnd(Process process)
    {
        try
        {
            if (process.HasExited)
            {
                return;
            }

            if (OperatingSystem.IsWindows() || Kill(process.Id, Terminate) != 0)
            {
                process.Kill(entireProcessTree: true);
            }
        }
        catch (InvalidOperationException)
        {
            // It ended meanwhile.
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int processId, int signal);
}
