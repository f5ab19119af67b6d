using System.ComponentModel;
using System.Diagnostics;

namespace Gatehouse.Load;

/// <summary>Runs a small program for its output.</summary>
internal static class SmallProgram
{
    /// <summary>What it printed, on either stream, trimmed; null when it is missing or failed.</summary>
    public static async Task<string?> ReadAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0 ? (await output + await error).Trim() : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
