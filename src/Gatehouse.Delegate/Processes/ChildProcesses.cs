using System.Diagnostics;

namespace Gatehouse.Delegate;

/// <summary>
/// All children of the delegate: those it started itself, whose end the platform collects, and orphans of tasks that it adopted as the
/// subreaper, which nobody else would collect. One lock keeps the two apart: a child is known before it can be mistaken for an orphan.
/// </summary>
internal sealed class ChildProcesses
{
    private readonly Lock _lock = new();
    private readonly HashSet<int> _own = [];
    private readonly Dictionary<string, TaskTree> _trees = [];

    /// <summary>True while there may be orphans.</summary>
    internal bool HasTasks
    {
        get
        {
            lock (_lock)
                return _trees.Count > 0;
        }
    }

    /// <summary>Starts a task's first process, and from then on knows what belongs to the task.</summary>
    internal (Process Process, TaskTree Tree) StartTask(ProcessStartInfo start)
    {
        var runId = Guid.NewGuid().ToString("N");
        start.Environment[TaskTree.Marker] = runId;
        lock (_lock)
        {
            var startTicks = OperatingSystem.IsLinux() ? ProcEntry.NowTicks() : 0;
            var process = Process.Start(start) ?? throw new InvalidOperationException("No process was started.");
            _own.Add(process.Id);
            var tree = new TaskTree(this, runId, process, startTicks);
            _trees[runId] = tree;
            return (process, tree);
        }
    }

    /// <summary>Forgets a task none of whose processes is left; the end of its first one has been collected.</summary>
    internal void Ended(TaskTree tree)
    {
        lock (_lock)
        {
            _trees.Remove(tree.RunId);
            _own.Remove(tree.Root.Id);
        }
    }

    /// <summary>The living processes that belong to the task.</summary>
    internal List<ProcEntry> MembersOf(TaskTree tree)
    {
        lock (_lock)
        {
            var all = ReapOrphans();
            var members = all.Where(entry => !entry.IsZombie && entry.Pid != Environment.ProcessId && IsFirstHandMember(tree, entry)).ToDictionary(entry => entry.Pid);

            // Children of members are members; a few rounds reach the leaves.
            for (var before = -1; before != members.Count;)
            {
                before = members.Count;
                foreach (var entry in all.Where(entry => !entry.IsZombie && !members.ContainsKey(entry.Pid) && members.ContainsKey(entry.Parent)))
                    members[entry.Pid] = entry;
            }

            return [.. members.Values];
        }
    }

    /// <summary>Collects dead orphans; answers all processes.</summary>
    internal List<ProcEntry> ReapOrphans()
    {
        lock (_lock)
        {
            var all = ProcEntry.All();
            foreach (var entry in all)
            {
                if (entry.IsZombie && entry.Parent == Environment.ProcessId && !_own.Contains(entry.Pid))
                    Native.Reap(entry.Pid);
            }

            return all;
        }
    }

    private bool IsFirstHandMember(TaskTree tree, ProcEntry entry)
    {
        if (entry.Pid == tree.Root.Id || entry.Session == tree.Root.Id)
            return true;
        if (entry.StartTicks < tree.StartTicks)
            return false;
        var marker = entry.Variable(TaskTree.Marker);
        if (marker == tree.RunId)
            return true;

        // An orphan that took the marker off: it can only come from a task that ran when it started. When no other such task is left, it goes with this one.
        return entry.Parent == Environment.ProcessId && !_own.Contains(entry.Pid) && (marker is null || !_trees.ContainsKey(marker))
            && !_trees.Values.Any(other => other != tree && other.StartTicks <= entry.StartTicks);
    }
}
