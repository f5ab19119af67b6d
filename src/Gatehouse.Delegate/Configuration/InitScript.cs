using System.Diagnostics;
using System.Text;

namespace Gatehouse.Delegate;

/// <summary>
/// Runs INIT_SCRIPT before anything else. The public delegate sources it in its start script (protocol sheet §8.1), so what it exports counts:
/// the environment it ends with is taken over, and read for the configuration afterwards.
/// </summary>
internal static class InitScript
{
    private static readonly string[] s_shellsOwn = ["_", "SHLVL", "PWD", "OLDPWD"];

    /// <summary>Runs it, with its output on ours.</summary>
    /// <returns>The environment to go on with, or why there is none.</returns>
    internal static async Task<(IReadOnlyDictionary<string, string> Environment, string? Problem)> RunAsync(
        IReadOnlyDictionary<string, string> environment, string script, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("gatehouse-init-").FullName;
        try
        {
            var file = Path.Combine(folder, "init.sh");
            var dump = Path.Combine(folder, "environment");
            await File.WriteAllTextAsync(file, script.EndsWith('\n') ? script : script + "\n", new UTF8Encoding(false), cancel);
            var start = new ProcessStartInfo(Programs.Shell) { UseShellExecute = false };
            foreach (var argument in (string[])["-c", ". \"$1\" && env -0 > \"$2\"", "init", file, dump])
                start.ArgumentList.Add(argument);
            start.Environment.Clear();
            foreach (var (name, value) in environment)
                start.Environment[name] = value;
            using var process = Process.Start(start)!;
            try
            {
                await process.WaitForExitAsync(cancel);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                throw;
            }

            if (process.ExitCode != 0)
                return (environment, $"INIT_SCRIPT failed with exit code {process.ExitCode}; its output is above. Mend it, or unset the variable.");

            // A script that ends with `exit 0` leaves no dump, and so no changes.
            return (File.Exists(dump) ? Merge(environment, await File.ReadAllBytesAsync(dump, cancel)) : environment, null);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Dictionary<string, string> Merge(IReadOnlyDictionary<string, string> before, byte[] dump)
    {
        var after = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in Encoding.UTF8.GetString(dump).Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = entry.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
                after[entry[..equals]] = entry[(equals + 1)..];
        }

        foreach (var name in s_shellsOwn)
        {
            after.Remove(name);
            if (before.TryGetValue(name, out var value))
                after[name] = value;
        }

        return after;
    }
}
