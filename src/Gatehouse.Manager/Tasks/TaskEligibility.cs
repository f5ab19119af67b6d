using Gatehouse.Manager.Delegates;

namespace Gatehouse.Manager.Tasks;

/// <summary>Who may have a task: one predicate for polls, pushes, acquire and the explanation why nobody may (protocol sheet §6.2).</summary>
/// <remarks>
/// Upstream fixes the list of delegates when the task is queued. Here it is asked anew each time, so that a delegate that
/// connects while the task waits can take it.
/// </remarks>
internal static class TaskEligibility
{
    public static bool Fits(QueuedTask task, DelegateState worker)
    {
        var facts = worker.Facts;
        if (!facts.TaskTypeSet.Contains(task.Type) || task.TriedBy.Contains(worker.Id))
            return false;
        foreach (var selector in task.Selectors)
        {
            if (!facts.Selectors.Contains(selector))
                return false;
        }
        return true;
    }

    /// <summary>Why a connected delegate does not fit, in words.</summary>
    public static string Lacks(QueuedTask task, DelegateState worker)
    {
        var facts = worker.Facts;
        var missing = task.Selectors.Where(selector => !facts.Selectors.Contains(selector)).ToList();
        return (facts.TaskTypeSet.Contains(task.Type), missing.Count) switch
        {
            (false, 0) => $"'{facts.Name}' does not run {task.Type}",
            (false, _) => $"'{facts.Name}' does not run {task.Type} and lacks {string.Join(", ", missing)}",
            _ => $"'{facts.Name}' lacks {string.Join(", ", missing)}",
        };
    }
}
