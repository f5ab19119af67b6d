using System.Diagnostics;
using System.Globalization;
using Gatehouse.Soak.Reporting;

namespace Gatehouse.Soak;

/// <summary>The command: runs, prints, writes when asked, and says by its exit code how it went.</summary>
internal static class SoakCommand
{
    private const int Failed = 1;

    public static async Task<int> RunAsync(SoakPlan plan, bool write, string repository, string? server, CancellationToken cancellationToken)
    {
        var command = string.Create(CultureInfo.InvariantCulture, $"./bench soak --minutes {plan.Duration.TotalMinutes:0.##} --seed {plan.Seed}{(plan.CheckNative ? " --check-native" : "")}{string.Concat(plan.Settings.Select(s => $" --set {s.Key}={s.Value}"))}");
        var folder = Directory.CreateTempSubdirectory("gatehouse-soak-");
        try
        {
            var report = await SoakRun.RunAsync(plan, server ?? Beside(), folder.FullName, Console.Error.WriteLine, cancellationToken);
            var markdown = SoakMarkdown.Of(report, command, Commit(repository));
            await Console.Out.WriteAsync(markdown);
            if (write)
                await SoakPage.WriteAsync(repository, plan.CheckNative, markdown, cancellationToken);
            return report.Violations.Count == 0 ? 0 : Failed;
        }
        catch (SoakFailedException e)
        {
            await Console.Error.WriteLineAsync($"The run failed and shows nothing. {e.Message}");
            return Failed;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("Stopped; what the run had started is ended.");
            return Failed;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // artifacts/bin/<project>/<configuration>/
    private static string Beside()
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var path = Path.Combine(own.Parent!.Parent!.FullName, "Gatehouse.Server", own.Name, "Gatehouse.Server.dll");
        return File.Exists(path) ? path : throw new SoakFailedException($"{path} is not built. ./bench soak builds it.");
    }

    private static string Commit(string repository)
    {
        using var git = Process.Start(new ProcessStartInfo("git", ["-C", repository, "rev-parse", "--short=10", "HEAD"]) { RedirectStandardOutput = true, RedirectStandardError = true });
        var commit = git?.StandardOutput.ReadToEnd().Trim();
        return string.IsNullOrEmpty(commit) ? "an unknown commit" : commit;
    }
}
