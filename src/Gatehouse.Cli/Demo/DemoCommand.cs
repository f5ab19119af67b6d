using System.CommandLine;
using Gatehouse.Cli.Output;

namespace Gatehouse.Cli.Demo;

internal static class DemoCommand
{
    /// <summary>Lines of each log that are shown when a step fails.</summary>
    private const int TailLines = 25;

    public static Command Build()
    {
        var keep = new Option<bool>("--keep") { Description = "Leave everything running at the end, and say where it is and how to stop it" };
        var command = new Command("demo", "The whole story in one command, in a temporary folder: from an empty server to STRICT, each step checked") { keep };
        command.Runs((call, cancellationToken) => RunAsync(call, call.Get(keep), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(Invocation call, bool keep, CancellationToken cancellationToken)
    {
        var report = new DemoReport(call.Terminal, call.Time);
        await using var scene = new DemoScene();
        try
        {
            await new DemoStory(scene, report, call.Time).TellAsync(cancellationToken);
        }
        catch (DemoFailure failure)
        {
            call.Say($"Expected: {Safe.Text(failure.Expected)}");
            call.Say($"Seen:     {Safe.Text(failure.Seen)}");
            foreach (var child in scene.Children)
            {
                call.Say($"--- {child.Name} ({(child.HasEnded ? "ended" : "running")}), the end of its log:");
                call.Say(Safe.Text(Tail(child.ReadLog())));
            }

            return ExitCodes.Failed;
        }

        report.Line($"All of it worked, in {Words.Span(report.Elapsed)}.");
        if (keep)
        {
            scene.Keep();
            TellWhereItIs(scene, report);
        }

        return ExitCodes.Done;
    }

    private static void TellWhereItIs(DemoScene scene, DemoReport report)
    {
        var running = scene.Children.Where(child => !child.HasEnded).ToList();
        report.Line();
        report.Line("It goes on running:");
        report.Detail($"operator API  {scene.Server.OperatorUrl}");
        report.Detail($"operator key  {scene.Server.OperatorKeyFile}");
        report.Detail($"delegates     {scene.DedicatedUrl}");
        report.Detail($"server CA     {scene.Server.ServerCaPath}");
        report.Detail($"account       {DemoScene.Account}, its certificates in {Path.GetDirectoryName(scene.Ca.Certificate)}");
        report.Detail($"logs          {scene.Folder}/*.log");
        report.Line("Look around:");
        report.Detail($"./gatehouse delegates --account {DemoScene.Account} --data {scene.DataDirectory}");
        report.Detail($"./gatehouse refusals --follow --data {scene.DataDirectory}");
        report.Line("Stop it and remove it:");
        report.Detail($"kill {string.Join(' ', running.Select(child => child.ProcessId))}; sleep 2; rm -r {scene.Folder}");
    }

    private static string Tail(string log)
    {
        var lines = log.TrimEnd().Split('\n');
        return string.Join('\n', lines.TakeLast(TailLines));
    }
}
