using System.Diagnostics;
using System.Text;
using Gatehouse.Contracts.TestIntelligence;

namespace Gatehouse.Delegate;

/// <summary>What git says has changed in a checkout since a commit: committed, staged, in the working folder, and files that git does not know yet.</summary>
internal static class GitChanges
{
    private const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>Asks git.</summary>
    /// <param name="folder">In the checkout.</param>
    /// <param name="commit">Compared with.</param>
    /// <param name="isOutput">True for files that the tests write: they are no change.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>The changes, or why they cannot be told.</returns>
    internal static async Task<(IReadOnlyList<ChangedFileInfo>? Files, string? Problem)> SinceAsync(string folder, string commit, Predicate<string> isOutput, CancellationToken cancel)
    {
        if (commit.Length is 0 or > 256 || commit[0] == '-' || commit.Any(c => char.IsControl(c) || c == ' '))
            return (null, $"“{Shown(commit)}” is not a commit that git can be asked about.");
        var (diff, problem) = await RunAsync(folder, ["diff", "--name-status", "--no-renames", "--no-ext-diff", "--no-textconv", "-z", "--end-of-options", commit, "--"], cancel);
        if (diff is null)
            return (null, problem);
        (var untracked, problem) = await RunAsync(folder, ["ls-files", "--others", "--exclude-standard", "--full-name", "-z"], cancel);
        if (untracked is null)
            return (null, problem);
        return ([.. Changed(diff), .. untracked.Split('\0', StringSplitOptions.RemoveEmptyEntries).Where(path => !isOutput(path)).Select(path => new ChangedFileInfo(path, "added"))], null);
    }

    /// <summary>Reads <c>git diff --name-status -z</c>: a letter, a path, and again.</summary>
    internal static IEnumerable<ChangedFileInfo> Changed(string diff)
    {
        var parts = diff.Split('\0');
        for (var i = 0; i + 1 < parts.Length; i += 2)
        {
            yield return new ChangedFileInfo(parts[i + 1], parts[i] switch
            {
                "A" => "added",
                "D" => "deleted",
                _ => "modified",
            });
        }
    }

    private static async Task<(string? Output, string? Problem)> RunAsync(string folder, string[] arguments, CancellationToken cancel)
    {
        var start = new ProcessStartInfo("git") { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, StandardOutputEncoding = Encoding.UTF8 };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        try
        {
            using var git = Process.Start(start)!;
            var errors = ReadAsync(git.StandardError, cancel);
            var output = await ReadAsync(git.StandardOutput, cancel);
            var said = await errors;
            if (output is null)
            {
                git.Kill();
                return (null, $"git {arguments[0]} writes more than {MaxBytes / 1024 / 1024} MiB.");
            }

            await git.WaitForExitAsync(cancel);
            return git.ExitCode == 0 ? (output, null) : (null, $"git {arguments[0]} failed: {Shown((said ?? "").Trim())}");
        }
        catch (System.ComponentModel.Win32Exception failure)
        {
            return (null, $"git could not be started: {failure.Message}");
        }
    }

    private static async Task<string?> ReadAsync(StreamReader from, CancellationToken cancel)
    {
        var text = new StringBuilder();
        var buffer = new char[16 * 1024];
        int read;
        while ((read = await from.ReadAsync(buffer, cancel)) > 0)
        {
            if (text.Length + read > MaxBytes)
                return null;
            text.Append(buffer, 0, read);
        }

        return text.ToString();
    }

    private static string Shown(string text) => new([.. text.Take(200).Select(c => char.IsControl(c) ? ' ' : c)]);
}
