using System.Diagnostics;

namespace Gatehouse.Delegate;

/// <summary>
/// Everything a task started, however it hid: its session, all descendants, all that carry its marker in their environment (a double fork
/// with setsid keeps it), and orphans without a marker that no other task can own.
/// </summary>
internal sealed class TaskTree(ChildProcesses children, string runId, Process root, long startTicks)
{
    /// <summary>The variable by which processes of a task are known. Its value is new for each run: task ids of two delegates on one machine may be the same.</summary>
    internal const string Marker = "GATEHOUSE_TASK_RUN";

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    internal string RunId => runId;

    internal Process Root => root;

    internal long StartTicks => startTicks;

    /// <summary>Ends all that is left: asks, waits, kills, and looks again until nothing is left.</summary>
    /// <param name="grace">How long to wait between asking and killing.</param>
    /// <returns>What was running, as <c>name (pid)</c>; and whether all of it is gone: a process in an uninterruptible call, or another user's, may not be.</returns>
    internal async Task<(IReadOnlyList<string> Stopped, bool AllGone)> EndAsync(TimeSpan grace)
    {
        if (!OperatingSystem.IsLinux())
        {
            root.Kill(entireProcessTree: true);
            return ([], true);
        }

        var stopped = new Dictionary<int, string>();
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var members = children.MembersOf(this);
            if (members.Count == 0)
                return ([.. stopped.Values], true);
            if (watch.Elapsed > grace + s_patience)
                return ([.. stopped.Values], false);
            foreach (var member in members)
            {
                // Asked once, then killed; what appears after the grace is killed at once, so that a fork loop ends.
                if (watch.Elapsed >= grace)
                    Native.Signal(member.Pid, Native.SigKill);
                else if (!stopped.ContainsKey(member.Pid))
                    Native.Signal(member.Pid, Native.SigTerm);
                stopped.TryAdd(member.Pid, $"{member.Name} ({member.Pid})");
            }

            await Task.Delay(s_pause);
        }
    }
}
