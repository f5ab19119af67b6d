namespace Gatehouse.Delegate;

/// <summary>Collects orphans of running tasks that died, so that a long task does not fill the process table with the dead of its background jobs.</summary>
internal sealed class OrphanCollector(ChildProcesses children, TimeProvider time)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(5);

    internal async Task RunAsync(CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                await Task.Delay(s_pause, time, cancel);
                if (OperatingSystem.IsLinux() && children.HasTasks)
                    children.ReapOrphans();
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
        }
    }
}
